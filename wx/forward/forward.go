// Package forward passes calls of other programs on to WeChat's API with the app's
// access token filled in. A call that WeChat answers with "that token is bad" is
// repeated once with a new one, so the program behind it never sees 40001.
package forward

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"wxhub/model"
	"wxhub/wx"
	"wxhub/wx/transport"
)

// Tokens gives access tokens. token.Keeper is one.
type Tokens interface {
	Token(ctx context.Context, appID string, kind model.TokenKind) (model.Token, error)
	Replace(ctx context.Context, appID string, kind model.TokenKind, bad model.Secret) (model.Token, error)
}

// Forwarder forwards calls. Allow lists path prefixes; a prefix that begins with '!'
// forbids, and the longest prefix decides.
type Forwarder struct {
	Client *http.Client // from transport.NewClient
	Tokens Tokens
	Allow  []string
}

// Do forwards one call for an app.
//
// Errors: wx.ErrPath; those of token.Keeper; wx.ErrBusy, wx.ErrTimeout.
func (f *Forwarder) Do(ctx context.Context, appID string, c wx.Call) (wx.Answer, error) {
	if !f.allowed(c.Path) {
		return wx.Answer{}, wx.ErrPath
	}
	t, err := f.Tokens.Token(ctx, appID, model.AccessToken)
	if err != nil {
		return wx.Answer{}, err
	}
	a, err := f.send(ctx, c, t.Value)
	if err != nil || !refusedToken(a) {
		return a, err
	}
	if t, err = f.Tokens.Replace(ctx, appID, model.AccessToken, t.Value); err != nil {
		return wx.Answer{}, err
	}
	return f.send(ctx, c, t.Value)
}

// plain are the paths that mean the same to everybody on the way: no dot segments, no
// empty ones, no escapes. What a proxy could read as another path is not judged.
var plain = regexp.MustCompile(`^(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)+$`)

// allowed compares what is forbidden without regard to case: nobody has said whether
// WeChat does.
func (f *Forwarder) allowed(path string) bool {
	if !plain.MatchString(path) {
		return false
	}
	best, allowed := -1, false
	for _, rule := range f.Allow {
		prefix, forbids := strings.CutPrefix(rule, "!")
		matches := strings.HasPrefix(path, prefix)
		if forbids {
			matches = strings.HasPrefix(strings.ToLower(path), strings.ToLower(prefix))
		}
		if matches && len(prefix) > best {
			best, allowed = len(prefix), !forbids
		}
	}
	return allowed
}

func (f *Forwarder) send(ctx context.Context, c wx.Call, token model.Secret) (wx.Answer, error) {
	query := url.Values{}
	for name, values := range c.Query {
		query[name] = values
	}
	query.Set("access_token", token.Reveal())
	target := url.URL{Scheme: "https", Host: "api.weixin.qq.com", Path: c.Path, RawQuery: query.Encode()}
	req, err := http.NewRequestWithContext(ctx, c.Method, target.String(), bytes.NewReader(c.Body))
	if err != nil {
		return wx.Answer{}, model.InvalidField("path", "cannot be forwarded")
	}
	if c.ContentType != "" {
		req.Header.Set("Content-Type", c.ContentType)
	}
	got, err := f.Client.Do(req)
	if err != nil {
		return wx.Answer{}, wx.Silent(transport.Cause(err))
	}
	defer func() { _ = got.Body.Close() }()
	body, err := io.ReadAll(got.Body)
	if err != nil {
		return wx.Answer{}, wx.Silent(err)
	}
	return wx.Answer{
		Status: got.StatusCode, ContentType: got.Header.Get("Content-Type"),
		ContentDisposition: got.Header.Get("Content-Disposition"), Body: body,
	}, nil
}

// refusedToken reads the errcode of an answer. WeChat often sends JSON as text/plain,
// so only what is clearly something else is not looked at.
func refusedToken(a wx.Answer) bool {
	kind, _, _ := mime.ParseMediaType(a.ContentType)
	if len(a.Body) > 4096 || strings.HasPrefix(kind, "image/") || strings.HasPrefix(kind, "audio/") || strings.HasPrefix(kind, "video/") {
		return false
	}
	var e struct {
		ErrCode int64 `json:"errcode"`
	}
	if json.Unmarshal(a.Body, &e) != nil {
		return false
	}
	return e.ErrCode == 40001 || e.ErrCode == 40014 || e.ErrCode == 42001
}
