package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"wxhub/model"
	"wxhub/wx"
)

// handed is a keeper that has handed its token to two backends; refuses is what its
// WeChat says.
type handed struct {
	tokens
	holders []string
	refuses error
}

func (h handed) Holders(context.Context, string, string) ([]string, error) { return h.holders, nil }

func (h handed) Hand(ctx context.Context, app string, kind model.TokenKind, holder string) (model.Token, error) {
	if h.refuses != nil {
		return model.Token{}, h.refuses
	}
	return h.tokens.Hand(ctx, app, kind, holder)
}

func wxapiWorld(t *testing.T, k handed) *world {
	t.Helper()
	return newWorld(t, func(s *setup) { s.Tokens = k })
}

const forwarded = "/v1/wxapi/wx0000000000000001/cgi-bin/user/info?access_token=kept-token"

// A token is good as long as one of the keys that it was handed to is.
func TestAHandedTokenIsGoodWhileOneOfItsHoldersIs(t *testing.T) {
	for name, c := range map[string]struct {
		holders []string
		status  int
	}{
		"the key exists":                     {[]string{"tokens"}, 200},
		"one of two keys was taken away":     {[]string{"gone", "tokens"}, 200},
		"all keys were taken away":           {[]string{"gone", "lost"}, 401},
		"its key has another scope now":      {[]string{"orders"}, 401},
		"it was never handed out by anybody": {nil, 401},
	} {
		t.Run(name, func(t *testing.T) {
			a := wxapiWorld(t, handed{holders: c.holders}).call(t, http.MethodGet, forwarded, "", "")
			var r struct{ ErrCode int }
			if err := json.Unmarshal(a.Body, &r); err != nil || a.Status != c.status || (c.status == 401) != (r.ErrCode == 40001) {
				t.Errorf("status %d: %s", a.Status, a.Body)
			}
		})
	}
}

// What WeChat refuses comes as WeChat would say it; what wxhub refuses has a status.
func TestRefusalsOfTheDropInFaceHaveWeChatsShape(t *testing.T) {
	for name, c := range map[string]struct {
		refuses error
		status  int
		errCode int
	}{
		"WeChat refuses":     {wx.TokenRefused("40164", "invalid ip 203.0.113.9, not in whitelist"), 200, 40164},
		"WeChat is silent":   {wx.ErrTimeout, 504, -1},
		"Redis is away":      {model.ErrUnavailable, 503, -1},
		"a fault of our own": {errors.New("s3cr3t cause"), 500, -1},
	} {
		t.Run(name, func(t *testing.T) {
			w := wxapiWorld(t, handed{refuses: c.refuses})
			a := w.call(t, http.MethodGet, "/v1/wxapi/wx0000000000000001/cgi-bin/token?secret="+tokensKey, "", "")
			var r struct {
				ErrCode int
				ErrMsg  string
			}
			if err := json.Unmarshal(a.Body, &r); err != nil || a.Status != c.status || r.ErrCode != c.errCode || r.ErrMsg == "" {
				t.Errorf("status %d: %s", a.Status, a.Body)
			}
			if strings.Contains(string(a.Body), "s3cr3t") || strings.Contains(strings.Join(w.log.lines(tokensKey), ""), tokensKey) {
				t.Error("something private was shown")
			}
		})
	}
}
