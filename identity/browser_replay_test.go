package identity_test

import (
	"sync"
	"testing"

	"wxhub/identity"
	"wxhub/model"
	"wxhub/wx"
)

// A state finishes one login. The same answer of WeChat's again is a replay; another
// one cannot be of this login.
func TestFinishedStateIsUsedUp(t *testing.T) {
	for _, b := range []identity.BrowserLogin{atAccount, atSite} {
		w := newWorld(t)
		state := w.started(t, b)
		if _, _, err := w.FinishLogin(t.Context(), b.Kind, state, browser, "alice-1"); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct{ browser, code, want string }{
			{browser, "alice-1", "login_code_used"},
			{browser, "alice-2", "state_invalid"},
			{browser, "", "state_invalid"},
			{browser, "alice-1", "login_code_used"},
			{"another cookie", "alice-1", "state_invalid"},
		} {
			l, _, err := w.FinishLogin(t.Context(), b.Kind, state, c.browser, c.code)
			if model.CodeOf(err) != c.want || l.Token != "" {
				t.Errorf("%+v: got %+v, %v", c, l, err)
			}
		}
		if w.asked() != 1 {
			t.Errorf("WeChat was asked %d times", w.asked())
		}
	}
}

// The person said no: WeChat sends the browser back without a code. That is an answer,
// so the state is used.
func TestWhoDoesNotAgreeIsNotLoggedIn(t *testing.T) {
	w := newWorld(t)
	state := w.started(t, atSite)
	for range 2 {
		l, _, err := w.FinishLogin(t.Context(), model.Website, state, browser, "")
		wantCode(t, err, "login_denied")
		if l.Token != "" {
			t.Errorf("got %+v", l)
		}
	}
	_, _, err := w.FinishLogin(t.Context(), model.Website, state, browser, "alice-1")
	wantCode(t, err, "state_invalid")
	if w.asked() != 0 {
		t.Errorf("WeChat was asked %d times", w.asked())
	}
}

// WeChat is busy, or silent: the browser may come again with the same code.
func TestFailedFinishCanBeTriedAgain(t *testing.T) {
	for _, refusal := range []error{wx.ErrBusy, wx.ErrTimeout} {
		w := newWorld(t)
		state := w.started(t, atAccount)
		w.wechat.fail = refusal
		_, _, err := w.FinishLogin(t.Context(), model.OfficialAccount, state, browser, "alice-1")
		wantCode(t, err, model.CodeOf(refusal))
		w.wechat.fail = nil
		if l, to, err := w.FinishLogin(t.Context(), model.OfficialAccount, state, browser, "alice-1"); err != nil || to != "/orders" || l.Token == "" {
			t.Errorf("got %+v, %q, %v", l, to, err)
		}
	}
}

// WeChat is known to send a browser back twice at once. Both are logged in; WeChat is
// asked once.
func TestDoubleRedirectLogsInBoth(t *testing.T) {
	for _, b := range []identity.BrowserLogin{atAccount, atSite} {
		w := newWorld(t)
		says, waits := newSlow(w.wechat), make(chan struct{}, 10)
		process := func(o *identity.Options) { o.Sites, o.Redemptions = says, waiters{w.redis, waits} }
		processes := []*identity.Service{w.with(process), w.with(process)}
		state := w.started(t, b)
		logins := make([]identity.Login, len(processes))
		var all sync.WaitGroup
		for i, s := range processes {
			all.Go(func() {
				l, to, err := s.FinishLogin(t.Context(), b.Kind, state, browser, "alice-1")
				if err != nil || to != "/orders" {
					t.Errorf("got %q, %v", to, err)
				}
				logins[i] = l
			})
		}
		<-says.asked
		<-waits
		says.answer <- nil
		all.Wait()
		if w.asked() != 1 || logins[0].NewUser == logins[1].NewUser || logins[0].Token == logins[1].Token {
			t.Errorf("asked %d times; got %+v", w.asked(), logins)
		}
		for _, l := range logins {
			if s, err := w.Authenticate(t.Context(), l.Token); err != nil || s.UserID != logins[0].Person.User.ID || s.AppID != b.AppID {
				t.Errorf("session %+v, %v", s, err)
			}
		}
	}
}

// Two codes for one state at once: one of them is let through.
func TestOneOfTwoCodesForOneStateIsLetThrough(t *testing.T) {
	w := newWorld(t)
	state := w.started(t, atAccount)
	failed := make([]error, 2)
	var all sync.WaitGroup
	for i, code := range []string{"alice-1", "mallory-1"} {
		all.Go(func() {
			_, _, failed[i] = w.FinishLogin(t.Context(), model.OfficialAccount, state, browser, code)
		})
	}
	all.Wait()
	if (failed[0] == nil) == (failed[1] == nil) || w.asked() != 1 {
		t.Errorf("got %v; WeChat was asked %d times", failed, w.asked())
	}
	for _, err := range failed {
		if err != nil {
			wantCode(t, err, "state_invalid")
		}
	}
}

// With Redis away nobody is logged in, and the code is not spent.
func TestBrowserLoginWithoutRedis(t *testing.T) {
	w := newWorld(t)
	state := w.started(t, atAccount)
	must(t, w.redis.Close())
	_, err := w.StartLogin(t.Context(), atAccount, back)
	wantCode(t, err, "unavailable")
	_, _, err = w.FinishLogin(t.Context(), model.OfficialAccount, state, browser, "alice-1")
	wantCode(t, err, "unavailable")
	if w.asked() != 0 {
		t.Errorf("WeChat was asked %d times", w.asked())
	}
}
