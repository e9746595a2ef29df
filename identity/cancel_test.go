package identity_test

import (
	"errors"
	"slices"
	"testing"

	"wxhub/identity"
	"wxhub/model"
)

// The WeChat account is gone, so the person is, with every door.
func TestCancelErasesThePersonBehindAnOpenid(t *testing.T) {
	w := newWorld(t)
	older, younger := everything(t, w)
	must(t, w.Cancel(t.Context(), at(mobileApp, "alice"), "the account was cancelled"))
	w.gone(t, aliceIs, older, younger)
	if n := w.events(t); n["user.erased "+older] != 1 || n["user.erased"] != 1 {
		t.Errorf("events %v", n)
	}
	if err := w.Cancel(t.Context(), at(mobileApp, "alice"), "told twice"); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	w.sound(t)
}

// A follower whom nobody heard of goes unheard: no event tells of them, and when they
// come back they are somebody new.
func TestCancelOfAFollowerWhoWasNeverAnnounced(t *testing.T) {
	w := newWorld(t)
	k := at(accountApp, "alice")
	must(t, w.Meet(t.Context(), k, "union-a"))
	unborn := w.identity(t, k).UserID
	_, err := w.Person(t.Context(), unborn)
	wantCode(t, err, "user_not_found")
	must(t, w.Cancel(t.Context(), k, "test"))
	w.gone(t, []model.IdentityKey{k}, unborn)
	if n := w.events(t); len(n) > 0 {
		t.Errorf("events %v", n)
	}
	l := w.comes(t, accountApp, "alice", "union-a")
	if !l.NewUser || l.Person.User.ID == unborn {
		t.Errorf("got %+v", l)
	}
	w.sound(t)
}

// The first login comes while the account is cancelled.
func TestLoginsInTheMiddleOfACancellation(t *testing.T) {
	k := at(accountApp, "alice")
	prepare := func(t *testing.T, w *world) {
		w.wechat.knows("alice", "union-a")
		must(t, w.Meet(t.Context(), k, "union-a"))
	}
	cancels := func(w *world, s *identity.Service) error {
		if err := s.Cancel(w.ctx, k, "test"); !errors.Is(err, model.ErrNotFound) {
			return err
		}
		return nil
	}
	for _, door := range []string{accountApp, app} {
		login := func(w *world, s *identity.Service) (err error) {
			w.last, err = through(w.ctx, s, door, codeOf("alice"))
			return err
		}
		check := func(t *testing.T, w *world) {
			w.sound(t)
			told := w.last.Person.User.ID
			n := w.events(t)
			if n["user.created "+told] != 1 {
				t.Errorf("%s was told, and events are %v", told, n)
			}
			erased := !w.root(t, told).ErasedAt.IsZero()
			if erased != (n["user.erased "+told] == 1) {
				t.Errorf("erased %v, events %v", erased, n)
			}
			keys, err := w.store.IdentitiesOf(t.Context(), told)
			if err != nil || erased == slices.ContainsFunc(keys, func(i model.Identity) bool { return i.Key() == at(door, "alice") }) {
				t.Errorf("erased %v, identities %+v, %v", erased, keys, err)
			}
		}
		t.Run("a login in a cancellation, "+door, func(t *testing.T) { meanwhile(t, prepare, cancels, login, check) })
		t.Run("a cancellation in a login, "+door, func(t *testing.T) { meanwhile(t, prepare, login, cancels, check) })
	}
}
