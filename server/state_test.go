package server_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// Whoever comes back with a state that was not given to this browser for this door logs
// nobody in, and leaves the login of the one who has it as it was.
func TestForgedStateLogsNobodyIn(t *testing.T) {
	w := newWorld(t)
	victim, attacker := w.browser(), w.browser()
	state := victim.begins(t, doors[0].path, "wx-oa", "")
	own := attacker.begins(t, doors[0].path, "wx-oa", "")
	look := w.fingerprint(t)
	for name, c := range map[string]struct {
		who         *browser
		door, state string
	}{
		"no state":                   {victim, doors[0].path, ""},
		"too short":                  {victim, doors[0].path, state[1:]},
		"too long":                   {victim, doors[0].path, state + "0"},
		"never given":                {victim, doors[0].path, strings.Repeat("0", 64)},
		"in capitals":                {victim, doors[0].path, strings.ToUpper(state)},
		"of another browser":         {attacker, doors[0].path, state},
		"given to the attacker":      {victim, doors[0].path, own},
		"by a browser without":       {w.browser(), doors[0].path, state},
		"at another door":            {victim, doors[1].path, state},
		"with NUL":                   {victim, doors[0].path, state[:63] + "\x00"},
		"of 5,000 characters":        {victim, doors[0].path, strings.Repeat("a", 5000)},
		"the browser's cookie as it": {victim, doors[0].path, victim.cookies["wxhub_browser"].Value},
	} {
		t.Run(name, func(t *testing.T) {
			before := look()
			checkRefusal(t, c.who.returns(t, c.door, codeOf("mallory"), c.state), 400, "state_invalid")
			if c.who.cookies["wxhub_session"] != nil || look() != before {
				t.Error("the request left a trace")
			}
		})
	}
	if n := w.wechat.count("login"); n != 0 {
		t.Errorf("WeChat was asked %d times", n)
	}
	wantRedirect(t, victim.returns(t, doors[0].path, codeOf("alice"), state))
	if me := victim.get(t, "/v1/me"); !strings.Contains(string(me.Body), "openid-alice") {
		t.Errorf("got %s", me.Body)
	}
}

func TestStateWorksOnce(t *testing.T) {
	w := newWorld(t)
	b, code := w.browser(), codeOf("alice")
	state := b.begins(t, doors[0].path, "wx-oa", "")
	wantRedirect(t, b.returns(t, doors[0].path, code, state))
	delete(b.cookies, "wxhub_session")
	checkRefusal(t, b.returns(t, doors[0].path, code, state), 409, "login_code_used")
	checkRefusal(t, b.returns(t, doors[0].path, codeOf("alice"), state), 400, "state_invalid")
	checkRefusal(t, b.returns(t, doors[0].path, "", state), 400, "state_invalid")
	if b.cookies["wxhub_session"] != nil {
		t.Error("the repetition opened a session")
	}
}

// WeChat is known to send a browser back twice at once, or ten times.
func TestCallbacksAtOnceShareOneRedemption(t *testing.T) {
	w := newWorld(t)
	b, code := w.browser(), codeOf("alice")
	state := b.begins(t, doors[0].path, "wx-oa", "")
	cookie := "Cookie: wxhub_browser=" + b.cookies["wxhub_browser"].Value
	path := doors[0].path + "/callback?" + url.Values{"code": {code}, "state": {state}}.Encode()
	statuses := make([]int, 20)
	var all sync.WaitGroup
	for i := range statuses {
		all.Go(func() { statuses[i] = w.call(t, http.MethodGet, path, "", "", cookie).Status })
	}
	all.Wait()
	in := 0
	for _, status := range statuses {
		if status == http.StatusFound {
			in++
		} else if status != http.StatusConflict {
			t.Errorf("status %d", status)
		}
	}
	if n := w.wechat.count("login"); in == 0 || n != 1 {
		t.Errorf("%d of them logged in; WeChat was asked %d times", in, n)
	}
	if people := decode[userPage](t, w.get(t, "/v1/users", usersKey), 200); len(people.Data) != 1 {
		t.Errorf("%d users", len(people.Data))
	}
}

// A person who says no, a virtual user, a code that WeChat does not know: each ends the
// login without a session.
func TestLoginsThatWeChatDoesNotVouchFor(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		code   string
		status int
		says   string
	}{
		{"", 403, "login_denied"},
		{"snapshot-1", 403, "snapshot_user"},
		{"unknown", 422, "login_code_invalid"},
	} {
		for _, d := range doors {
			b := w.browser()
			state := b.begins(t, d.path, d.app, "")
			checkRefusal(t, b.returns(t, d.path, c.code, state), c.status, c.says)
			checkRefusal(t, b.returns(t, d.path, codeOf("mallory"), state), 400, "state_invalid")
			if b.cookies["wxhub_session"] != nil {
				t.Errorf("%s opened a session", c.says)
			}
		}
	}
	if people := decode[userPage](t, w.get(t, "/v1/users", usersKey), 200); len(people.Data) != 0 {
		t.Errorf("%d users were made", len(people.Data))
	}
}

// What cannot be a code never reaches WeChat and does not use the state up.
func TestCodeThatIsNoneIsRefusedBeforeTheStateIsUsed(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	state := b.begins(t, doors[0].path, "wx-oa", "")
	for _, code := range []string{"a b", "a&appid=wx-evil", "a\nb", "a/b", "茶", "\x00", strings.Repeat("a", 129)} {
		checkRefusal(t, b.returns(t, doors[0].path, code, state), 422, "invalid_input")
	}
	wantRedirect(t, b.returns(t, doors[0].path, codeOf("alice"), state))
	if n := w.wechat.count("login"); n != 1 {
		t.Errorf("WeChat was asked %d times", n)
	}
}

// Scanners of links ask with HEAD.
func TestHeadDoesNotUseALoginUp(t *testing.T) {
	w := newWorld(t)
	for _, d := range doors {
		b, code := w.browser(), codeOf("alice")
		state := b.begins(t, d.path, d.app, "")
		look := w.fingerprint(t)
		before := look()
		for _, path := range []string{d.path + "?app_id=" + d.app, d.path + "/callback?code=" + code + "&state=" + state} {
			for _, method := range []string{"HEAD", "POST", "OPTIONS"} {
				checkRefusal(t, b.call(t, method, path), 405, "method_not_allowed")
			}
		}
		if look() != before || b.cookies["wxhub_session"] != nil {
			t.Error("a HEAD left a trace")
		}
		wantRedirect(t, b.returns(t, d.path, code, state))
	}
}

// Redis away: nobody is sent to WeChat in vain, and nobody who comes back is let in.
func TestBrowserLoginNeedsRedis(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	state := b.begins(t, doors[0].path, "wx-oa", "")
	if err := w.redis.Close(); err != nil {
		t.Fatal(err)
	}
	wantProblem(t, b.get(t, doors[0].path+"?app_id=wx-oa"), 503, "unavailable")
	wantProblem(t, b.returns(t, doors[0].path, codeOf("alice"), state), 503, "unavailable")
	if b.cookies["wxhub_session"] != nil || w.wechat.count("login") != 0 {
		t.Error("somebody was let in")
	}
}
