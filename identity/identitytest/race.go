package identitytest

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"wxhub/model"
	"wxhub/model/storetest"
)

const racers = 64

func raceClaim(t *testing.T, s Store) {
	var made atomic.Int64
	seen := make([]model.Identity, racers)
	storetest.Race(racers, func(i int) {
		stored, created, err := s.ClaimIdentity(context.Background(), sample(fmt.Sprintf("user-%d", i)))
		if err != nil {
			t.Errorf("claim: %v", err)
		}
		if created {
			made.Add(1)
			if want := sample(fmt.Sprintf("user-%d", i)); stored != want {
				t.Errorf("the winner was told that another record stands: %+v", stored)
			}
		}
		seen[i] = stored
	})
	if made.Load() != 1 {
		t.Errorf("%d claims won, want 1", made.Load())
	}
	wantAllSame(t, s, seen)
}

func raceUnionID(t *testing.T, s Store) {
	mustClaim(t, s, sample("user-1"))
	seen := make([]model.Identity, racers)
	storetest.Race(racers, func(i int) {
		stored, err := s.SetUnionID(context.Background(), "wx1", "open-1", fmt.Sprintf("union-%d", i))
		if err != nil || stored.UnionID == "" {
			t.Errorf("set union id: got %+v, error %v", stored, err)
		}
		seen[i] = stored
	})
	wantAllSame(t, s, seen)
}

// wantAllSame checks that all racers were told of the record that stands now.
func wantAllSame(t *testing.T, s Store, seen []model.Identity) {
	t.Helper()
	for _, got := range seen {
		if got != seen[0] {
			t.Errorf("two callers see two records:\n%+v\n%+v", got, seen[0])
		}
	}
	wantIdentity(t, s, seen[0])
}

func raceInsertUser(t *testing.T, s Store) {
	var made atomic.Int64
	var winner atomic.Value
	storetest.Race(racers, func(i int) {
		u := sampleUser()
		u.Phone = fmt.Sprintf("86138%08d", i)
		created, err := s.InsertUser(context.Background(), u)
		if err != nil {
			t.Errorf("insert: %v", err)
		}
		if created {
			made.Add(1)
			winner.Store(u.Phone)
		}
	})
	u, err := s.User(context.Background(), sampleUser().ID)
	if err != nil || made.Load() != 1 || u.Phone != winner.Load() {
		t.Errorf("%d inserts won, error %v; the last said %s, stored is %s", made.Load(), err, winner.Load(), u.Phone)
	}
}
