package identitytest

import (
	"context"
	"errors"
	"testing"

	"wxhub/model"
	"wxhub/model/storetest"
)

func cancelled(t *testing.T, s Store) {
	mustClaim(t, s, sample("user-1"))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()

	other := sample("user-1")
	other.OpenID = "open-2"
	calls := map[string]func() error{
		"ClaimIdentity": func() error { _, _, err := s.ClaimIdentity(ctx, other); return err },
		"Identity":      func() error { _, err := s.Identity(ctx, "wx1", "open-1"); return err },
		"SetUnionID":    func() error { _, err := s.SetUnionID(ctx, "wx1", "open-1", "union-1"); return err },
		"IdentitiesOf":  func() error { _, err := s.IdentitiesOf(ctx, "user-1"); return err },
		"InsertUser":    func() error { _, err := s.InsertUser(ctx, sampleUser()); return err },
		"User":          func() error { _, err := s.User(ctx, "user-1"); return err },
	}
	for name, call := range calls {
		if err := call(); !errors.Is(err, model.ErrUnavailable) || !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v, want ErrUnavailable because of the cancelled context", name, err)
		}
	}
	wantIdentity(t, s, sample("user-1"))
	if _, err := s.Identity(context.Background(), "wx1", "open-2"); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("the cancelled claim left something: got %v, want ErrNotFound", err)
	}
	if _, err := s.User(context.Background(), "user-1"); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("the cancelled insert left something: got %v, want ErrNotFound", err)
	}
}

func reopen(t *testing.T, db Database) {
	s := db(t)
	mustClaim(t, s, sample("user-1"))
	if _, err := s.SetUnionID(context.Background(), "wx1", "open-1", "union-1"); err != nil {
		t.Fatalf("set union id: %v", err)
	}
	if created, err := s.InsertUser(context.Background(), sampleUser()); err != nil || !created {
		t.Fatalf("insert: created %v, error %v", created, err)
	}
	if err := s.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}

	s = storetest.Open(t, db, Store.Close)
	want := sample("user-1")
	want.UnionID = "union-1"
	wantIdentity(t, s, want)
	wantUser(t, s, sampleUser())
	if _, created, err := s.ClaimIdentity(context.Background(), sample("user-2")); err != nil || created {
		t.Errorf("claim after reopening: created %v, error %v, want neither", created, err)
	}
}
