package identity_test

import (
	"strings"
	"testing"
	"time"

	"wxhub/identity"
	"wxhub/model"
	"wxhub/wx"
)

const back = "https://here/back"

// started begins a login in a browser at an official account or a website, and returns
// the state.
func (w *world) started(t *testing.T, b identity.BrowserLogin) string {
	t.Helper()
	url, err := w.StartLogin(t.Context(), b, back)
	must(t, err)
	return stateOf(url)
}

var (
	atAccount = identity.BrowserLogin{AppID: accountApp, Kind: model.OfficialAccount, ReturnTo: "/orders", Browser: browser}
	atSite    = identity.BrowserLogin{AppID: siteApp, Kind: model.Website, ReturnTo: "/orders", Browser: browser}
)

func TestStartLoginLeadsToWeChat(t *testing.T) {
	w := newWorld(t)
	states := map[string]bool{}
	for _, c := range []struct {
		b     identity.BrowserLogin
		scope string // what is asked for
		then  string // what WeChat's address has
	}{
		{atAccount, "", "snsapi_base"},
		{atAccount, identity.ScopeUserInfo, "snsapi_userinfo"},
		{atSite, "", "snsapi_login"},
		{atSite, identity.ScopeBase, "snsapi_login"}, // a website has no other
	} {
		c.b.Scope = c.scope
		url, err := w.StartLogin(t.Context(), c.b, back)
		parts := strings.Split(url, " ")
		if err != nil || len(parts) != 4 || parts[0] != c.b.AppID || parts[1] != back || parts[2] != c.then || len(parts[3]) != 64 {
			t.Errorf("got %q, %v", url, err)
			continue
		}
		states[parts[3]] = true
		if dump := strings.Join(w.redisDump(t), "\n"); strings.Contains(dump, parts[3]) || strings.Contains(dump, browser) {
			t.Error("Redis holds a state, or a browser's cookie, as it is")
		}
	}
	if len(states) != 4 {
		t.Errorf("%d states", len(states))
	}
}

func TestStartLoginOnlyAtItsDoors(t *testing.T) {
	w := newWorld(t)
	for _, b := range []identity.BrowserLogin{
		{AppID: siteApp, Kind: model.OfficialAccount}, {AppID: accountApp, Kind: model.Website},
		{AppID: app, Kind: model.OfficialAccount}, {AppID: "", Kind: model.Website}, {AppID: "wx-none", Kind: model.Website},
	} {
		url, err := w.StartLogin(t.Context(), b, back)
		wantCode(t, err, "invalid_input")
		if url != "" {
			t.Errorf("got %q", url)
		}
	}
	if left := w.redisDump(t); len(left) > 0 {
		t.Errorf("Redis holds %q", left)
	}
	s := w.with(func(o *identity.Options) { o.Entropy = barren{} })
	_, err := s.StartLogin(t.Context(), atSite, back)
	wantCode(t, err, "internal")
}

func TestFinishLoginLogsInWhereItBegan(t *testing.T) {
	for _, b := range []identity.BrowserLogin{atAccount, atSite} {
		w := newWorld(t)
		w.wechat.knows("alice", "union-a")
		l, to, err := w.FinishLogin(t.Context(), b.Kind, w.started(t, b), browser, "alice-1")
		if err != nil || to != "/orders" || !l.NewUser {
			t.Errorf("got %+v, %q, %v", l, to, err)
		}
		if s, err := w.Authenticate(t.Context(), l.Token); err != nil || s.AppID != b.AppID || s.UserID != l.Person.User.ID {
			t.Errorf("session %+v, %v", s, err)
		}
	}
}

// Whatever is not a state of ours, begun in this browser, at this door, and lately,
// finishes nothing and costs nothing: WeChat is not asked, and the true one still works.
func TestFinishLoginBelievesOnlyItsOwnStateInItsOwnBrowser(t *testing.T) {
	w := newWorld(t)
	state, other := w.started(t, atAccount), w.started(t, atSite)
	for name, c := range map[string]struct {
		kind           model.AppKind
		state, browser string
	}{
		"forged":             {model.OfficialAccount, strings.Repeat("0", 64), browser},
		"empty":              {model.OfficialAccount, "", browser},
		"truncated":          {model.OfficialAccount, state[:63], browser},
		"longer":             {model.OfficialAccount, state + "0", browser},
		"in capitals":        {model.OfficialAccount, strings.ToUpper(state), browser},
		"very long":          {model.OfficialAccount, strings.Repeat(state, 1000), browser},
		"a pattern":          {model.OfficialAccount, strings.Repeat("*", 64), browser},
		"another browser":    {model.OfficialAccount, state, "another cookie"},
		"no browser":         {model.OfficialAccount, state, ""},
		"another door":       {model.Website, state, browser},
		"the other's state":  {model.OfficialAccount, other, browser},
		"a door without one": {model.MiniProgram, state, browser},
	} {
		for _, code := range []string{"alice-1", ""} {
			l, to, err := w.FinishLogin(t.Context(), c.kind, c.state, c.browser, code)
			if model.CodeOf(err) != "state_invalid" || to != "" || l.Token != "" {
				t.Errorf("%s: got %+v, %q, %v", name, l, to, err)
			}
		}
	}
	if w.asked() != 0 {
		t.Errorf("WeChat was asked %d times", w.asked())
	}
	for b, s := range map[identity.BrowserLogin]string{atAccount: state, atSite: other} {
		if _, to, err := w.FinishLogin(t.Context(), b.Kind, s, browser, codeOf("alice")); err != nil || to != "/orders" {
			t.Errorf("the true one: %q, %v", to, err)
		}
	}
}

// A login takes ten minutes at most. Redis keeps the time; that the state was used is
// remembered for longer than the state itself.
func TestStateExpires(t *testing.T) {
	w := newWorld(t)
	state := w.started(t, atAccount)
	ttl := func(pattern string) (string, time.Duration) {
		keys, err := w.redis.Client().Keys(t.Context(), pattern).Result()
		if err != nil || len(keys) != 1 {
			t.Fatalf("got %q, %v", keys, err)
		}
		left, err := w.redis.Client().PTTL(t.Context(), keys[0]).Result()
		must(t, err)
		return keys[0], left
	}
	if _, left := ttl("wxhub:state:*"); left <= identity.StateTTL-10*time.Second || left > identity.StateTTL {
		t.Errorf("the state is kept for %s", left)
	}
	w.wechat.fail = wx.ErrBusy
	_, _, err := w.FinishLogin(t.Context(), model.OfficialAccount, state, browser, "alice-1")
	wantCode(t, err, "wechat_unavailable")
	w.wechat.fail = nil
	if _, left := ttl("wxhub:state_used:*"); left <= identity.StateTTL {
		t.Errorf("that it was used is kept for %s", left)
	}
	key, _ := ttl("wxhub:state:*")
	must(t, w.redis.Client().PExpire(t.Context(), key, -1).Err())
	_, _, err = w.FinishLogin(t.Context(), model.OfficialAccount, state, browser, "alice-1")
	wantCode(t, err, "state_invalid")
}
