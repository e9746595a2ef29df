package identitytest

import (
	"context"
	"errors"
	"testing"

	"wxhub/model"
	"wxhub/model/storetest"
)

// sample is an identity without a union id, as it is stored.
func sample(userID string) model.Identity {
	return model.Identity{
		AppID: "wx1", OpenID: "open-1", UserID: userID, Kind: model.MiniProgram, OpenPlatform: "main",
		CreatedAt: storetest.Epoch(), Version: 1,
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
	got, err := s.Identity(context.Background(), want.Key())
	if err != nil || got != want {
		t.Errorf("identity, error %v:\n got %+v\nwant %+v", err, got, want)
	}
}

func claimTwice(t *testing.T, s Store) {
	mustClaim(t, s, sample("user-1"))
	second := sample("user-2")
	second.UnionID, second.Kind = "union-2", model.Website
	stored, created, err := s.ClaimIdentity(context.Background(), second)
	if err != nil || created || stored != sample("user-1") {
		t.Errorf("second claim: created %v, error %v, stands %+v", created, err, stored)
	}
	wantIdentity(t, s, sample("user-1"))

	fine := sample("user-3")
	fine.OpenID, fine.CreatedAt, fine.Version = "open-3", storetest.Epoch().Add(999), 7
	stored, created, err = s.ClaimIdentity(context.Background(), fine)
	fine.CreatedAt, fine.Version = storetest.Epoch(), 1
	if err != nil || !created || stored != fine {
		t.Errorf("the winner is told what stands: created %v, error %v\n got %+v\nwant %+v", created, err, stored, fine)
	}
}

// pairs are halves of a key that a store must not glue together.
var pairs = [][2]string{
	{"wx1", "open-1"}, {"wx1", "open-2"}, {"wx2", "open-1"},
	{"a:b", "c"}, {"a", "b:c"}, {"a%3Ab", "c"}, {"a%3A", "c"}, {"a:", "c"}, {"", "a:c"}, {"a", ":c"},
}

func compositeKey(t *testing.T, s Store) {
	for _, pair := range pairs {
		i := sample("user of " + pair[0] + " and " + pair[1])
		i.AppID, i.OpenID = pair[0], pair[1]
		mustClaim(t, s, i)
		wantIdentity(t, s, i)
	}
	otherCase := model.IdentityKey{AppID: "WX1", OpenID: "open-1"}
	if _, err := s.Identity(context.Background(), otherCase); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("ids must be compared with their case: got %v, want ErrNotFound", err)
	}
}

// successor is somebody who comes back after everything about them was deleted, while
// a job still holds a copy of what was there: versions begin again, the user is new.
func successor(t *testing.T, s Store) {
	old := sample("user-1")
	mustClaim(t, s, old)
	if err := s.DeleteIdentity(context.Background(), old); err != nil {
		t.Fatalf("delete: %v", err)
	}
	mustClaim(t, s, sample("user-2"))
	if err := s.ReplaceIdentity(context.Background(), old); !errors.Is(err, model.ErrStale) {
		t.Errorf("replace by an old copy: got %v, want ErrStale", err)
	}
	if err := s.DeleteIdentity(context.Background(), old); !errors.Is(err, model.ErrStale) {
		t.Errorf("delete by an old copy: got %v, want ErrStale", err)
	}
	wantIdentity(t, s, sample("user-2"))
}
