package paytest

import (
	"context"
	"flag"
	"strconv"
	"sync"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/pay"
)

// Store is the store under test.
type Store interface {
	pay.Orders
	pay.Idempotency
	Close() error
}

// Database opens one set of data; called again after Close it opens the same data.
type Database func(t *testing.T) Store

// Options tune the suite to a backend.
type Options struct {
	Checks int // property checks; 0 leaves rapid's default
}

// Run runs the suite. Each test gets a new, empty database from fresh.
func Run(t *testing.T, fresh func(t *testing.T) Database, o Options) {
	tests := []struct {
		name string
		test func(*testing.T, Store)
	}{
		{"orders come back as they were stored", roundTripOrders},
		{"an id is taken once", insertTwice},
		{"what is not there is not found", notFound},
		{"a stale version changes nothing", stale},
		{"replacing leaves nothing of the old order", replaceClears},
		{"list: filters and order", listFilters},
		{"list: pages have no gap and no repeat", listPages},
		{"due: the longest due first", due},
		{"race: one insert of an id wins", raceInsert},
		{"race: no replacement is lost", raceReplace},
		{"claims come back as they were stored", roundTripClaims},
		{"the first claim stands", claimTwice},
		{"race: one claim wins and all see it", raceClaim},
		{"a cancelled context changes nothing", cancelled},
	}
	limitChecks(t, o.Checks)
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) { c.test(t, opened(t, fresh(t))) })
	}
	t.Run("data outlive the process", func(t *testing.T) { reopen(t, fresh(t)) })
}

// limitChecks sets the knob that rapid has only as a flag, for this suite.
func limitChecks(t *testing.T, n int) {
	if n == 0 {
		return
	}
	checks := flag.Lookup("rapid.checks")
	before := checks.Value.String()
	if err := flag.Set(checks.Name, strconv.Itoa(n)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = flag.Set(checks.Name, before) })
}

func opened(t *testing.T, db Database) Store {
	s := db(t)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

// race runs f in n goroutines that start together.
func race(n int, f func(i int)) {
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-start
			f(i)
		})
	}
	close(start)
	wg.Wait()
}

// epoch is a time like those of production, to count from.
func epoch() time.Time { return time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC) }

func insert(t *testing.T, s Store, o model.Order) {
	t.Helper()
	if err := s.InsertOrder(context.Background(), o); err != nil {
		t.Fatalf("insert %s: %v", o.ID, err)
	}
}

func get(t *testing.T, s Store, id string) model.Order {
	t.Helper()
	o, err := s.Order(context.Background(), id)
	if err != nil {
		t.Fatalf("order %s: %v", id, err)
	}
	return o
}
