package identitytest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/model/storetest"
)

func claimTwice(t *testing.T, s Store) {
	mustClaim(t, s, sample("user-1"))
	second := sample("user-2")
	second.UnionID, second.Kind = "union-2", model.Website
	stored, created, err := s.ClaimIdentity(context.Background(), second)
	if err != nil || created || stored != sample("user-1") {
		t.Errorf("second claim: created %v, error %v, stands %+v", created, err, stored)
	}
	wantIdentity(t, s, sample("user-1"))
}

// compositeKey looks for stores that glue the two halves of the key together.
func compositeKey(t *testing.T, s Store) {
	for _, pair := range [][2]string{
		{"wx1", "open-1"}, {"wx1", "open-2"}, {"wx2", "open-1"},
		{"a:b", "c"}, {"a", "b:c"}, {"a%3Ab", "c"}, {"a%3A", "c"}, {"a:", "c"}, {"", "a:c"}, {"a", ":c"},
	} {
		i := sample("user of " + pair[0] + " and " + pair[1])
		i.AppID, i.OpenID = pair[0], pair[1]
		mustClaim(t, s, i)
		wantIdentity(t, s, i)
	}
	if _, err := s.Identity(context.Background(), "WX1", "open-1"); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("ids must be compared with their case: got %v, want ErrNotFound", err)
	}
}

func notFound(t *testing.T, s Store) {
	mustClaim(t, s, sample("user-1"))
	if _, err := s.Identity(context.Background(), "wx1", "open-2"); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("identity: got %v, want ErrNotFound", err)
	}
	if _, err := s.SetUnionID(context.Background(), "wx1", "open-2", "union-1"); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("set union id: got %v, want ErrNotFound", err)
	}
	if _, err := s.Identity(context.Background(), "wx1", "open-2"); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("setting a union id made an identity: got %v, want ErrNotFound", err)
	}
	if _, err := s.User(context.Background(), "user-1"); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("user: got %v, want ErrNotFound", err)
	}
	if got, err := s.IdentitiesOf(context.Background(), "user-2"); err != nil || len(got) != 0 {
		t.Errorf("identities of nobody: got %v, error %v", got, err)
	}
}

func setUnionID(t *testing.T, s Store) {
	mustClaim(t, s, sample("user-1"))
	want := sample("user-1")
	for _, step := range []struct{ set, stands string }{{"", ""}, {"union-1", "union-1"}, {"union-2", "union-1"}, {"", "union-1"}} {
		want.UnionID = step.stands
		got, err := s.SetUnionID(context.Background(), "wx1", "open-1", step.set)
		if err != nil || got != want {
			t.Errorf("set %q, error %v:\n got %+v\nwant %+v", step.set, err, got, want)
		}
		wantIdentity(t, s, want)
	}
}

func identitiesOf(t *testing.T, s Store) {
	var want []model.Identity
	for _, key := range []struct {
		app, open string
		age       time.Duration
	}{
		{"wx2", "open-9", 2 * time.Hour}, {"wx1", "open-2", time.Hour}, {"wx1", "open-3", time.Hour},
		{"wx2", "open-1", time.Hour}, {"wx0", "open-0", 0},
	} {
		i := sample("user-1")
		i.AppID, i.OpenID, i.CreatedAt = key.app, key.open, storetest.Epoch().Add(-key.age)
		want = append(want, i)
	}
	for i := range want {
		mustClaim(t, s, want[(i*3+2)%len(want)])
	}
	stranger := sample("user-2")
	mustClaim(t, s, stranger)

	got, err := s.IdentitiesOf(context.Background(), "user-1")
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("identities, error %v:\n got %+v\nwant %+v", err, got, want)
	}
}
