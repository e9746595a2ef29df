package identitytest

import (
	"context"
	"errors"
	"slices"
	"testing"

	"wxhub/model"
	"wxhub/model/storetest"
)

// sampleUnion is who holds a UnionID, as it is stored.
func sampleUnion(userID string) model.Union {
	return model.Union{OpenPlatform: "main", UnionID: "union-1", UserID: userID, CreatedAt: storetest.Epoch(), Version: 1}
}

func keyOf(u model.Union) model.UnionKey {
	return model.UnionKey{OpenPlatform: u.OpenPlatform, UnionID: u.UnionID}
}

func mustClaimUnion(t *testing.T, s Store, u model.Union) {
	t.Helper()
	stored, created, err := s.ClaimUnion(context.Background(), u)
	if err != nil || !created || stored != u {
		t.Fatalf("claim: created %v, error %v\n got %+v\nwant %+v", created, err, stored, u)
	}
}

func wantUnion(t *testing.T, s Store, want model.Union) {
	t.Helper()
	got, err := s.Union(context.Background(), keyOf(want))
	if err != nil || got != want {
		t.Errorf("union, error %v:\n got %+v\nwant %+v", err, got, want)
	}
}

func claimUnionTwice(t *testing.T, s Store) {
	mustClaimUnion(t, s, sampleUnion("user-1"))
	stored, created, err := s.ClaimUnion(context.Background(), sampleUnion("user-2"))
	if err != nil || created || stored != sampleUnion("user-1") {
		t.Errorf("second claim: created %v, error %v, stands %+v", created, err, stored)
	}
	wantUnion(t, s, sampleUnion("user-1"))

	// A copy from before a deletion does not delete what was claimed since.
	if err := s.DeleteUnion(context.Background(), sampleUnion("user-1")); err != nil {
		t.Fatalf("delete: %v", err)
	}
	mustClaimUnion(t, s, sampleUnion("user-2"))
	if err := s.DeleteUnion(context.Background(), sampleUnion("user-1")); !errors.Is(err, model.ErrStale) {
		t.Errorf("delete by an old copy: got %v, want ErrStale", err)
	}
	wantUnion(t, s, sampleUnion("user-2"))
}

func unionKey(t *testing.T, s Store) {
	for _, pair := range pairs {
		u := sampleUnion("user of " + pair[0] + " and " + pair[1])
		u.OpenPlatform, u.UnionID = pair[0], pair[1]
		mustClaimUnion(t, s, u)
		wantUnion(t, s, u)
	}
	otherCase := model.UnionKey{OpenPlatform: "WX1", UnionID: "open-1"}
	if _, err := s.Union(context.Background(), otherCase); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("ids must be compared with their case: got %v, want ErrNotFound", err)
	}
}

func unionsOf(t *testing.T, s Store) {
	var all []model.Union
	for _, id := range []string{"union-1", "union-2", "union-3", "union-4"} {
		u := sampleUnion("user-1")
		u.UnionID = id
		all = append(all, u)
	}
	all[2].UserID, all[3].UserID = "user-2", "user-3"
	for _, u := range all {
		mustClaimUnion(t, s, u)
	}
	want := func(what string, want []model.Union) func([]model.Union, error) {
		return func(got []model.Union, err error) {
			t.Helper()
			slices.SortFunc(got, func(a, b model.Union) int { return int(a.UnionID[6]) - int(b.UnionID[6]) })
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%s, error %v:\n got %+v\nwant %+v", what, err, got, want)
			}
		}
	}
	ctx := context.Background()
	want("of one", all[:2])(s.UnionsOf(ctx, "user-1"))
	want("of two", all[:3])(s.UnionsOf(ctx, "user-2", "user-1", "user-9"))
	want("of a stranger", nil)(s.UnionsOf(ctx, "user-9"))
	want("of nobody", nil)(s.UnionsOf(ctx))

	moved := all[2]
	moved.UserID = "user-1"
	if err := s.ReplaceUnion(ctx, moved); err != nil {
		t.Fatalf("replace: %v", err)
	}
	moved.Version = 2
	want("after a merge", append(all[:2:2], moved))(s.UnionsOf(ctx, "user-1"))
	want("of the merged", nil)(s.UnionsOf(ctx, "user-2"))
}
