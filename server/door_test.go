package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"wxhub/server/login"
)

func TestMobileAppLogsInWhomWeChatVouchesFor(t *testing.T) {
	w := newWorld(t)
	body := strings.Replace(loginBody("alice"), miniApp, mobileApp, 1)
	s := decode[login.Session](t, w.post(t, "/v1/login/mobile-app", "", body), 200)
	if !s.NewUser || s.TokenType != "Bearer" || s.ExpiresIn != 3600 || len(s.User.Identities) != 1 || s.User.Identities[0].Kind != "mobile_app" {
		t.Errorf("got %+v", s)
	}
	wantProblem(t, w.post(t, "/v1/login/mobile-app", "", body), 409, "login_code_used")
	if me := w.me(t, s.Token); me.ID != s.User.ID {
		t.Errorf("got %+v", me)
	}
	// The same person, by the UnionID, through another door.
	if again := w.login(t, "alice"); again.NewUser || again.User.ID != s.User.ID || len(again.User.Identities) != 2 {
		t.Errorf("got %+v", again)
	}
	wantProblem(t, w.post(t, "/v1/login/mobile-app", "", fmt.Sprintf(`{"app_id":%q,"code":"snapshot-1"}`, mobileApp)), 403, "snapshot_user")
	wantProblem(t, w.post(t, "/v1/login/mobile-app", "", loginBody("alice")), 422, "invalid_input") // a mini-program
	wantProblem(t, w.post(t, "/v1/login/mini-program", "", strings.Replace(loginBody("alice"), miniApp, mobileApp, 1)), 422, "invalid_input")
}

// Where the browser is sent, per door and scope; "" is a refusal.
func TestBrowserIsSentToWeChatWithTheScopeOfItsDoor(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct{ door, app, scope, want string }{
		{"official-account", "wx-oa", "", "snsapi_base"},
		{"official-account", "wx-oa", "snsapi_base", "snsapi_base"},
		{"official-account", "wx-oa", "snsapi_userinfo", "snsapi_userinfo"},
		{"official-account", "wx-oa", "snsapi_login", ""},
		{"official-account", "wx-oa", "snsapi_base,snsapi_userinfo", ""},
		{"official-account", "wx-oa", "SNSAPI_BASE", ""},
		{"official-account", "wx-site", "", ""},
		{"official-account", miniApp, "", ""},
		{"official-account", mobileApp, "", ""},
		{"official-account", "", "", ""},
		{"website", "wx-site", "", "snsapi_login"},
		{"website", "wx-site", "snsapi_base", "snsapi_login"}, // a website has one scope, whatever a link says
		{"website", "wx-oa", "", ""},
		{"website", "wx-nobody", "", ""},
	} {
		t.Run(c.door+" "+c.app+" "+c.scope, func(t *testing.T) {
			b := w.browser()
			a := b.get(t, "/v1/login/"+c.door+"?app_id="+c.app+"&scope="+c.scope)
			if c.want == "" {
				wantProblem(t, a, 422, "invalid_input")
				if len(b.cookies) > 0 || a.Header.Get("Location") != "" {
					t.Errorf("got %v", a.Header)
				}
				return
			}
			to := wantRedirect(t, a)
			q := to.Query()
			if to.Host != "open.example" || q.Get("appid") != c.app || q.Get("scope") != c.want ||
				q.Get("redirect_uri") != publicURL+"/v1/login/"+c.door+"/callback" || len(q.Get("state")) != 64 {
				t.Errorf("sent to %s", to)
			}
		})
	}
}

// A cookie is for this browser and this site; Secure exactly where there is https.
func TestCookiesOfBrowserLogins(t *testing.T) {
	for public, secure := range map[string]bool{"http://shop.example": false, "https://shop.example": true, "http://127.0.0.1:8080": false} {
		w := newWorld(t, func(s *setup) { s.Public = public })
		for _, d := range doors {
			t.Run(public+d.path, func(t *testing.T) {
				b := w.browser()
				wantRedirect(t, b.returns(t, d.path, codeOf("alice"), b.begins(t, d.path, d.app, "")))
				if len(b.cookies) != 2 {
					t.Errorf("cookies %v", b.cookies)
				}
				for name, life := range map[string]int{"wxhub_session": 3600, "wxhub_browser": 24 * 3600} {
					c := b.cookies[name]
					if c == nil || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.MaxAge != life || c.Secure != secure {
						t.Errorf("%s: %+v", name, c)
					}
				}
			})
		}
	}
}

func TestCallbackLogsInAndGoesBackToWhereTheBrowserWas(t *testing.T) {
	w := newWorld(t)
	for i, d := range doors {
		b := w.browser()
		state := b.begins(t, d.path, d.app, "&return_to=%2Fshop%3Fpage%3D2%23tea")
		before := b.cookies["wxhub_browser"].Value
		if to := wantRedirect(t, b.returns(t, d.path, codeOf("alice"), state)); to.String() != "/shop?page=2#tea" {
			t.Errorf("%s: sent to %s", d.path, to)
		}
		if me := b.get(t, "/v1/me"); me.Status != 200 || strings.Count(string(me.Body), "openid-alice") != i+1 {
			t.Errorf("status %d: %s", me.Status, me.Body)
		}
		b.begins(t, d.path, d.app, "") // the browser stays the one that it was
		if b.cookies["wxhub_browser"].Value != before {
			t.Error("the browser is another one")
		}
	}
	b := w.browser()
	if to := wantRedirect(t, b.returns(t, doors[0].path, codeOf("bob"), b.begins(t, doors[0].path, "wx-oa", ""))); to.String() != "/v1/me" {
		t.Errorf("sent to %s", to)
	}
}

// A cookie of another shape than ours would be weaker than it must be: it is replaced.
func TestBrowserCookieThatIsNotOursIsReplaced(t *testing.T) {
	w := newWorld(t)
	for _, value := range []string{"", "x", strings.Repeat("a", 42), strings.Repeat("a", 44), strings.Repeat("!", 43)} {
		b := w.browser()
		b.cookies["wxhub_browser"] = &http.Cookie{Name: "wxhub_browser", Value: value}
		b.begins(t, doors[0].path, "wx-oa", "")
		if got := b.cookies["wxhub_browser"].Value; got == value || len(got) != 43 {
			t.Errorf("%q became %q", value, got)
		}
	}
}

// Links pick up parameters on their way (utm_source, from=singlemessage, …).
func TestMoreQueryParametersDoNotHurtABrowserLogin(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	state := b.begins(t, doors[0].path, "wx-oa", "&utm_source=poster&from=singlemessage&isappinstalled=0")
	wantRedirect(t, b.get(t, doors[0].path+"/callback?from=timeline&code="+codeOf("alice")+"&state="+state+"&connect_redirect=1"))
	if b.cookies["wxhub_session"] == nil {
		t.Error("nobody is logged in")
	}
}

// The state, the code, the browser and the session are keys: no log holds them.
func TestBrowserLoginLeavesNoKeyInTheLog(t *testing.T) {
	w := newWorld(t)
	for _, d := range doors {
		b, code := w.browser(), codeOf("alice")
		state := b.begins(t, d.path, d.app, "&return_to=/private-place")
		b.returns(t, d.path, code, state)
		b.returns(t, d.path, code, state)
		b.returns(t, d.path, codeOf("alice"), state)
		b.get(t, "/v1/me")
		keys := []string{state, code, b.cookies["wxhub_browser"].Value, b.cookies["wxhub_session"].Value, "private-place", "openid-alice", "unionid-alice"}
		for _, key := range keys {
			if lines := w.log.lines(key); len(lines) > 0 {
				t.Errorf("%q in the log: %s", key, lines[0])
			}
		}
	}
	if len(w.log.lines("/v1/login/official-account/callback")) != 3 {
		t.Error("the requests are not in the log at all")
	}
}
