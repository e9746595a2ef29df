package identitytest

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"wxhub/identity"
	"wxhub/model"
	"wxhub/model/storetest"
)

// stock stores one record of each kind.
func stock(t *testing.T, s Store) {
	t.Helper()
	mustClaim(t, s, sample("user-1"))
	mustInsert(t, s, sampleUser())
	mustClaimUnion(t, s, sampleUnion("user-1"))
	mustAdd(t, s, sampleConflict("conflict-1"))
}

// wantStock checks that nothing else is there, and all as it was.
func wantStock(t *testing.T, s Store) {
	t.Helper()
	ctx := context.Background()
	wantIdentities(t, "identities", []model.Identity{sample("user-1")})(s.IdentitiesIn(ctx, "wx1", "", 100))
	wantUser(t, s, sampleUser())
	wantUnion(t, s, sampleUnion("user-1"))
	wantConflicts(t, "conflicts", []model.Conflict{sampleConflict("conflict-1")})(s.ListConflicts(ctx, model.ConflictOpen, "", 100))
}

func cancelled(t *testing.T, s Store) {
	stock(t, s)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for name, call := range calls(ctx, s) {
		if err := call(); !errors.Is(err, model.ErrUnavailable) || !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v, want ErrUnavailable because of the cancelled context", name, err)
		}
	}
	if of := reflect.TypeFor[identity.Store](); len(calls(ctx, s)) != of.NumMethod() {
		t.Errorf("%d methods were called of %d", len(calls(ctx, s)), of.NumMethod())
	}
	wantStock(t, s)
	wantUsers(t, "users of their own")(s.ListUsers(context.Background(), "", 100))
}

// calls has one call of each method; those that change something would.
func calls(ctx context.Context, s Store) map[string]func() error {
	i, u, union, c := sample("user-1"), sampleUser(), sampleUnion("user-1"), sampleConflict("conflict-1")
	newIdentity, newUser, newUnion, newConflict := i, model.User{ID: "user-2"}, union, sampleConflict("conflict-2")
	newIdentity.OpenID, newUnion.UnionID = "open-2", "union-2"
	return map[string]func() error{
		"ClaimIdentity":     func() error { return last3(s.ClaimIdentity(ctx, newIdentity)) },
		"Identity":          func() error { return last(s.Identity(ctx, i.Key())) },
		"ReplaceIdentity":   func() error { return s.ReplaceIdentity(ctx, i) },
		"DeleteIdentity":    func() error { return s.DeleteIdentity(ctx, i) },
		"IdentitiesOf":      func() error { return last(s.IdentitiesOf(ctx, "user-1")) },
		"IdentitiesIn":      func() error { return last(s.IdentitiesIn(ctx, "wx1", "", 1)) },
		"LinkingIdentities": func() error { return last(s.LinkingIdentities(ctx, 1)) },
		"InsertUser":        func() error { return last(s.InsertUser(ctx, newUser)) },
		"User":              func() error { return last(s.User(ctx, u.ID)) },
		"ReplaceUser":       func() error { return s.ReplaceUser(ctx, u) },
		"MergedInto":        func() error { return last(s.MergedInto(ctx, "user-0")) },
		"ListUsers":         func() error { return last(s.ListUsers(ctx, "", 1)) },
		"UnsettledUsers":    func() error { return last(s.UnsettledUsers(ctx, 1)) },
		"ClaimUnion":        func() error { return last3(s.ClaimUnion(ctx, newUnion)) },
		"Union":             func() error { return last(s.Union(ctx, keyOf(union))) },
		"ReplaceUnion":      func() error { return s.ReplaceUnion(ctx, union) },
		"UnionsOf":          func() error { return last(s.UnionsOf(ctx, "user-1")) },
		"DeleteUnion":       func() error { return s.DeleteUnion(ctx, union) },
		"AddConflict":       func() error { return last(s.AddConflict(ctx, newConflict)) },
		"Conflict":          func() error { return last(s.Conflict(ctx, c.ID)) },
		"ReplaceConflict":   func() error { return s.ReplaceConflict(ctx, c) },
		"ListConflicts":     func() error { return last(s.ListConflicts(ctx, model.ConflictOpen, "", 1)) },
		"DeleteConflicts":   func() error { return s.DeleteConflicts(ctx, i.Key()) },
	}
}

func last[T any](_ T, err error) error { return err }

func last3[T any](_ T, _ bool, err error) error { return err }

func reopen(t *testing.T, db Database) {
	s := db(t)
	stock(t, s)
	if err := s.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
	s = storetest.Open(t, db, Store.Close)
	wantStock(t, s)
	if _, created, err := s.ClaimIdentity(context.Background(), sample("user-2")); err != nil || created {
		t.Errorf("claim after reopening: created %v, error %v, want neither", created, err)
	}
	if err := s.ReplaceUnion(context.Background(), sampleUnion("user-2")); err != nil {
		t.Errorf("replace after reopening: %v", err)
	}
}
