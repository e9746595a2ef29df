// Package forward passes calls of other programs on to WeChat's API with the app's
// access token filled in, if their path is on a list, and hands the answers through as
// they are. A call that WeChat answers with "that token is bad" is repeated once with a
// new one (wx/api), so the program behind it never sees 40001.
package forward

import (
	"context"
	"net/http"
	"regexp"
	"strings"

	"wxhub/wx"
	"wxhub/wx/api"
)

// Forwarder forwards calls. Allow lists path prefixes; a prefix that begins with '!'
// forbids, and the longest prefix decides.
type Forwarder struct {
	Client *http.Client // from transport.NewClient
	Tokens api.Tokens
	Allow  []string
}

// Do forwards one call for an app.
//
// Errors: wx.ErrPath; those of token.Keeper; wx.ErrBusy, wx.ErrTimeout.
func (f *Forwarder) Do(ctx context.Context, appID string, c wx.Call) (wx.Answer, error) {
	if !f.allowed(c.Path) {
		return wx.Answer{}, wx.ErrPath
	}
	client := api.Client{HTTP: f.Client, Tokens: f.Tokens}
	return client.Do(ctx, appID, c)
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
