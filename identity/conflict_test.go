package identity_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"wxhub/identity"
	"wxhub/model"
)

var unionB = model.UnionKey{OpenPlatform: "main", UnionID: "union-b"}

// disputed: alice's openid said union-a and says union-b, which bob has. It returns the
// two and the conflict.
func disputed(t *testing.T, w *world) (alice, bob string, c model.Conflict) {
	t.Helper()
	alice, bob = w.enters(t, app, "alice", "union-a"), w.enters(t, app, "bob", "union-b")
	w.comes(t, app, "alice", "union-b")
	return alice, bob, w.conflict(t, model.ConflictOpen)
}

// conflict is the one of a status.
func (w *world) conflict(t *testing.T, status model.ConflictStatus) model.Conflict {
	t.Helper()
	list, err := w.store.ListConflicts(t.Context(), status, "", 100)
	if err != nil || len(list) != 1 {
		t.Fatalf("conflicts %+v, %v", list, err)
	}
	return list[0]
}

func TestSecondUnionIDMakesOneConflictAndMergesNobody(t *testing.T) {
	w := newWorld(t)
	alice, bob, c := disputed(t, w)
	for range 3 { // however often, and by whichever way it is reported
		w.comes(t, app, "alice", "union-b")
		must(t, w.Meet(t.Context(), at(app, "alice"), "union-b"))
	}
	want := model.Conflict{
		ID: c.ID, AppID: app, OpenID: at(app, "alice").OpenID, OpenPlatform: "main", Recorded: "union-a", Reported: "union-b",
		UserID: alice, Status: model.ConflictOpen, CreatedAt: c.CreatedAt, Version: 1,
	}
	if again := w.conflict(t, model.ConflictOpen); again != want || c != want {
		t.Errorf("got %+v and %+v, want %+v", c, again, want)
	}
	if n := strings.Count(w.logged(), "nothing is merged until an operator decides"); n != 1 {
		t.Errorf("warned %d times", n)
	}
	w.answers(t, alice, alice)
	w.answers(t, bob, bob)
	if n := w.events(t); n["user.merged"] != 0 {
		t.Errorf("events %v", n)
	}
	if i := w.identity(t, at(app, "alice")); i.UnionID != "union-a" || i.Linking {
		t.Errorf("got %+v", i)
	}
	w.comes(t, app, "alice", "union-c") // a third is another question
	if list, err := w.store.ListConflicts(t.Context(), model.ConflictOpen, "", 10); err != nil || len(list) != 2 {
		t.Errorf("conflicts %+v, %v", list, err)
	}
	w.sound(t)
}

func TestResolveKeepLeavesEverythingAsItWas(t *testing.T) {
	w := newWorld(t)
	alice, bob, c := disputed(t, w)
	before := w.dump(t)
	w.pass(time.Hour)
	must(t, w.Resolve(t.Context(), c.ID, identity.Keep))
	kept := w.conflict(t, model.ConflictKept)
	if kept.ResolvedAt.Sub(c.CreatedAt) < time.Hour {
		t.Errorf("got %+v", kept)
	}
	for _, id := range []string{alice, bob} {
		if got := w.dump(t)[id]; !reflect.DeepEqual(got, before[id]) {
			t.Errorf("%s was %+v, is %+v", id, before[id], got)
		}
	}
	w.comes(t, app, "alice", "union-b") // the answer stands when it is reported again
	if again := w.conflict(t, model.ConflictKept); again != kept {
		t.Errorf("got %+v, want %+v", again, kept)
	}
	for _, r := range []identity.Resolution{identity.Keep, identity.Adopt} {
		wantCode(t, w.Resolve(t.Context(), c.ID, r), "conflict_resolved")
	}
	w.answers(t, alice, alice)
	if err := w.Resolve(t.Context(), "none", identity.Keep); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

// adopted is what must be true after alice's conflict was resolved for bob's UnionID.
func adopted(t *testing.T, w *world, alice, bob string) {
	t.Helper()
	w.answers(t, alice, alice, bob)
	if i := w.identity(t, at(app, "alice")); i.UnionID != "union-b" {
		t.Errorf("got %+v", i)
	}
	m := w.user(t, bob).Merges
	if len(m) != 1 || m[0].Into != alice || m[0].By != at(app, "alice") || m[0].Union != unionB {
		t.Errorf("the journal is %+v", m)
	}
	if n := w.events(t); n["user.merged "+bob] != 1 || n["user.merged"] != 1 {
		t.Errorf("events %v", n)
	}
	w.sound(t)
}

func TestResolveAdoptMergesWithWhoHoldsTheReportedUnionID(t *testing.T) {
	w := newWorld(t)
	alice, bob, c := disputed(t, w)
	must(t, w.Resolve(t.Context(), c.ID, identity.Adopt))
	adopted(t, w, alice, bob)
	if m := w.user(t, bob).Merges[0]; m.Cause != model.CauseOperator {
		t.Errorf("the cause is %q", m.Cause)
	}
	w.conflict(t, model.ConflictAdopted)
	for _, r := range []identity.Resolution{identity.Keep, identity.Adopt} {
		wantCode(t, w.Resolve(t.Context(), c.ID, r), "conflict_resolved")
	}
	w.comes(t, app, "alice", "union-b") // no conflict any more
	if list, err := w.store.ListConflicts(t.Context(), model.ConflictOpen, "", 10); err != nil || len(list) > 0 {
		t.Errorf("conflicts %+v, %v", list, err)
	}
	must(t, w.Unmerge(t.Context(), bob)) // an operator can be wrong
	w.answers(t, bob, bob)
	w.sound(t)
}

// The cause of a merge that an operator began is theirs, unless the repair job was first.
func TestResolveThatDiedIsDoneAgain(t *testing.T) {
	var c model.Conflict
	var alice, bob string
	prepare := func(t *testing.T, w *world) { alice, bob, c = disputed(t, w) }
	adopts := func(w *world, s *identity.Service) error { return s.Resolve(w.ctx, c.ID, identity.Adopt) }
	for _, repair := range []bool{false, true} {
		crashes(t, prepare, adopts, func(t *testing.T, w *world) {
			if repair {
				w.repaired(t)
			}
			if err := adopts(w, w.Service); err != nil {
				wantCode(t, err, "conflict_resolved")
			}
			w.repaired(t)
			adopted(t, w, alice, bob)
			w.conflict(t, model.ConflictAdopted)
			if m := w.user(t, bob).Merges; !repair && m[0].Cause != model.CauseOperator {
				t.Errorf("the cause is %q", m[0].Cause)
			}
		})
	}
}

func TestLoginsInTheMiddleOfAnAdoption(t *testing.T) {
	var c model.Conflict
	prepare := func(t *testing.T, w *world) { _, _, c = disputed(t, w) }
	adopts := func(w *world, s *identity.Service) error {
		if err := s.Resolve(w.ctx, c.ID, identity.Adopt); !errors.Is(err, model.ErrStale) {
			return err
		}
		return s.Resolve(w.ctx, c.ID, identity.Adopt)
	}
	for _, who := range []string{"alice", "bob"} {
		login := func(w *world, s *identity.Service) error {
			w.wechat.knows(who, "union-b")
			_, err := through(w.ctx, s, siteApp, codeOf(who))
			return err
		}
		check := func(t *testing.T, w *world) { w.sound(t) }
		meanwhile(t, prepare, adopts, login, check)
		meanwhile(t, prepare, login, adopts, check)
	}
}

// The identity has moved on since the conflict was noticed: another one was adopted.
func TestResolveOfAnOutdatedConflict(t *testing.T) {
	w := newWorld(t)
	alice, _, c := disputed(t, w)
	w.comes(t, app, "alice", "union-c")
	list, err := w.store.ListConflicts(t.Context(), model.ConflictOpen, "", 10)
	must(t, err)
	for _, other := range list {
		if other.ID != c.ID {
			must(t, w.Resolve(t.Context(), other.ID, identity.Adopt))
		}
	}
	wantCode(t, w.Resolve(t.Context(), c.ID, identity.Adopt), "conflict_outdated")
	w.conflict(t, model.ConflictOpen) // it stays to be closed
	w.answers(t, alice, alice)
	must(t, w.Resolve(t.Context(), c.ID, identity.Keep))
	must(t, w.Erase(t.Context(), alice, "test"))
	if err := w.Resolve(t.Context(), c.ID, identity.Adopt); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("after the erasure: %v", err)
	}
}
