package identity_test

import (
	"testing"
	"time"

	"wxhub/identity"
	"wxhub/model"
)

// erases removes who comes by alice's mobile app.
func erases(w *world, s *identity.Service) error {
	i, err := w.store.Identity(w.ctx, at(mobileApp, "alice"))
	if err != nil {
		return err
	}
	return s.Erase(w.ctx, i.UserID, "test")
}

// An erasure that died is completed by the repair job alone, unless it died before it
// had begun.
func TestErasureThatDiedIsCompletedByTheRepairJob(t *testing.T) {
	begun := 0
	crashes(t, func(t *testing.T, w *world) { everything(t, w) }, erases, func(t *testing.T, w *world) {
		n := w.events(t)["user.erased"]
		w.repaired(t)
		if n == 0 {
			must(t, erases(w, w.Service))
		} else {
			begun++
		}
		list, err := w.store.ListUsers(t.Context(), "", 10)
		if err != nil || len(list) != 1 {
			t.Fatalf("got %+v, %v", list, err)
		}
		ids, err := w.EveryID(t.Context(), list[0].ID)
		if err != nil || len(ids) != 2 {
			t.Fatalf("got %q, %v", ids, err)
		}
		w.gone(t, aliceIs, ids...)
		if n := w.events(t); n["user.erased"] != 1 {
			t.Errorf("events %v", n)
		}
		w.sound(t)
	})
	if begun < 2 {
		t.Errorf("only %d crashes came after the beginning", begun)
	}
}

// The same with a process that is killed.
func TestKilledAtEveryWriteOfAnErasure(t *testing.T) {
	writes := atEveryWrite(t, "erase", func(w *world) string {
		_, younger := everything(t, w)
		return younger
	}, func(t *testing.T, w *world, younger string) {
		w.repaired(t)
		older, err := w.Survivor(t.Context(), younger)
		must(t, err)
		if w.user(t, older).ErasedAt.IsZero() { // it died before it had begun
			if p := w.person(t, younger); len(p.Identities) != 2 || p.User.Phone == "" {
				t.Errorf("got %+v", p)
			}
			must(t, w.Erase(t.Context(), younger, "test"))
		}
		w.gone(t, aliceIs, older, younger)
		if n := w.events(t); n["user.erased"] != 1 || n["user.erased "+older] != 1 {
			t.Errorf("events %v", n)
		}
		w.sound(t)
	})
	if writes < 8 {
		t.Errorf("an erasure has %d writes; the test has lost them", writes)
	}
	t.Logf("%d writes", writes)
}

// And an unmerge, which an operator does again.
func TestKilledAtEveryWriteOfAnUnmerge(t *testing.T) {
	writes := atEveryWrite(t, "unmerge", func(w *world) string {
		_, younger := heldByTheOtherSide(t, w)
		return younger
	}, func(t *testing.T, w *world, younger string) {
		if err := w.Unmerge(t.Context(), younger); err != nil {
			wantCode(t, err, "not_merged")
		}
		w.answers(t, younger, younger)
		if n := w.events(t); n["user.unmerged"] != 1 {
			t.Errorf("events %v", n)
		}
		w.sound(t)
	})
	if writes < 3 {
		t.Errorf("an unmerge has %d writes; the test has lost them", writes)
	}
	t.Logf("%d writes", writes)
}

// Cancelling somebody nobody had heard of dies as well.
func TestCancellationThatDiedIsCompleted(t *testing.T) {
	k := at(accountApp, "alice")
	cancels := func(w *world, s *identity.Service) error { return s.Cancel(w.ctx, k, "test") }
	crashes(t, func(t *testing.T, w *world) {
		must(t, w.Meet(t.Context(), k, "union-a"))
	}, cancels, func(t *testing.T, w *world) {
		if err := cancels(w, w.Service); err != nil {
			wantCode(t, err, "not_found") // it was done already
		}
		w.repaired(t)
		w.gone(t, []model.IdentityKey{k})
		if held, err := w.store.Union(t.Context(), unionA); err == nil {
			t.Errorf("the UnionID is still held: %+v", held)
		}
		w.pass(time.Second)
		if l := w.comes(t, app, "alice", "union-a"); !l.NewUser || len(l.Person.Identities) != 1 {
			t.Errorf("got %+v", l)
		}
		w.sound(t)
	})
}
