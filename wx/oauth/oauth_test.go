package oauth

import (
	"context"
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
	"wxhub/wx/transport"
)

const (
	secret = "CANARY-appsecret-5120"
	token  = "CANARY-user-token-31"
)

type platform struct {
	*Client
	urls []string
}

// newPlatform is a WeChat that gives one answer to each of the two calls.
func newPlatform(t testing.TB, redeem, userInfo string) *platform {
	t.Helper()
	p := &platform{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.urls = append(p.urls, r.URL.String())
		w.Header().Set("Content-Type", "text/plain")
		answer := redeem
		if r.URL.Path == "/sns/userinfo" {
			answer = userInfo
		}
		if answer == "500" {
			w.WriteHeader(http.StatusInternalServerError)
		}
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(s.Close)
	client, err := transport.NewClient(transport.Hosts{"api.weixin.qq.com": s.URL})
	if err != nil {
		t.Fatal(err)
	}
	p.Client = New(client, []wx.LoginSite{
		{AppID: "wxmp", Kind: model.OfficialAccount, Secret: secret},
		{AppID: "wxweb", Kind: model.Website, Secret: secret},
		{AppID: "wxapp", Kind: model.MobileApp, Secret: secret},
	})
	return p
}

func granted(openID, scope, more string) string {
	return fmt.Sprintf(`{"access_token":%q,"expires_in":7200,"refresh_token":"R","openid":%q,"scope":%q%s}`, token, openID, scope, more)
}

func TestRedeem(t *testing.T) {
	info := `{"openid":"o1","nickname":"","unionid":"u1"}`
	for name, c := range map[string]struct {
		app, redeem, userInfo string
		want                  wx.Grant
		calls                 int
	}{
		"silent":                     {"wxmp", granted("o1", "snsapi_base", ""), info, wx.Grant{OpenID: "o1"}, 1},
		"silent, union id given":     {"wxmp", granted("o1", "snsapi_base", `,"unionid":"u2"`), info, wx.Grant{OpenID: "o1", UnionID: "u2"}, 1},
		"agreed":                     {"wxmp", granted("o1", "snsapi_userinfo", ""), info, wx.Grant{OpenID: "o1", UnionID: "u1"}, 2},
		"agreed, union id given":     {"wxmp", granted("o1", "snsapi_userinfo", `,"unionid":"u2"`), info, wx.Grant{OpenID: "o1", UnionID: "u2"}, 1},
		"two scopes":                 {"wxmp", granted("o1", "snsapi_base,snsapi_userinfo", ""), info, wx.Grant{OpenID: "o1", UnionID: "u1"}, 2},
		"a scope of a similar name":  {"wxmp", granted("o1", "snsapi_userinfo_x", ""), info, wx.Grant{OpenID: "o1"}, 1},
		"website":                    {"wxweb", granted("o1", "snsapi_login", ""), info, wx.Grant{OpenID: "o1", UnionID: "u1"}, 2},
		"mobile app":                 {"wxapp", granted("o1", "snsapi_userinfo", ""), info, wx.Grant{OpenID: "o1", UnionID: "u1"}, 2},
		"snapshot":                   {"wxmp", granted("o1", "snsapi_userinfo", `,"is_snapshotuser":1`), info, wx.Grant{OpenID: "o1", Snapshot: true}, 1},
		"snapshot with a union id":   {"wxmp", granted("o1", "snsapi_userinfo", `,"is_snapshotuser":1,"unionid":"u2"`), info, wx.Grant{OpenID: "o1", Snapshot: true}, 1},
		"userinfo is not authorized": {"wxmp", granted("o1", "snsapi_userinfo", ""), `{"errcode":48001,"errmsg":"api unauthorized"}`, wx.Grant{OpenID: "o1"}, 2},
		"userinfo is down":           {"wxmp", granted("o1", "snsapi_userinfo", ""), `500`, wx.Grant{OpenID: "o1"}, 2},
		"userinfo is not JSON":       {"wxmp", granted("o1", "snsapi_userinfo", ""), `<html>`, wx.Grant{OpenID: "o1"}, 2},
		"userinfo has none":          {"wxmp", granted("o1", "snsapi_userinfo", ""), `{"openid":"o1"}`, wx.Grant{OpenID: "o1"}, 2},
		"userinfo of somebody else":  {"wxmp", granted("o1", "snsapi_userinfo", ""), `{"openid":"o2","unionid":"u1"}`, wx.Grant{OpenID: "o1"}, 2},
		"userinfo with a strange id": {"wxmp", granted("o1", "snsapi_userinfo", ""), `{"openid":"o1","unionid":"u 1"}`, wx.Grant{OpenID: "o1"}, 2},
		"a token that would break":   {"wxmp", `{"access_token":"a&b","openid":"o1","scope":"snsapi_userinfo"}`, info, wx.Grant{OpenID: "o1"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlatform(t, c.redeem, c.userInfo)
			got, err := p.Redeem(t.Context(), c.app, "C0de_-")
			if err != nil || got != c.want || len(p.urls) != c.calls {
				t.Fatalf("got %+v, %v after %d calls", got, err, len(p.urls))
			}
			if want := "/sns/oauth2/access_token?appid=" + c.app + "&secret=" + secret + "&code=C0de_-&grant_type=authorization_code"; p.urls[0] != want {
				t.Errorf("got %s", p.urls[0])
			}
			if c.calls == 2 && p.urls[1] != "/sns/userinfo?access_token="+token+"&openid=o1&lang=zh_CN" {
				t.Errorf("got %s", p.urls[1])
			}
		})
	}
}

func TestRedeemRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		answer string
		want   error
	}{
		"code invalid":        {`{"errcode":40029,"errmsg":"invalid code C0DE ` + secret + `, hints: [ req_id: x ]"}`, wx.ErrCodeInvalid},
		"code expired":        {`{"errcode":42003,"errmsg":"oauth_code expired"}`, wx.ErrCodeInvalid},
		"code used":           {`{"errcode":40163,"errmsg":"code been used, hints: [ req_id: x ]"}`, wx.ErrCodeUsed},
		"blocked":             {`{"errcode":40226}`, wx.ErrUserBlocked},
		"too often":           {`{"errcode":45011}`, wx.ErrRateLimited},
		"quota":               {`{"errcode":45009}`, wx.ErrRateLimited},
		"not authorized":      {`{"errcode":48001,"errmsg":"api unauthorized"}`, wx.ErrRejected},
		"bad secret":          {`{"errcode":40125,"errmsg":"invalid appsecret"}`, wx.ErrRejected},
		"busy":                {`{"errcode":-1}`, wx.ErrBusy},
		"HTTP 500":            {`500`, wx.ErrBusy},
		"not JSON":            {`<html>`, wx.ErrBusy},
		"empty":               {`{}`, wx.ErrBusy},
		"null":                {`null`, wx.ErrBusy},
		"openid with a space": {granted("o 1", "snsapi_base", ""), wx.ErrBusy},
		"openid too long":     {granted(strings.Repeat("o", 129), "snsapi_base", ""), wx.ErrBusy},
		"a strange union id":  {granted("o1", "snsapi_base", `,"unionid":"u\n"`), wx.ErrBusy},
		"too large":           {strings.Repeat(" ", transport.MaxAnswer+1), wx.ErrBusy},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlatform(t, c.answer, "")
			got, err := p.Redeem(t.Context(), "wxmp", "C0DE")
			if !errors.Is(err, c.want) || got != (wx.Grant{}) {
				t.Fatalf("got %+v, %v", got, err)
			}
			text := fmt.Sprintf("%v %+v", err, model.AsError(err).Upstream)
			for _, hidden := range []string{secret, token, "C0DE"} {
				if strings.Contains(text, hidden) {
					t.Errorf("the error holds %s: %s", hidden, text)
				}
			}
		})
	}
}

// A code that could change the URL never leaves the house.
func TestRedeemChecksTheCodeFirst(t *testing.T) {
	p := newPlatform(t, granted("o1", "snsapi_base", ""), "")
	for _, code := range []string{"", "c1&appid=EVIL", "a b", "a/b", "a%26b", "ü", "a\n", strings.Repeat("a", 129)} {
		if _, err := p.Redeem(t.Context(), "wxmp", code); model.AsError(err).Kind != model.KindInvalid {
			t.Errorf("code %q: got %v", code, err)
		}
	}
	if _, err := p.Redeem(t.Context(), "wxother", "good"); model.AsError(err).Kind != model.KindInvalid {
		t.Errorf("unknown app: got %v", err)
	}
	if len(p.urls) != 0 {
		t.Errorf("%d calls reached WeChat", len(p.urls))
	}
}

func TestTheOpenIDIsEscaped(t *testing.T) {
	p := newPlatform(t, granted("o&lang=x#", "snsapi_userinfo", ""), `{"openid":"o&lang=x#","unionid":"u1"}`)
	got, err := p.Redeem(t.Context(), "wxmp", "C0DE")
	if err != nil || got.UnionID != "u1" || !strings.Contains(p.urls[1], "&openid=o%26lang%3Dx%23&lang=zh_CN") {
		t.Errorf("got %+v, %v, %s", got, err, p.urls[1])
	}
}

func TestRedeemHonoursItsContext(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer s.Close()
	client, err := transport.NewClient(transport.Hosts{"api.weixin.qq.com": s.URL})
	if err != nil {
		t.Fatal(err)
	}
	_, err = New(client, []wx.LoginSite{{AppID: "wxmp", Kind: model.OfficialAccount, Secret: secret}}).Redeem(ctx, "wxmp", "C0DE")
	if !errors.Is(err, wx.ErrTimeout) || strings.Contains(err.Error(), secret) {
		t.Errorf("got %v", err)
	}
}

func TestURLs(t *testing.T) {
	for name, c := range map[string][2]string{
		"official account": {
			AuthorizeURL("https://open.weixin.qq.com", "wxmp", "https://a.example/cb?x=1&y=a b", ScopeUserInfo, "S1"),
			"https://open.weixin.qq.com/connect/oauth2/authorize?appid=wxmp&redirect_uri=https%3A%2F%2Fa.example%2Fcb%3Fx%3D1%26y%3Da%20b&response_type=code&scope=snsapi_userinfo&state=S1#wechat_redirect",
		},
		"website": {
			QRConnectURL("https://open.weixin.qq.com/", "wxweb", "https://a.example/cb", ScopeLogin, "S1"),
			"https://open.weixin.qq.com/connect/qrconnect?appid=wxweb&redirect_uri=https%3A%2F%2Fa.example%2Fcb&response_type=code&scope=snsapi_login&state=S1#wechat_redirect",
		},
		"nothing breaks out": {
			AuthorizeURL("http://127.0.0.1:1", "a&b", "#", "x&state=y", "s#t+ü"),
			"http://127.0.0.1:1/connect/oauth2/authorize?appid=a%26b&redirect_uri=%23&response_type=code&scope=x%26state%3Dy&state=s%23t%2B%C3%BC#wechat_redirect",
		},
	} {
		if c[0] != c[1] {
			t.Errorf("%s:\n got %s\nwant %s", name, c[0], c[1])
		}
	}
}
