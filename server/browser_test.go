package server_test

import (
	"net/http"
	"net/url"
	"testing"
)

// doors are the two logins in a browser.
var doors = []struct{ path, app string }{{"/v1/login/official-account", "wx-oa"}, {"/v1/login/website", "wx-site"}}

// browser keeps cookies, and follows redirects only when it is told to.
type browser struct {
	w       *world
	cookies map[string]*http.Cookie
}

func (w *world) browser() *browser { return &browser{w, map[string]*http.Cookie{}} }

func (b *browser) call(t testing.TB, method, path string, headers ...string) answer {
	t.Helper()
	cookie := ""
	for _, c := range b.cookies {
		cookie += c.Name + "=" + c.Value + "; "
	}
	if cookie != "" {
		headers = append([]string{"Cookie: " + cookie[:len(cookie)-2]}, headers...)
	}
	a := b.w.call(t, method, path, "", "", headers...)
	for _, c := range (&http.Response{Header: a.Header}).Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
			continue
		}
		b.cookies[c.Name] = c
	}
	return a
}

func (b *browser) get(t testing.TB, path string, headers ...string) answer {
	t.Helper()
	return b.call(t, http.MethodGet, path, headers...)
}

// begins starts a login and returns the state that WeChat would send back.
func (b *browser) begins(t testing.TB, door, app, more string) (state string) {
	t.Helper()
	to := wantRedirect(t, b.get(t, door+"?app_id="+app+more))
	if state = to.Query().Get("state"); len(state) != 64 {
		t.Fatalf("state %q", state)
	}
	return state
}

// returns is WeChat's redirect back to wxhub.
func (b *browser) returns(t testing.TB, door, code, state string) answer {
	t.Helper()
	return b.get(t, door+"/callback?"+url.Values{"code": {code}, "state": {state}}.Encode())
}

// logsIn is the whole way, through the official account.
func (b *browser) logsIn(t testing.TB, code string) {
	t.Helper()
	const door = "/v1/login/official-account"
	wantRedirect(t, b.returns(t, door, code, b.begins(t, door, "wx-oa", "")))
	if b.cookies["wxhub_session"] == nil {
		t.Fatal("nobody is logged in")
	}
}

// wantRedirect reads a redirect that nobody may keep or pass on.
func wantRedirect(t testing.TB, a answer) *url.URL {
	t.Helper()
	to, err := url.Parse(a.Header.Get("Location"))
	if err != nil || a.Status != http.StatusFound {
		t.Fatalf("status %d to %q: %s", a.Status, a.Header.Get("Location"), a.Body)
	}
	if a.Header.Get("Cache-Control") != "no-store" || a.Header.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("Cache-Control %q, Referrer-Policy %q", a.Header.Get("Cache-Control"), a.Header.Get("Referrer-Policy"))
	}
	return to
}
