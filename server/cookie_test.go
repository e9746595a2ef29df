package server_test

import (
	"strings"
	"testing"

	"wxhub/pay"
)

func TestCookieIsAsGoodAsTheToken(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.logsIn(t, codeOf("alice"))
	if me := b.get(t, "/v1/me"); me.Status != 200 || !strings.Contains(string(me.Body), "openid-alice") {
		t.Errorf("status %d: %s", me.Status, me.Body)
	}
	w.me(t, b.cookies["wxhub_session"].Value) // the same token, in a header
	cookie := "Cookie: wxhub_session=" + b.cookies["wxhub_session"].Value
	decode[pay.OrderView](t, w.post(t, "/v1/orders", "", `{"collect_code":"counter-1","amount":10}`, cookie), 201)
	if lines := w.log.lines(`"caller":"user"`); len(lines) != 3 {
		t.Errorf("%d lines of a user", len(lines))
	}
}

func TestLogoutTakesTheCookieAwayAndEndsTheSession(t *testing.T) {
	w := newWorld(t, func(s *setup) { s.Public = "https://shop.example" })
	b := w.browser()
	b.logsIn(t, codeOf("alice"))
	token := b.cookies["wxhub_session"].Value
	a := b.call(t, "POST", "/v1/logout")
	if a.Status != 204 || b.cookies["wxhub_session"] != nil {
		t.Fatalf("status %d, %q", a.Status, a.Header.Get("Set-Cookie"))
	}
	// It must name the cookie as it was set, or the browser keeps the other one.
	for _, part := range []string{"wxhub_session=;", "Path=/;", "Max-Age=0", "HttpOnly", "Secure", "SameSite=Lax"} {
		if !strings.Contains(a.Header.Get("Set-Cookie"), part) {
			t.Errorf("%q lacks %q", a.Header.Get("Set-Cookie"), part)
		}
	}
	wantProblem(t, w.get(t, "/v1/me", token), 401, "session_invalid")
	wantProblem(t, b.get(t, "/v1/me"), 401, "unauthenticated")
}

// A page of another origin cannot act with the browser's cookie; a sister domain is the
// same site, so SameSite alone would let it.
func TestAnotherSiteCannotActWithTheCookie(t *testing.T) {
	for _, public := range []string{"http://shop.example", "https://shop.example", "http://shop.example:8080"} {
		w := newWorld(t, func(s *setup) { s.Public = public })
		b := w.browser()
		b.logsIn(t, codeOf("alice"))
		const body = `{"collect_code":"counter-1","amount":10}`
		for name, c := range map[string]struct {
			headers []string
			ok      bool
		}{
			"no word of where it comes from":  {nil, true},
			"this origin":                     {[]string{"Origin: " + public}, true},
			"this origin in capitals":         {[]string{"Origin: " + strings.ToUpper(public)}, true},
			"this origin, by fetch":           {[]string{"Origin: " + public, "Sec-Fetch-Site: same-origin"}, true},
			"typed by hand":                   {[]string{"Sec-Fetch-Site: none"}, true},
			"another origin":                  {[]string{"Origin: https://evil.example"}, false},
			"a sister domain":                 {[]string{"Origin: " + strings.Replace(public, "shop.", "blog.", 1)}, false},
			"a longer name":                   {[]string{"Origin: " + public + ".evil.example"}, false},
			"another port":                    {[]string{"Origin: " + public + "1"}, false},
			"another scheme":                  {[]string{"Origin: ftp://shop.example"}, false},
			"a sandboxed page":                {[]string{"Origin: null"}, false},
			"an origin with a path":           {[]string{"Origin: " + public + "/"}, false},
			"cross-site":                      {[]string{"Sec-Fetch-Site: cross-site"}, false},
			"same-site":                       {[]string{"Sec-Fetch-Site: same-site"}, false},
			"a word of a later browser":       {[]string{"Sec-Fetch-Site: somewhere"}, false},
			"this origin, yet cross-site":     {[]string{"Origin: " + public, "Sec-Fetch-Site: cross-site"}, false},
			"another origin, yet same-origin": {[]string{"Origin: https://evil.example", "Sec-Fetch-Site: same-origin"}, false},
		} {
			t.Run(public+" "+name, func(t *testing.T) {
				cookie := "Cookie: wxhub_session=" + b.cookies["wxhub_session"].Value
				a := w.post(t, "/v1/orders", "", body, append(c.headers, cookie)...)
				if !c.ok {
					wantProblem(t, a, 403, "cross_origin")
				} else if a.Status != 201 {
					t.Errorf("status %d: %s", a.Status, a.Body)
				}
				// A token in the header is not the browser's doing.
				if a := w.post(t, "/v1/orders", b.cookies["wxhub_session"].Value, body, append(c.headers, cookie)...); a.Status != 201 {
					t.Errorf("with Authorization: status %d: %s", a.Status, a.Body)
				}
				if a := w.post(t, "/v1/orders", ordersKey, orderBody, c.headers...); a.Status != 201 {
					t.Errorf("with a key: status %d: %s", a.Status, a.Body)
				}
				if a := b.get(t, "/v1/me", c.headers...); a.Status != 200 { // reading changes nothing
					t.Errorf("GET: status %d", a.Status)
				}
			})
		}
		checkRefusal(t, b.call(t, "POST", "/v1/logout", "Origin: https://evil.example"), 403, "cross_origin")
		if b.get(t, "/v1/me").Status != 200 {
			t.Error("another site logged alice out")
		}
	}
}

// Who sends a header means it: the cookie is not the way round a bad one.
func TestCookieNeverOutranksAHeader(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.logsIn(t, codeOf("alice"))
	bob := w.login(t, "bob")
	for header, code := range map[string]string{
		"Bearer nobody": "session_invalid", "Basic YTpi": "unauthenticated", "Bearer": "unauthenticated", "x": "unauthenticated",
	} {
		checkRefusal(t, b.get(t, "/v1/me", "Authorization: "+header), 401, code)
	}
	checkRefusal(t, b.get(t, "/v1/me", "Authorization: Bearer "+usersKey), 403, "session_required")
	if me := b.get(t, "/v1/me", "Authorization: Bearer "+bob.Token); !strings.Contains(string(me.Body), bob.User.ID) {
		t.Errorf("got %s", me.Body)
	}
}

func TestCookieThatIsNoSessionIsRefused(t *testing.T) {
	w := newWorld(t)
	for value, code := range map[string]string{
		"": "unauthenticated", "nobody": "session_invalid", "wxs_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA": "session_invalid",
		strings.Repeat("a", 4000): "session_invalid",
	} {
		checkRefusal(t, w.call(t, "GET", "/v1/me", "", "", "Cookie: wxhub_session="+value), 401, code)
	}
	// Keys of backends do not live in browsers.
	if a := w.call(t, "GET", "/v1/users", "", "", "Cookie: other="+usersKey); a.Status != 401 {
		t.Errorf("status %d", a.Status)
	}
}

func TestSessionsOfAnErasedUserEnd(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.logsIn(t, codeOf("alice"))
	other := w.login(t, "alice")
	if err := w.people.Erase(t.Context(), other.User.ID, "test"); err != nil {
		t.Fatal(err)
	}
	checkRefusal(t, b.get(t, "/v1/me"), 401, "session_invalid")
	wantProblem(t, w.get(t, "/v1/me", other.Token), 401, "session_invalid")
	wantProblem(t, w.post(t, "/v1/me/session-key/check", other.Token, `{"app_id":"wx0000000000000001"}`), 401, "session_invalid")
	if again := w.login(t, "alice"); !again.NewUser || again.User.ID == other.User.ID {
		t.Errorf("got %+v", again)
	}
}
