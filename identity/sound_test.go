package identity_test

import (
	"errors"
	"testing"

	"wxhub/identity"
	"wxhub/model"
)

// root follows the pointers in the store from an id that may be unborn.
func (w *world) root(t *testing.T, id string) model.User {
	t.Helper()
	for range 1000 {
		u, err := w.store.User(t.Context(), id)
		if errors.Is(err, model.ErrNotFound) {
			return model.User{ID: id}
		}
		if err != nil {
			t.Fatal(err)
		}
		if u.MergedInto == "" {
			return u
		}
		id = u.MergedInto
	}
	t.Fatalf("the pointers from %s go in a circle", id)
	return model.User{}
}

// sound is what must be true whenever nobody is at work: an identity belongs to a user
// who is not erased, all who carry a UnionID are the one user that holds it, and of who is
// erased nothing is left.
func (w *world) sound(t *testing.T) {
	t.Helper()
	for _, a := range worldApps {
		list, err := w.store.IdentitiesIn(t.Context(), a.ID, "", 10_000)
		must(t, err)
		for _, i := range list {
			r := w.root(t, i.UserID)
			if !r.ErasedAt.IsZero() {
				t.Errorf("%v belongs to %s, who is erased", i.Key(), r.ID)
			}
			if i.Linking {
				t.Errorf("%v is still marked Linking", i.Key())
			}
			key, ok := i.Union()
			if !ok {
				continue
			}
			held, err := w.store.Union(t.Context(), key)
			if err != nil {
				t.Errorf("nobody holds the UnionID of %v: %v", i.Key(), err)
				continue
			}
			if h := w.root(t, held.UserID); h.ID != r.ID {
				t.Errorf("%v is %s, and its UnionID is held by %s", i.Key(), r.ID, h.ID)
			}
		}
	}
	left, err := w.store.UnsettledUsers(t.Context(), 10)
	must(t, err)
	for _, u := range left {
		t.Errorf("%s is still marked Unsettled", u.ID)
	}
	for _, id := range w.whollyErased(t) {
		unions, err := w.store.UnionsOf(t.Context(), id)
		must(t, err)
		if len(unions) > 0 {
			t.Errorf("%s is erased, and holds %+v", id, unions)
		}
	}
}

// whollyErased fails the test when somebody is part of an erased user and is not erased.
// It returns who is.
func (w *world) whollyErased(t *testing.T) (ids []string) {
	t.Helper()
	roots, err := w.store.ListUsers(t.Context(), "", 10_000)
	must(t, err)
	for _, r := range roots {
		if r.ErasedAt.IsZero() {
			continue
		}
		users, err := w.Records(t.Context(), r.ID)
		must(t, err)
		for _, u := range users {
			ids = append(ids, u.ID)
			if u.ErasedAt.IsZero() {
				t.Errorf("%s is not erased, and part of %s, who is", u.ID, r.ID)
			}
		}
	}
	return ids
}

// repaired runs the repair job until it finds nothing.
func (w *world) repaired(t *testing.T) {
	t.Helper()
	for range 10 {
		n, err := w.Repair(t.Context())
		must(t, err)
		if n == 0 {
			return
		}
	}
	t.Error("the repair job never comes to an end")
}

// act is something that one process does to a world.
type act func(*world, *identity.Service) error

// calls plays the outer act again and again, each time in a new world, and has the
// gatekeeper meet its first, second, third … call of the store. It returns how many
// calls there are. Under the race detector it meets every seventh only: one thing happens
// at a time here, and SQLite is twenty times slower.
func calls(t *testing.T, prepare func(*testing.T, *world), outer act,
	meet func(w *world, call string, make func() error) error, check func(t *testing.T, w *world, err error),
) int {
	t.Helper()
	for n := 1; ; n += stride {
		w, seen, which := newWorld(t), 0, ""
		prepare(t, w)
		s := w.with(func(o *identity.Options) {
			o.Store = &gated{w.store, func(call string, make func() error) error {
				if seen++; seen != n {
					return make()
				}
				which = call
				return meet(w, call, make)
			}}
		})
		err := outer(w, s)
		if seen < n {
			must(t, err)
			return seen
		}
		t.Run(which, func(t *testing.T) { check(t, w, err) })
		_, _ = w.store.Close(), w.redis.Close()
	}
}

// meanwhile plays the inner act just before each store call of the outer one.
func meanwhile(t *testing.T, prepare func(*testing.T, *world), outer, inner act, check func(*testing.T, *world)) {
	t.Helper()
	n := calls(t, prepare, outer, func(w *world, _ string, make func() error) error {
		if err := inner(w, w.Service); err != nil {
			t.Errorf("the inner act: %v", err)
		}
		return make()
	}, func(t *testing.T, w *world, err error) {
		if err != nil {
			t.Errorf("the outer act: %v", err)
		}
		check(t, w)
	})
	if n < 3 {
		t.Errorf("only %d calls were met", n)
	}
}

// crashes kills the act before and after each of its store calls: nothing comes after.
func crashes(t *testing.T, prepare func(*testing.T, *world), doomed act, check func(*testing.T, *world)) {
	t.Helper()
	for _, after := range []bool{false, true} {
		calls(t, prepare, doomed, func(w *world, _ string, make func() error) error {
			if after {
				_ = make()
			}
			return errCrash
		}, func(t *testing.T, w *world, err error) {
			if !errors.Is(err, errCrash) {
				t.Fatalf("it went on with %v", err)
			}
			check(t, w)
		})
	}
}
