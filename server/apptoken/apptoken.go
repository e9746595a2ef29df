// Package apptoken gives other programs the access tokens that wxhub keeps, so that
// none of them refreshes one by itself. Keys need the scope tokens; every answer is
// an audit line; refreshes are limited.
package apptoken

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"wxhub/model"
	"wxhub/server/edge"
)

// Keeper keeps tokens. wx/token.Keeper is one; the errors are those listed there.
type Keeper interface {
	Token(ctx context.Context, appID string, kind model.TokenKind) (model.Token, error)
	Replace(ctx context.Context, appID string, kind model.TokenKind, bad model.Secret) (model.Token, error)
}

type handlers struct {
	keeper Keeper
	limits *edge.Limits
	now    func() time.Time
	log    *slog.Logger
}

// Mount adds the routes.
func Mount(api huma.API, k Keeper, limits *edge.Limits, now func() time.Time, log *slog.Logger) {
	h := handlers{k, limits, now, log}
	tags, security := []string{"tokens"}, edge.Backend(edge.ScopeTokens)
	edge.Register(api, huma.Operation{
		OperationID: "getAccessToken", Method: http.MethodGet, Path: "/v1/apps/{app_id}/access-token",
		Summary: "An app's access token", Tags: tags, Security: security, Errors: []int{404, 429, 502, 504},
	}, h.get)
	edge.Register(api, huma.Operation{
		OperationID: "refreshAccessToken", Method: http.MethodPost, Path: "/v1/apps/{app_id}/access-token/refresh",
		Summary: "Report a bad access token", Tags: tags, Security: security, Errors: []int{404, 422, 429, 502, 504},
		Description: "Refreshes only if `stale` is still the current token; otherwise the current one is the answer.",
	}, h.refresh)
}

type getInput struct {
	AppID string `path:"app_id" maxLength:"64"`
}

type accessToken struct {
	AccessToken string `json:"access_token"`
	ExpiresIn   int64  `json:"expires_in" doc:"seconds that are left"`
}

type output struct {
	CacheControl string `header:"Cache-Control"`
	Body         accessToken
}

func (h handlers) get(ctx context.Context, in *getInput) (*output, error) {
	if err := h.limits.Read(edge.CallerOf(ctx).KeyName); err != nil {
		return nil, err
	}
	t, err := h.keeper.Token(ctx, in.AppID, model.AccessToken)
	return h.answer(ctx, "access token given", in.AppID, t, err)
}

type refreshInput struct {
	AppID string `path:"app_id" maxLength:"64"`
	Body  struct {
		Stale string `json:"stale" minLength:"1" maxLength:"1024" doc:"the token that WeChat refused"`
	}
}

func (h handlers) refresh(ctx context.Context, in *refreshInput) (*output, error) {
	if err := h.limits.Change(edge.CallerOf(ctx).KeyName); err != nil {
		return nil, err
	}
	t, err := h.keeper.Replace(ctx, in.AppID, model.AccessToken, model.Secret(in.Body.Stale))
	return h.answer(ctx, "access token reported bad", in.AppID, t, err)
}

func (h handlers) answer(ctx context.Context, what, appID string, t model.Token, err error) (*output, error) {
	if err != nil {
		return nil, err
	}
	h.log.InfoContext(ctx, what, "audit", true, "key", edge.CallerOf(ctx).KeyName, "app_id", appID)
	left := max(int64(t.ExpiresAt.Sub(h.now()).Seconds()), 0)
	return &output{"no-store", accessToken{t.Value.Reveal(), left}}, nil
}
