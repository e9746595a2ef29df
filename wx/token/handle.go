package token

import (
	"context"

	"wxhub/model"
)

// Handle is one app's access token in the form that silenceper/wechat asks for
// (credential.AccessTokenContextHandle): with it, the SDK never refreshes by itself.
type Handle struct {
	Keeper *Keeper
	AppID  string
}

// GetAccessToken returns the access token.
func (h Handle) GetAccessToken() (string, error) {
	return h.GetAccessTokenContext(context.Background())
}

// GetAccessTokenContext returns the access token, within ctx.
func (h Handle) GetAccessTokenContext(ctx context.Context) (string, error) {
	t, err := h.Keeper.Token(ctx, h.AppID, model.AccessToken)
	return t.Value.Reveal(), err
}
