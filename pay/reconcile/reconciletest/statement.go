package reconciletest

import (
	"errors"
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wxhub/model"
	"wxhub/model/storetest"
)

func statement(id string) model.Statement {
	return model.Statement{
		ID: id, MerchantID: "1900000001", Date: "2026-03-05", Status: model.StatementPending, DueAt: storetest.Epoch(), Version: 1,
	}
}

func addStatement(t *testing.T, s Store, st model.Statement) {
	t.Helper()
	if added, err := s.AddStatement(ctx(), st); err != nil || !added {
		t.Fatalf("add %s: %v, %v", st.ID, added, err)
	}
}

// anyStatement is one with anything that a run can put into it.
func anyStatement() *rapid.Generator[model.Statement] {
	return rapid.Custom(func(t *rapid.T) model.Statement {
		st := storetest.Anything[model.Statement]().Draw(t, "statement")
		st.Differences = nil
		for _, kind := range rapid.SliceOfDistinct(rapid.SampledFrom(model.DifferenceKinds), func(k model.DifferenceKind) model.DifferenceKind { return k }).Draw(t, "kinds") {
			if st.Differences == nil {
				st.Differences = map[model.DifferenceKind]int64{}
			}
			st.Differences[kind] = rapid.Int64Range(1, 1_000_000).Draw(t, "count")
		}
		st.DueAt, st.StartedAt, st.FinishedAt = model.Instant(st.DueAt), model.Instant(st.StartedAt), model.Instant(st.FinishedAt)
		st.Version = 1
		return st
	})
}

func roundTripStatements(t *testing.T, s Store) {
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		st := anyStatement().Draw(t, "statement")
		n++
		st.ID = fmt.Sprintf("%d-%s", n, st.ID)
		if added, err := s.AddStatement(ctx(), st); err != nil || !added {
			t.Fatalf("add: %v, %v", added, err)
		}
		if got, err := s.Statement(ctx(), st.ID); err != nil || !reflect.DeepEqual(got, st) {
			t.Fatalf("error %v\n got %+v\nwant %+v", err, got, st)
		}
		next := anyStatement().Draw(t, "next")
		next.ID = st.ID
		if err := s.ReplaceStatement(ctx(), next); err != nil {
			t.Fatalf("replace: %v", err)
		}
		next.Version = 2
		if got, err := s.Statement(ctx(), st.ID); err != nil || !reflect.DeepEqual(got, next) {
			t.Fatalf("after the replacement: error %v\n got %+v\nwant %+v", err, got, next)
		}
	})
}

func staleStatements(t *testing.T, s Store) {
	st := statement("a")
	if _, err := s.Statement(ctx(), "a"); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("before: %v", err)
	}
	if err := s.ReplaceStatement(ctx(), st); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("replace what is not there: %v", err)
	}
	addStatement(t, s, st)
	if added, err := s.AddStatement(ctx(), st); err != nil || added {
		t.Errorf("added twice: %v, %v", added, err)
	}
	if err := s.ReplaceStatement(ctx(), st); err != nil {
		t.Fatal(err)
	}
	if err := s.ReplaceStatement(ctx(), st); !errors.Is(err, model.ErrStale) {
		t.Errorf("a stale version: %v", err)
	}
}

func dueStatements(t *testing.T, s Store) {
	now := storetest.Epoch()
	for i, late := range []time.Duration{time.Second, time.Hour, 0, -time.Millisecond, time.Hour} {
		st := statement(fmt.Sprintf("id-%d", i))
		st.DueAt = now.Add(-late)
		addStatement(t, s, st)
	}
	done := statement("done")
	done.Status, done.DueAt = model.StatementDone, now.Add(-time.Hour)
	addStatement(t, s, done)
	for limit, want := range map[int]string{0: "", 1: "1", 3: "140", 10: "1402"} {
		list, err := s.DueStatements(ctx(), now, limit)
		got := ""
		for _, st := range list {
			got += st.ID[3:]
		}
		if err != nil || got != want {
			t.Errorf("limit %d: got %q, want %q, error %v", limit, got, want, err)
		}
	}
}

func raceStatement(t *testing.T, s Store) {
	addStatement(t, s, statement("a"))
	var taken atomic.Int64
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			st := statement("a")
			st.DueAt = st.DueAt.Add(time.Hour)
			switch err := s.ReplaceStatement(ctx(), st); {
			case err == nil:
				taken.Add(1)
			case !errors.Is(err, model.ErrStale):
				t.Error(err)
			}
		})
	}
	group.Wait()
	if taken.Load() != 1 {
		t.Errorf("%d processes took it", taken.Load())
	}
}
