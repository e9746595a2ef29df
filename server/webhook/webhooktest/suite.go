package webhooktest

import (
	"context"
	"flag"
	"strconv"
	"sync"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/server/webhook"
)

// Stores are the parts of the store under test.
type Stores struct {
	Deliveries  webhook.Deliveries
	Orders      Orders
	OrderOutbox webhook.Outbox
	Users       Users
	UserOutbox  webhook.Outbox
	Close       func() error
}

// Orders puts events into orders.
type Orders interface {
	InsertOrder(ctx context.Context, o model.Order) error
	Order(ctx context.Context, id string) (model.Order, error)
	ReplaceOrder(ctx context.Context, o model.Order) error
}

// Users puts events into users.
type Users interface {
	InsertUser(ctx context.Context, u model.User) (created bool, err error)
	User(ctx context.Context, id string) (model.User, error)
}

// Database opens one set of data; called again after Close it opens the same data.
type Database func(t *testing.T) Stores

// Options tune the suite to a backend.
type Options struct {
	Checks int // property checks; 0 leaves rapid's default
}

// Run runs the suite. Each test gets a new, empty database from fresh.
func Run(t *testing.T, fresh func(t *testing.T) Database, o Options) {
	tests := []struct {
		name string
		test func(*testing.T, Stores)
	}{
		{"outbox: pending until acknowledged", acknowledge},
		{"outbox: oldest aggregates first", pendingOrder},
		{"outbox: users have one too", userOutbox},
		{"outbox: an old copy of the order brings no event back", noResurrection},
		{"outbox: race of acknowledgement and replacement loses neither", raceAcknowledge},
		{"outbox: a cancelled context changes nothing", cancelledOutbox},
		{"deliveries come back as they were stored", roundTrip},
		{"deliveries: added once", addTwice},
		{"deliveries: what is not there, what is stale", missingAndStale},
		{"deliveries: the longest due first", due},
		{"deliveries: race for a lease has one winner", raceLease},
		{"deliveries: race of adding makes one", raceAdd},
		{"deliveries: a cancelled context changes nothing", cancelledDeliveries},
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

func opened(t *testing.T, db Database) Stores {
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
