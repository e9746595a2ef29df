package identitytest

import (
	"context"
	"testing"

	"wxhub/identity"
	"wxhub/model"
	"wxhub/model/storetest"
)

// Store is the store under test.
type Store interface {
	identity.Store
	Close() error
}

// Database opens one set of data; called again after Close it opens the same data.
type Database = storetest.Database[Store]

// Run runs the suite. Each test gets a new, empty database from fresh.
func Run(t *testing.T, fresh func(t *testing.T) Database, o storetest.Options) {
	storetest.Run(t, fresh, Store.Close, o, []storetest.Test[Store]{
		{Name: "identities come back as they were stored", Run: roundTripIdentities},
		{Name: "users come back as they were stored", Run: roundTripUsers},
		{Name: "the first claim of an identity stands", Run: claimTwice},
		{Name: "app and open id together are the key", Run: compositeKey},
		{Name: "what is not there is not found", Run: notFound},
		{Name: "a union id is set once", Run: setUnionID},
		{Name: "identities of a user, oldest first", Run: identitiesOf},
		{Name: "a user id is taken once", Run: insertUserTwice},
		{Name: "race: one claim wins and all see it", Run: raceClaim},
		{Name: "race: one union id stands for all", Run: raceUnionID},
		{Name: "race: one insert of a user wins", Run: raceInsertUser},
		{Name: "a cancelled context changes nothing", Run: cancelled},
	}, reopen)
}

// sample is an identity without a union id.
func sample(userID string) model.Identity {
	return model.Identity{
		AppID: "wx1", OpenID: "open-1", UserID: userID, Kind: model.MiniProgram, OpenPlatform: "main", CreatedAt: storetest.Epoch(),
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
