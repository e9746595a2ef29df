package identity_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"wxhub/identity"
	"wxhub/model"
	"wxhub/model/storetest"
	"wxhub/wx"
)

// Whoever comes in during an erasure, at whichever moment: they are the erased user, and
// gone, or somebody new, and then that is who they stay. A login completes an erasure that
// it meets, so the erasure then holds copies of what is somebody else's by now.
func TestLoginsInTheMiddleOfAnErasure(t *testing.T) {
	prepare := func(t *testing.T, w *world) {
		everything(t, w)
		w.wechat.knows("alice", "union-a")
	}
	for _, door := range []string{app, mobileApp, siteApp} {
		login := func(w *world, s *identity.Service) error {
			l, err := through(w.ctx, s, door, codeOf("alice"))
			w.last = l
			return err
		}
		check := func(t *testing.T, w *world) {
			w.sound(t)
			if n := w.events(t); n["user.erased"] > 1 {
				t.Errorf("events %v", n)
			}
			told := w.last.Person.User.ID
			r := w.root(t, told)
			i, err := w.store.Identity(t.Context(), at(door, "alice"))
			switch {
			case r.ErasedAt.IsZero() && (err != nil || w.root(t, i.UserID).ID != r.ID):
				t.Errorf("the login was told to be %s, who lives; the identity is %+v, %v", told, i, err)
			case !r.ErasedAt.IsZero() && err == nil:
				t.Errorf("the login was told to be %s, who is erased; the identity is %+v", told, i)
			}
		}
		t.Run(door+": a login in an erasure", func(t *testing.T) { meanwhile(t, prepare, erases, login, check) })
		t.Run(door+": an erasure in a login", func(t *testing.T) {
			meanwhile(t, prepare, login, func(w *world, s *identity.Service) error {
				u, err := w.store.ListUsers(w.ctx, "", 10)
				if err != nil {
					return err
				}
				return s.Erase(w.ctx, u[len(u)-1].ID, "test") // who was there before
			}, check)
		})
	}
}

func TestErasingWhileTheSamePersonLogsIn(t *testing.T) {
	const n = 64
	w := newWorld(t)
	older, younger := everything(t, w)
	w.wechat.knows("alice", "union-a")
	doors := []string{app, mobileApp, siteApp, accountApp}
	logins := make([]identity.Login, n)
	storetest.Race(n, func(i int) {
		if i%16 == 5 {
			if err := w.Erase(t.Context(), []string{older, younger}[i/16%2], "test"); err != nil {
				t.Error(err)
			}
			return
		}
		var err error
		if logins[i], err = through(context.WithoutCancel(t.Context()), w.Service, doors[i%4], fmt.Sprintf("alice-%d", i)); err != nil {
			t.Error(err)
		}
	})
	w.repaired(t)
	w.sound(t)
	w.gone(t, nil, older, younger)
	if e := w.events(t); e["user.erased"] != 1 {
		t.Errorf("events %v", e)
	}
	alive, fresh := map[string]bool{}, map[string]int{}
	for _, l := range logins {
		if l.NewUser {
			fresh[l.Person.User.ID]++
		}
		if l.Token == "" {
			continue
		}
		if s, err := w.Authenticate(t.Context(), l.Token); err == nil {
			alive[s.UserID] = true
		} else if model.CodeOf(err) != "session_invalid" {
			t.Error(err)
		}
	}
	for id, times := range fresh {
		if times != 1 {
			t.Errorf("%s was told %d times to be new", id, times)
		}
	}
	if len(alive) > 1 {
		t.Errorf("she is %d users: %v", len(alive), alive)
	}
	for id := range alive {
		for _, door := range doors {
			if got := w.enters(t, door, "alice", "union-a"); got != id {
				t.Errorf("%s leads to %s, not %s", door, got, id)
			}
		}
	}
}

// A login is about to merge two users when one of them is erased, and its process dies on
// the way: the other is erased with them or goes on alone, and nothing is left half-way.
func TestMergeThatDiedInTheMiddleOfAnErasure(t *testing.T) {
	logs := func(w *world, s *identity.Service) error {
		w.wechat.knows("alice", "union-a")
		_, err := through(w.ctx, s, app, codeOf("alice"))
		return err
	}
	moves := func(w *world, s *identity.Service) error {
		_, err := s.Moved(w.ctx, app, mobileApp, []wx.Moved{{OldOpenID: at(app, "alice").OpenID, NewOpenID: at(mobileApp, "alice").OpenID}})
		return err
	}
	for name, merges := range map[string]act{"a login": logs, "a migration": moves} {
		for _, erased := range []string{app, mobileApp} {
			apart, together := 0, 0
			calls(t, func(t *testing.T, w *world) {
				w.enters(t, app, "alice", "") // the older one
				w.enters(t, mobileApp, "alice", "union-a")
			}, merges, func(w *world, _ string, make func() error) error {
				i, err := w.store.Identity(w.ctx, at(erased, "alice"))
				if err != nil {
					return err
				}
				if err := w.Erase(w.ctx, i.UserID, "test"); err != nil {
					return err
				}
				_ = make()
				return errCrash
			}, func(t *testing.T, w *world, err error) {
				if !errors.Is(err, errCrash) {
					t.Fatalf("%s went on with %v", name, err)
				}
				w.repaired(t)
				for _, id := range w.whollyErased(t) { // the doc of the package says why again
					must(t, w.Erase(t.Context(), id, "test"))
				}
				w.sound(t)
				users, err := w.store.ListUsers(t.Context(), "", 10)
				must(t, err)
				apart += len(users) / 2
				together += len(users) % 2
			})
			if apart == 0 || together == 0 {
				t.Errorf("%s, and %s is erased: %d times apart, %d times together", name, erased, apart, together)
			}
		}
	}
}

// An operator was about to take a merge back when an erasure of both began, and cuts them
// apart at any moment of it: whoever is a user of their own then and is erased, of them it
// is told, once; and nothing personal is left with an erased one.
func TestErasureOfWhomAnUnmergeIsCuttingApart(t *testing.T) {
	var cut func()
	both := func(w *world, erasing *identity.Service) error {
		k := at(mobileApp, "alice")
		i, err := w.store.Identity(w.ctx, k)
		if err != nil {
			return err
		}
		whole, err := w.Person(w.ctx, i.UserID)
		if err != nil {
			return err
		}
		begun := false
		operator := w.with(func(o *identity.Options) {
			o.Store = &gated{w.store, func(call string, make func() error) error {
				if call != "ReplaceUser" || begun {
					return make()
				}
				begun = true
				var answer error
				waits := true
				cut = func() { waits, answer = false, make() }
				if err := erasing.Erase(w.ctx, whole.User.ID, "test"); err != nil {
					return err
				}
				if waits {
					cut()
				}
				return answer
			}}
		})
		if err := operator.Unmerge(w.ctx, i.UserID); err != nil && model.CodeOf(err) != "user_erased" {
			return err
		}
		return nil
	}
	apart := 0
	calls(t, func(t *testing.T, w *world) { twoBecomeOne(t, w) }, both, func(_ *world, _ string, make func() error) error {
		cut()
		return make()
	}, func(t *testing.T, w *world, err error) {
		must(t, err)
		w.repaired(t)
		w.sound(t)
		users, err := w.store.ListUsers(t.Context(), "", 10)
		must(t, err)
		if len(users) == 2 {
			apart++
		}
		for _, u := range users {
			if told := count(u.Outbox, model.EventUserErased); u.ErasedAt.IsZero() != (told == 0) || told > 1 {
				t.Errorf("%s was erased at %v, and it was told %d times", u.ID, u.ErasedAt, told)
			}
		}
	})
	if apart == 0 {
		t.Error("they were never cut apart")
	}
}
