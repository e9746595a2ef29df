package api

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"

	"wxhub/model"
	"wxhub/wx"
	"wxhub/wx/transport"
)

// Tokens gives access tokens. token.Keeper is one.
type Tokens interface {
	Token(ctx context.Context, appID string, kind model.TokenKind) (model.Token, error)
	Replace(ctx context.Context, appID string, kind model.TokenKind, bad model.Secret) (model.Token, error)
}

// Client calls WeChat's API for every configured app.
type Client struct {
	HTTP   *http.Client // from transport.NewClient
	Tokens Tokens
}

// Do makes one call with the app's access token and hands the answer through as it is,
// whatever its status and errcode. A call whose token WeChat refuses is repeated once
// with another.
//
// Errors: those of token.Keeper; invalid_input for a path that makes no URL; wx.ErrBusy,
// wx.ErrTimeout.
func (c *Client) Do(ctx context.Context, appID string, call wx.Call) (wx.Answer, error) {
	a, _, err := c.do(ctx, appID, call)
	return a, err
}

// do also returns the token that the answer was given to.
func (c *Client) do(ctx context.Context, appID string, call wx.Call) (wx.Answer, model.Secret, error) {
	t, err := c.Tokens.Token(ctx, appID, model.AccessToken)
	if err != nil {
		return wx.Answer{}, "", err
	}
	a, err := c.send(ctx, call, t.Value)
	if err != nil || !refusedToken(a) {
		return a, t.Value, err
	}
	if t, err = c.Tokens.Replace(ctx, appID, model.AccessToken, t.Value); err != nil {
		return wx.Answer{}, "", err
	}
	a, err = c.send(ctx, call, t.Value)
	return a, t.Value, err
}

func (c *Client) send(ctx context.Context, call wx.Call, token model.Secret) (wx.Answer, error) {
	query := url.Values{}
	for name, values := range call.Query {
		query[name] = values
	}
	query.Set("access_token", token.Reveal())
	target := url.URL{Scheme: "https", Host: "api.weixin.qq.com", Path: call.Path, RawQuery: query.Encode()}
	req, err := http.NewRequestWithContext(ctx, call.Method, target.String(), bytes.NewReader(call.Body))
	if err != nil {
		return wx.Answer{}, model.InvalidField("path", "cannot be forwarded")
	}
	if call.ContentType != "" {
		req.Header.Set("Content-Type", call.ContentType)
	}
	got, err := c.HTTP.Do(req)
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
