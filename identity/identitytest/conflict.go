package identitytest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/model/storetest"
)

// sampleConflict is a conflict with something in every field, as it is stored.
func sampleConflict(id string) model.Conflict {
	return model.Conflict{
		ID: id, AppID: "wx1", OpenID: "open-1", OpenPlatform: "main", Recorded: "union-1", Reported: "union-2", UserID: "user-1",
		Status: model.ConflictOpen, CreatedAt: storetest.Epoch(), ResolvedAt: storetest.Epoch().Add(time.Hour), Version: 1,
	}
}

func mustAdd(t *testing.T, s Store, c model.Conflict) {
	t.Helper()
	if created, err := s.AddConflict(context.Background(), c); err != nil || !created {
		t.Fatalf("add %s: created %v, error %v", c.ID, created, err)
	}
}

func wantConflicts(t *testing.T, what string, want []model.Conflict) func([]model.Conflict, error) {
	return func(got []model.Conflict, err error) {
		t.Helper()
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s, error %v:\n got %+v\nwant %+v", what, err, got, want)
		}
	}
}

func listConflicts(t *testing.T, s Store) {
	var all []model.Conflict
	for i := range 7 {
		all = append(all, sampleConflict(fmt.Sprintf("conflict-%d", i)))
	}
	all[2].Status, all[5].Status = model.ConflictKept, model.ConflictAdopted
	for i := range all {
		mustAdd(t, s, all[(i*3+2)%len(all)])
	}
	open := []model.Conflict{all[0], all[1], all[3], all[4], all[6]}
	ctx := context.Background()
	wantConflicts(t, "open", open)(s.ListConflicts(ctx, model.ConflictOpen, "", 100))
	wantConflicts(t, "open, the first two", open[:2])(s.ListConflicts(ctx, model.ConflictOpen, "", 2))
	wantConflicts(t, "open, the next two", open[2:4])(s.ListConflicts(ctx, model.ConflictOpen, "conflict-1", 2))
	wantConflicts(t, "open, after one that is not", open[2:])(s.ListConflicts(ctx, model.ConflictOpen, "conflict-2", 100))
	wantConflicts(t, "open, after the last", nil)(s.ListConflicts(ctx, model.ConflictOpen, "conflict-6", 100))
	wantConflicts(t, "no more than none", nil)(s.ListConflicts(ctx, model.ConflictOpen, "", 0))
	wantConflicts(t, "kept", all[2:3])(s.ListConflicts(ctx, model.ConflictKept, "", 100))

	resolved := all[3]
	resolved.Status = model.ConflictKept
	if err := s.ReplaceConflict(ctx, resolved); err != nil {
		t.Fatalf("replace: %v", err)
	}
	resolved.Version = 2
	wantConflicts(t, "kept, after a decision", []model.Conflict{all[2], resolved})(s.ListConflicts(ctx, model.ConflictKept, "", 100))
	wantConflicts(t, "open, after a decision", slices.Concat(open[:2], open[3:]))(s.ListConflicts(ctx, model.ConflictOpen, "", 100))
}

func deleteConflicts(t *testing.T, s Store) {
	var others []model.Conflict
	for i, k := range []model.IdentityKey{
		{AppID: "wx1", OpenID: "open-1"}, {AppID: "wx1", OpenID: "open-2"}, {AppID: "wx2", OpenID: "open-1"}, {AppID: "wx1", OpenID: "open-1"},
	} {
		c := sampleConflict(fmt.Sprintf("conflict-%d", i))
		c.AppID, c.OpenID = k.AppID, k.OpenID
		mustAdd(t, s, c)
		if k != sample("").Key() {
			others = append(others, c)
		}
	}
	for range 2 { // the second time there is nothing to delete
		if err := s.DeleteConflicts(context.Background(), sample("").Key()); err != nil {
			t.Errorf("delete: %v", err)
		}
		wantConflicts(t, "of others", others)(s.ListConflicts(context.Background(), model.ConflictOpen, "", 100))
	}
	mustAdd(t, s, sampleConflict("conflict-0"))
}
