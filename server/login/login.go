// Package login serves the ways in and the way out: login through a mini-program, a
// mobile app, and, in a browser, an official account or a website; logout; who am I; and
// what a mini-program's user may have WeChat vouch for.
package login

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"wxhub/identity"
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

type handlers struct {
	identity  *identity.Service
	publicURL string
}

// Mount adds the routes. publicURL is where browsers see wxhub, without a trailing slash.
func Mount(app *fiber.App, api huma.API, s *identity.Service, publicURL string) {
	h := handlers{s, publicURL}
	h.mountBrowser(app, api)
	h.mountMini(api)
	edge.Register(api, huma.Operation{
		OperationID: "loginMiniProgram", Method: http.MethodPost, Path: "/v1/login/mini-program",
		Summary: "Log a mini-program user in", Tags: []string{"login"},
		Description: "Redeems the code of wx.login at WeChat. A code works once and for five minutes.",
		Errors:      []int{403, 409, 422, 429, 502, 504},
	}, h.miniProgram)
	edge.Register(api, huma.Operation{
		OperationID: "loginMobileApp", Method: http.MethodPost, Path: "/v1/login/mobile-app",
		Summary: "Log a user of a mobile app in", Tags: []string{"login"},
		Description: "Redeems the code that WeChat's OpenSDK gave the app (SendAuth). A code works once and for ten minutes.",
		Errors:      []int{403, 409, 422, 429, 502, 504},
	}, h.mobileApp)
	edge.Register(api, huma.Operation{
		OperationID: "logout", Method: http.MethodPost, Path: "/v1/logout", DefaultStatus: http.StatusNoContent,
		Summary: "End the session everywhere", Tags: []string{"login"}, Security: edge.User(),
	}, h.logout)
	edge.Register(api, huma.Operation{
		OperationID: "me", Method: http.MethodGet, Path: "/v1/me",
		Summary: "The user of this session", Tags: []string{"login"}, Security: edge.User(),
	}, h.me)
}

type codeInput struct {
	Body struct {
		AppID string `json:"app_id" minLength:"1" maxLength:"64"`
		Code  string `json:"code" pattern:"^[A-Za-z0-9_-]{1,128}$" patternDescription:"the code that WeChat gave"`
	}
}

type sessionOutput struct{ Body Session }

func (h handlers) miniProgram(ctx context.Context, in *codeInput) (*sessionOutput, error) {
	return session(h.identity.LoginMiniProgram(ctx, in.Body.AppID, in.Body.Code))
}

func (h handlers) mobileApp(ctx context.Context, in *codeInput) (*sessionOutput, error) {
	return session(h.identity.LoginMobileApp(ctx, in.Body.AppID, in.Body.Code))
}

func session(l identity.Login, err error) (*sessionOutput, error) {
	if err != nil {
		return nil, err
	}
	return &sessionOutput{Session{
		Token: l.Token, TokenType: "Bearer", ExpiresIn: int64(l.ExpiresIn.Seconds()),
		NewUser: l.NewUser, User: identity.View(l.Person),
	}}, nil
}

type logoutOutput struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
}

// logout ends the session, and takes the cookie of a browser away.
func (h handlers) logout(ctx context.Context, _ *struct{}) (*logoutOutput, error) {
	gone := edge.NewCookie(edge.SessionCookie, "", 0, h.publicURL)
	gone.MaxAge = -1
	return &logoutOutput{gone}, h.identity.Logout(ctx, edge.CallerOf(ctx).Token)
}

type userOutput struct{ Body identity.UserView }

func (h handlers) me(ctx context.Context, _ *struct{}) (*userOutput, error) {
	return user(h.identity.Person(ctx, edge.CallerOf(ctx).Session.UserID))
}

func user(p identity.Person, err error) (*userOutput, error) {
	if err != nil {
		return nil, err
	}
	return &userOutput{identity.View(p)}, nil
}
