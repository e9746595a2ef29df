package identitytest

import (
	"context"
	"flag"
	"strconv"
	"sync"
	"testing"
	"time"

	"wxhub/identity"
	"wxhub/model"
)

// Store is the store under test.
type Store interface {
	identity.Store
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
		{"identities come back as they were stored", roundTripIdentities},
		{"users come back as they were stored", roundTripUsers},
		{"the first claim of an identity stands", claimTwice},
		{"app and open id together are the key", compositeKey},
		{"what is not there is not found", notFound},
		{"a union id is set once", setUnionID},
		{"identities of a user, oldest first", identitiesOf},
		{"a user id is taken once", insertUserTwice},
		{"race: one claim wins and all see it", raceClaim},
		{"race: one union id stands for all", raceUnionID},
		{"race: one insert of a user wins", raceInsertUser},
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

// sample is an identity without a union id.
func sample(userID string) model.Identity {
	return model.Identity{
		AppID: "wx1", OpenID: "open-1", UserID: userID, Kind: model.MiniProgram, OpenPlatform: "main", CreatedAt: epoch(),
	}
}

func mustClaim(t *testing.T, s Store, i model.Identity) {
	t.Helper()
	stored, created, err := s.ClaimIdentity(context.Background(), i)
	if err != nil || !created || stored != i {
		t.Fatalf("claim: created %v, error %v\n got %+v\nwant %+v", created, err, stored, i)
	}
}

func wantIdentity(t *testing.T, s Store, want model.Identity) {
	t.Helper()
	got, err := s.Identity(context.Background(), want.AppID, want.OpenID)
	if err != nil || got != want {
		t.Errorf("identity, error %v:\n got %+v\nwant %+v", err, got, want)
	}
}
