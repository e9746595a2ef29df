package token_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/wx"
	"wxhub/wx/token"
	"wxhub/wx/transport"
)

const (
	canarySecret = "CANARY-appsecret-7731"
	canaryAccess = "CANARY-access-token-52"
)

func platformThat(t *testing.T, answer http.HandlerFunc) token.Platform {
	t.Helper()
	s := httptest.NewServer(answer)
	t.Cleanup(s.Close)
	client, err := transport.NewClient(transport.Hosts{"api.weixin.qq.com": s.URL})
	if err != nil {
		t.Fatal(err)
	}
	return token.Platform{Client: client}
}

// The calls as WeChat documents them (PROTOCOL §6.1, §6.4).
func TestPlatformAsksAsWeChatDocuments(t *testing.T) {
	for name, c := range map[string]struct {
		classic, force bool
		kind           model.TokenKind
		want           string
		life           time.Duration
	}{
		"stable":        {kind: model.AccessToken, want: `POST /cgi-bin/stable_token {"appid":"wx1","force_refresh":false,"grant_type":"client_credential","secret":"` + canarySecret + `"}`, life: 7200 * time.Second},
		"stable forced": {kind: model.AccessToken, force: true, want: `POST /cgi-bin/stable_token {"appid":"wx1","force_refresh":true,"grant_type":"client_credential","secret":"` + canarySecret + `"}`, life: 7200 * time.Second},
		"classic":       {kind: model.AccessToken, classic: true, want: `GET /cgi-bin/token?appid=wx1&grant_type=client_credential&secret=` + canarySecret + ` `, life: 7200 * time.Second},
		"jsapi ticket":  {kind: model.JSAPITicket, want: `GET /cgi-bin/ticket/getticket?access_token=` + canaryAccess + `&type=jsapi `, life: 7200 * time.Second},
		"card ticket":   {kind: model.WxCardTicket, want: `GET /cgi-bin/ticket/getticket?access_token=` + canaryAccess + `&type=wx_card `, life: 7200 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			var got string
			p := platformThat(t, func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				got = r.Method + " " + r.URL.RequestURI() + " " + string(body)
				_, _ = w.Write([]byte(`{"access_token":"at","ticket":"ti","expires_in":7200}`))
			})
			value, life, err := p.Fetch(t.Context(), token.App{ID: "wx1", Secret: canarySecret, Classic: c.classic}, c.kind, canaryAccess, c.force)
			want := map[bool]string{true: "at", false: "ti"}[c.kind == model.AccessToken]
			if err != nil || value.Reveal() != want || life != c.life {
				t.Errorf("got %q, %s, %v", value.Reveal(), life, err)
			}
			if got != c.want {
				t.Errorf("asked %s\nwant  %s", got, c.want)
			}
		})
	}
}

func TestPlatformAnswers(t *testing.T) {
	says := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}
	}
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   error
		says   string // part of the sentence for the caller
	}{
		"a minute to live":   {says(200, `{"access_token":"x","expires_in":60}`), nil, ""},
		"wrong secret":       {says(200, `{"errcode":40125,"errmsg":"invalid appsecret"}`), wx.ErrTokenRefused, "appsecret in the configuration"},
		"wrong app":          {says(200, `{"errcode":40013,"errmsg":"invalid appid"}`), wx.ErrTokenRefused, "appid is wrong"},
		"address not listed": {says(200, `{"errcode":40164,"errmsg":"invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist"}`), wx.ErrTokenRefused, "add 203.0.113.7 to"},
		"quota":              {says(200, `{"errcode":45009,"errmsg":"reach max api daily quota limit"}`), wx.ErrTokenRefused, "quota"},
		"too often just now": {says(200, `{"errcode":45011,"errmsg":"api minute-quota reach limit"}`), wx.ErrRateLimited, ""},
		"busy":               {says(200, `{"errcode":-1,"errmsg":"system error"}`), wx.ErrBusy, ""},
		"HTTP 502":           {says(502, `<html>`), wx.ErrBusy, ""},
		"not JSON":           {says(200, `<html>`), wx.ErrBusy, ""},
		"nothing":            {says(200, `{}`), wx.ErrBusy, ""},
		"no life":            {says(200, `{"access_token":"x","expires_in":0}`), wx.ErrBusy, ""},
		"cut off":            {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, wx.ErrBusy, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := platformThat(t, c.answer)
			for _, classic := range []bool{false, true} {
				_, _, err := p.Fetch(t.Context(), token.App{ID: "wx1", Secret: canarySecret, Classic: classic}, model.AccessToken, canaryAccess, false)
				if !errors.Is(err, c.want) || (c.says != "" && !strings.Contains(model.AsError(err).Message, c.says)) {
					t.Errorf("got %v", err)
				}
				if text := fmt.Sprintf("%v %+v", err, err); strings.Contains(text, "CANARY") {
					t.Errorf("a secret is in %s", text)
				}
			}
		})
	}
	p := platformThat(t, says(200, `{}`))
	if _, _, err := p.Fetch(t.Context(), token.App{ID: "wx1"}, "no_such_kind", "", false); model.CodeOf(err) != "token_kind_unknown" {
		t.Errorf("got %v", err)
	}
}
