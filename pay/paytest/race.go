package paytest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"wxhub/model"
	"wxhub/model/storetest"
)

func raceInsert(t *testing.T, s Store) {
	var winner atomic.Int64
	var winners atomic.Int64
	storetest.Race(64, func(i int) {
		o := sample("order-1")
		o.Amount = model.Fen(i)
		switch err := s.InsertOrder(context.Background(), o); {
		case err == nil:
			winner.Store(int64(i))
			winners.Add(1)
		case !errors.Is(err, model.ErrExists):
			t.Errorf("insert: got %v, want ErrExists", err)
		}
	})
	if got := get(t, s, "order-1"); winners.Load() != 1 || int64(got.Amount) != winner.Load() {
		t.Errorf("%d inserts won; the last said it was %d, stored is %d", winners.Load(), winner.Load(), got.Amount)
	}
}

func raceReplace(t *testing.T, s Store) {
	const racers, rounds = 32, 3
	start := sample("order-1")
	start.AmountRefunded = 0
	insert(t, s, start)

	var mu sync.Mutex
	wins := map[int64]int{}
	storetest.Race(racers, func(int) {
		for range rounds {
			version, err := refundOne(s, "order-1")
			if err != nil {
				t.Errorf("refund: %v", err)
				return
			}
			mu.Lock()
			wins[version]++
			mu.Unlock()
		}
	})

	got := get(t, s, "order-1")
	if got.AmountRefunded != racers*rounds || got.Version != racers*rounds+1 {
		t.Errorf("got %d refunded in version %d, want %d in %d", got.AmountRefunded, got.Version, racers*rounds, racers*rounds+1)
	}
	for version := int64(1); version <= racers*rounds; version++ {
		if wins[version] != 1 {
			t.Errorf("version %d was replaced by %d winners, want 1", version, wins[version])
		}
	}
}

// refundOne adds 1 to AmountRefunded, again until nobody was faster, and returns
// the version it replaced.
func refundOne(s Store, id string) (int64, error) {
	for {
		o, err := s.Order(context.Background(), id)
		if err != nil {
			return 0, err
		}
		o.AmountRefunded++
		err = s.ReplaceOrder(context.Background(), o)
		if !errors.Is(err, model.ErrStale) {
			return o.Version, err
		}
	}
}

func raceClaim(t *testing.T, s Store) {
	const racers = 64
	var made atomic.Int64
	seen := make([]model.IdempotentOrder, racers)
	storetest.Race(racers, func(i int) {
		stored, created, err := s.ClaimOrder(context.Background(), claim(fmt.Sprintf("order-%d", i)))
		if err != nil {
			t.Errorf("claim: %v", err)
		}
		if created {
			made.Add(1)
			if want := claim(fmt.Sprintf("order-%d", i)); !storetest.Same(stored, want) {
				t.Errorf("the winner was told that another record stands: %+v", stored)
			}
		}
		seen[i] = stored
	})
	if made.Load() != 1 {
		t.Errorf("%d claims won, want 1", made.Load())
	}
	for i := range seen {
		if !storetest.Same(seen[i], seen[0]) {
			t.Fatalf("two callers see two records: orders %s and %s", seen[i].Order.ID, seen[0].Order.ID)
		}
	}
}
