package server_test

import (
	"context"
	"time"

	"wxhub/model"
	"wxhub/wx"
)

// tokens is a token keeper and a WeChat behind it, of a few lines: what they do is
// tested where they are; here it counts who gets to them.
type tokens struct{}

var token = model.Token{Value: "kept-token", ExpiresAt: time.Now().Add(time.Hour)}

func (tokens) Token(context.Context, string, model.TokenKind) (model.Token, error) { return token, nil }

func (tokens) Replace(context.Context, string, model.TokenKind, model.Secret) (model.Token, error) {
	return token, nil
}

func (tokens) Hand(context.Context, string, model.TokenKind, string) (model.Token, error) {
	return token, nil
}

func (tokens) Holders(context.Context, string, string) ([]string, error) { return nil, nil }

func (tokens) Do(context.Context, string, wx.Call) (wx.Answer, error) {
	return wx.Answer{Status: 200, ContentType: "text/plain", Body: []byte(`{"ip_list":[]}`)}, nil
}
