// Package login serves the ways in and the way out: login through a mini-program,
// logout, and who am I.
package login

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"wxhub/identity"
	"wxhub/model"
	"wxhub/server/edge"
)

// Session is a fresh session (CONTRACT §3). The token is shown here only.
type Session struct {
	Token     string            `json:"token" doc:"send it as Authorization: Bearer"`
	TokenType string            `json:"token_type" enum:"Bearer"`
	ExpiresIn int64             `json:"expires_in" doc:"seconds"`
	NewUser   bool              `json:"new_user"`
	User      identity.UserView `json:"user"`
}

type handlers struct{ identity *identity.Service }

// Mount adds the routes.
func Mount(api huma.API, s *identity.Service) {
	h := handlers{s}
	edge.Register(api, huma.Operation{
		OperationID: "loginMiniProgram", Method: http.MethodPost, Path: "/v1/login/mini-program",
		Summary: "Log a mini-program user in", Tags: []string{"login"},
		Description: "Redeems the code of wx.login at WeChat. A code works once and for five minutes.",
		Errors:      []int{403, 409, 422, 429, 502, 504},
	}, h.miniProgram)
	edge.Register(api, huma.Operation{
		OperationID: "logout", Method: http.MethodPost, Path: "/v1/logout", DefaultStatus: http.StatusNoContent,
		Summary: "End the session everywhere", Tags: []string{"login"}, Security: edge.User(),
	}, h.logout)
	edge.Register(api, huma.Operation{
		OperationID: "me", Method: http.MethodGet, Path: "/v1/me",
		Summary: "The user of this session", Tags: []string{"login"}, Security: edge.User(),
	}, h.me)
}

type miniProgramInput struct {
	Body struct {
		AppID string `json:"app_id" minLength:"1" maxLength:"64" doc:"the mini-program"`
		Code  string `json:"code" pattern:"^[A-Za-z0-9_-]{1,128}$" patternDescription:"the code that wx.login gave"`
	}
}

type sessionOutput struct{ Body Session }

func (h handlers) miniProgram(ctx context.Context, in *miniProgramInput) (*sessionOutput, error) {
	l, err := h.identity.LoginMiniProgram(ctx, in.Body.AppID, in.Body.Code)
	if err != nil {
		return nil, err
	}
	return &sessionOutput{Session{
		Token: l.Token, TokenType: "Bearer", ExpiresIn: int64(l.ExpiresIn.Seconds()),
		NewUser: l.NewUser, User: identity.View(l.Person),
	}}, nil
}

func (h handlers) logout(ctx context.Context, _ *struct{}) (*struct{}, error) {
	return nil, h.identity.Logout(ctx, edge.CallerOf(ctx).Token)
}

type userOutput struct{ Body identity.UserView }

func (h handlers) me(ctx context.Context, _ *struct{}) (*userOutput, error) {
	p, err := h.identity.Person(ctx, edge.CallerOf(ctx).Session.UserID)
	if model.CodeOf(err) == "user_not_found" { // the store was replaced, Redis was not
		return nil, identity.ErrNoSession
	}
	if err != nil {
		return nil, err
	}
	return &userOutput{identity.View(p)}, nil
}
