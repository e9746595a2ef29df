package identity_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"wxhub/identity"
	"wxhub/model"
	"wxhub/wx"
)

func TestManyFirstLoginsAtOnceMakeOneUser(t *testing.T) {
	const n = 64
	w := newWorld(t)
	w.wechat.knows("alice", "union-a")
	logins := make([]identity.Login, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			var err error
			if logins[i], err = w.LoginMiniProgram(t.Context(), app, fmt.Sprintf("alice-%d", i)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	fresh, tokens, first := 0, map[string]bool{}, logins[0].Person.User.ID
	for _, l := range logins {
		if l.NewUser {
			fresh++
		}
		tokens[l.Token] = true
		if l.Person.User.ID != first || len(l.Person.Identities) != 1 || l.Person.Identities[0].UnionID != "union-a" {
			t.Errorf("got %+v", l.Person)
		}
		if s, err := w.Authenticate(t.Context(), l.Token); err != nil || s.UserID != first {
			t.Errorf("session %+v, %v", s, err)
		}
	}
	if fresh != 1 || len(tokens) != n {
		t.Errorf("%d new users, %d tokens", fresh, len(tokens))
	}
	if events := w.created(t); len(events) != 1 || events[0].Subject != first {
		t.Errorf("events %+v", events)
	}
}

func TestSecondLoginFindsTheSameUser(t *testing.T) {
	w := newWorld(t)
	first, bob := w.login(t, "alice"), w.login(t, "bob")
	w.pass(time.Hour)
	again := w.login(t, "alice")
	if !first.NewUser || again.NewUser || first.Person.User.ID != again.Person.User.ID || first.Token == again.Token {
		t.Errorf("got %+v and %+v", first, again)
	}
	if bob.Person.User.ID == first.Person.User.ID || !bob.NewUser {
		t.Errorf("bob is %+v", bob.Person)
	}
	if !again.Person.User.CreatedAt.Equal(first.Person.User.CreatedAt) || len(w.created(t)) != 2 {
		t.Errorf("got %+v, %d events", again.Person.User, len(w.created(t)))
	}
}

func TestUserCreatedTellsWhatTheAPIShows(t *testing.T) {
	w := newWorld(t)
	w.wechat.knows("alice", "union-a")
	l := w.login(t, "alice")
	events := w.created(t)
	if len(events) != 1 || events[0].Subject != l.Person.User.ID || !strings.HasPrefix(events[0].ID, "evt_") || events[0].CreatedAt.IsZero() {
		t.Fatalf("got %+v", events)
	}
	want, err := json.Marshal(identity.View(l.Person))
	if err != nil || string(events[0].Data) != string(want) {
		t.Errorf("got %s, want %s", events[0].Data, want)
	}
	var v identity.UserView
	if err := json.Unmarshal(want, &v); err != nil || v.UnionID != "union-a" || len(v.Identities) != 1 || v.Identities[0].OpenID != "openid-alice-1" {
		t.Errorf("got %+v, %v", v, err)
	}
}

func TestUnionIDIsLearnedOnceAndKept(t *testing.T) {
	w := newWorld(t)
	for step, c := range []struct {
		says, keeps string
		warned      bool
	}{
		{"", "", false},
		{"union-a", "union-a", false}, // the app was bound to an open platform meanwhile
		{"union-a", "union-a", false},
		{"", "union-a", false}, // WeChat does not always tell
		{"union-b", "union-a", true},
		{"union-a", "union-a", true},
	} {
		w.wechat.knows("alice", c.says)
		l := w.login(t, "alice")
		if i := l.Person.Identities[0]; i.UnionID != c.keeps || i.OpenPlatform != "main" || identity.View(l.Person).UnionID != c.keeps {
			t.Errorf("step %d: got %+v", step, i)
		}
		if warned := strings.Contains(w.logged(), `"level":"WARN"`); warned != c.warned {
			t.Errorf("step %d: log %s", step, w.logged())
		}
	}
	if strings.Contains(w.logged(), "union-") || strings.Contains(w.logged(), "openid-") {
		t.Errorf("the log holds personal data: %s", w.logged())
	}
}

// The process dies at each step of a first login. The next login puts right what is
// missing: one user, one event, told to be new as long as nobody was told.
func TestNextLoginRepairsACrashedOne(t *testing.T) {
	for _, c := range []struct {
		at    string
		after bool
		fresh bool // what the next login says
	}{
		{"claim", false, true}, {"claim", true, true},
		{"union", false, true}, {"union", true, true},
		{"insert", false, true}, {"insert", true, false},
		{"session_key", false, true}, {"session_key", true, true}, // it comes before the person
		{"session", false, false}, {"session", true, false},
	} {
		t.Run(fmt.Sprintf("%s, after %v", c.at, c.after), func(t *testing.T) {
			w := newWorld(t)
			dying := w.with(func(o *identity.Options) {
				dead := &crashing{Store: w.store, Sessions: w.redis, at: c.at, after: c.after}
				o.Store, o.Sessions = dead, dead
			})
			if c.at == "union" { // it comes with the second login of an identity without a user
				half := w.with(func(o *identity.Options) { o.Store = &crashing{Store: w.store, at: "insert"} })
				_, _ = half.LoginMiniProgram(t.Context(), app, "alice-0")
			}
			w.wechat.knows("alice", "union-a")
			if l, err := dying.LoginMiniProgram(t.Context(), app, "alice-1"); !errors.Is(err, errCrash) {
				t.Fatalf("got %+v, %v", l, err)
			}
			l := w.login(t, "alice")
			if l.NewUser != c.fresh || len(l.Person.Identities) != 1 || l.Person.Identities[0].UserID != l.Person.User.ID {
				t.Errorf("got %+v", l)
			}
			events := w.created(t)
			if len(events) != 1 || events[0].Subject != l.Person.User.ID || !strings.Contains(string(events[0].Data), `"union_id":"union-a"`) {
				t.Errorf("events %+v", events)
			}
			if again := w.login(t, "alice"); again.NewUser || again.Person.User.ID != l.Person.User.ID {
				t.Errorf("got %+v", again)
			}
		})
	}
}

func TestOnlyConfiguredMiniProgramsLogIn(t *testing.T) {
	w := newWorld(t)
	for _, id := range []string{"", "wx-none", siteApp, strings.ToUpper(app)} {
		_, err := w.LoginMiniProgram(t.Context(), id, "alice-1")
		wantCode(t, err, "invalid_input")
	}
	if w.wechat.calls != 0 {
		t.Errorf("WeChat was asked %d times", w.wechat.calls)
	}
}

func TestWeChatsRefusalIsPassedOnAndLeavesNothing(t *testing.T) {
	w := newWorld(t)
	for _, refusal := range []error{wx.ErrCodeInvalid, wx.ErrCodeUsed, wx.ErrUserBlocked, wx.ErrRateLimited, wx.ErrRejected, wx.ErrBusy, wx.ErrTimeout} {
		w.wechat.fail = refusal
		if _, err := w.LoginMiniProgram(t.Context(), app, "alice-1"); !errors.Is(err, refusal) {
			t.Errorf("got %v, want %v", err, refusal)
		}
	}
	if _, err := w.store.Identity(t.Context(), model.IdentityKey{AppID: app, OpenID: "openid-alice-1"}); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	if left := w.redisDump(t); len(left) > 0 {
		t.Errorf("Redis holds %q", left)
	}
}

func TestPersonCheckUserAndOpenID(t *testing.T) {
	w := newWorld(t)
	alice := w.login(t, "alice").Person.User.ID
	if p, err := w.Person(t.Context(), alice); err != nil || p.User.ID != alice || len(p.Identities) != 1 {
		t.Errorf("got %+v, %v", p, err)
	}
	if err := w.CheckUser(t.Context(), alice); err != nil {
		t.Error(err)
	}
	for _, id := range []string{"", "x", "../etc", "01ARZ3NDEKTSV4RRFFQ69G5FAV", strings.ToLower(alice), alice + "0", "\x00"} {
		wantCode(t, w.CheckUser(t.Context(), id), "user_not_found")
		_, err := w.Person(t.Context(), id)
		wantCode(t, err, "user_not_found")
		_, err = w.OpenID(t.Context(), id, app)
		wantCode(t, err, "payer_has_no_openid")
	}
	if id, err := w.OpenID(t.Context(), alice, app); err != nil || id != "openid-alice-1" {
		t.Errorf("got %q, %v", id, err)
	}
	for _, other := range []string{otherApp, siteApp, "", "wx-none"} {
		_, err := w.OpenID(t.Context(), alice, other)
		wantCode(t, err, "payer_has_no_openid")
	}
}

// An openid belongs to an app: the same text in another app is somebody else.
func TestOpenIDIsScopedByItsApp(t *testing.T) {
	w := newWorld(t)
	one := w.login(t, "alice").Person.User.ID
	other, err := w.LoginMiniProgram(t.Context(), otherApp, "alice-1")
	if err != nil {
		t.Fatal(err)
	}
	for user, app := range map[string]string{one: app, other.Person.User.ID: otherApp} {
		if id, err := w.OpenID(t.Context(), user, app); err != nil || !strings.HasSuffix(id, app[len(app)-1:]) {
			t.Errorf("got %q, %v", id, err)
		}
	}
}

func TestStoreAwayIsUnavailable(t *testing.T) {
	w := newWorld(t)
	l := w.login(t, "alice")
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := w.LoginMiniProgram(t.Context(), app, "alice-2")
	wantCode(t, err, "unavailable")
	_, err = w.Person(t.Context(), l.Person.User.ID)
	wantCode(t, err, "unavailable")
	_, err = w.OpenID(t.Context(), l.Person.User.ID, app)
	wantCode(t, err, "unavailable")
	wantCode(t, w.CheckUser(t.Context(), l.Person.User.ID), "unavailable")
}
