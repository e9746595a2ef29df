package client

import (
	"context"
	"net/http"
)

// AccessToken is an app's access token at WeChat. It is a secret.
type AccessToken struct {
	AccessToken string `json:"access_token"`
	ExpiresIn   int64  `json:"expires_in"` // seconds that are left
}

// String keeps the token out of logs.
func (AccessToken) String() string { return "[access token]" }

// GoString does too.
func (AccessToken) GoString() string { return "[access token]" }

// AccessToken returns the token that wxhub keeps for an app. Ask each time you need one: it costs
// WeChat nothing.
func (c *Client) AccessToken(ctx context.Context, appID string) (AccessToken, error) {
	return do[AccessToken](ctx, c, call{method: http.MethodGet, path: []string{"apps", appID, "access-token"}})
}

// RefreshAccessToken reports a token that WeChat refused, and returns the one to use instead.
func (c *Client) RefreshAccessToken(ctx context.Context, appID, stale string) (AccessToken, error) {
	body := map[string]string{"stale": stale}
	return do[AccessToken](ctx, c, call{method: http.MethodPost, path: []string{"apps", appID, "access-token", "refresh"}, body: body, safe: true})
}
