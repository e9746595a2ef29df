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

// claimAll claims identities in another order than theirs.
func claimAll(t *testing.T, s Store, all []model.Identity) {
	t.Helper()
	for i := range all {
		mustClaim(t, s, all[(i*3+2)%len(all)])
	}
}

func wantIdentities(t *testing.T, what string, want []model.Identity) func([]model.Identity, error) {
	return func(got []model.Identity, err error) {
		t.Helper()
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s, error %v:\n got %+v\nwant %+v", what, err, got, want)
		}
	}
}

func identitiesOf(t *testing.T, s Store) {
	var all []model.Identity
	for _, key := range []struct {
		app, open, user string
		age             time.Duration
	}{
		{"wx2", "open-9", "user-1", 2 * time.Hour}, {"wx1", "open-2", "user-2", time.Hour}, {"wx1", "open-3", "user-1", time.Hour},
		{"wx2", "open-1", "user-1", time.Hour}, {"wx0", "open-0", "user-2", 0},
	} {
		i := sample(key.user)
		i.AppID, i.OpenID, i.CreatedAt = key.app, key.open, storetest.Epoch().Add(-key.age)
		all = append(all, i)
	}
	claimAll(t, s, all)
	mustClaim(t, s, sample("user-3"))

	ctx := context.Background()
	wantIdentities(t, "of one", []model.Identity{all[0], all[2], all[3]})(s.IdentitiesOf(ctx, "user-1"))
	wantIdentities(t, "of two", all)(s.IdentitiesOf(ctx, "user-1", "user-2", "user-9", "user-1"))
	wantIdentities(t, "of a stranger", nil)(s.IdentitiesOf(ctx, "user-9"))
	wantIdentities(t, "of nobody", nil)(s.IdentitiesOf(ctx))
}

func identitiesIn(t *testing.T, s Store) {
	var all []model.Identity
	for i := range 8 {
		one := sample("user-1")
		one.OpenID, one.CreatedAt = fmt.Sprintf("open-%d", i), storetest.Epoch().Add(-time.Duration(i)*time.Hour)
		all = append(all, one)
	}
	claimAll(t, s, all)
	for _, app := range []string{"wx", "wx0", "wx10", "wx1:", "wx1;", "wx1a", "wx2", "WX1", "wx1%3A"} { // neighbours
		other := sample("user-2")
		other.AppID = app
		mustClaim(t, s, other)
	}
	ctx := context.Background()
	for _, size := range []int{1, 3, 8, 100} {
		var got []model.Identity
		for after, pages := "", 0; pages <= len(all); pages++ {
			page, err := s.IdentitiesIn(ctx, "wx1", after, size)
			if err != nil || len(page) > size {
				t.Fatalf("page of %d: %d, error %v", size, len(page), err)
			}
			if len(page) == 0 {
				break
			}
			got, after = append(got, page...), page[len(page)-1].OpenID
		}
		wantIdentities(t, fmt.Sprintf("pages of %d", size), all)(got, nil)
	}
	wantIdentities(t, "after one that is not there", all[3:])(s.IdentitiesIn(ctx, "wx1", "open-2a", 100))
	wantIdentities(t, "no more than none", nil)(s.IdentitiesIn(ctx, "wx1", "", 0))
	wantIdentities(t, "of no app", nil)(s.IdentitiesIn(ctx, "wx9", "", 100))
}

func linkingIdentities(t *testing.T, s Store) {
	var all []model.Identity
	for i := range 7 {
		one := sample("user-1")
		one.OpenID, one.CreatedAt, one.Linking = fmt.Sprintf("open-%d", i), storetest.Epoch().Add(time.Duration(-i/2)*time.Hour), i != 3
		all = append(all, one)
	}
	claimAll(t, s, all)
	want := []model.Identity{all[6], all[4], all[5], all[2], all[0], all[1]}
	ctx := context.Background()
	for _, limit := range []int{0, 1, 4, 100} {
		wantIdentities(t, fmt.Sprintf("limit %d", limit), want[:min(limit, len(want))])(s.LinkingIdentities(ctx, limit))
	}
	linked := all[6]
	linked.Linking = false
	if err := s.ReplaceIdentity(ctx, linked); err != nil {
		t.Fatalf("replace: %v", err)
	}
	wantIdentities(t, "without the linked", want[1:])(s.LinkingIdentities(ctx, 100))
}
