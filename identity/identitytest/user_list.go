package identitytest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"wxhub/model"
	"wxhub/model/storetest"
)

// wantUsers checks which users a query found, in what order, and that they are whole.
func wantUsers(t *testing.T, what string, ids ...string) func([]model.User, error) {
	return func(got []model.User, err error) {
		t.Helper()
		var gotIDs []string
		for _, u := range got {
			gotIDs = append(gotIDs, u.ID)
			if want := "phone of " + u.ID; u.Phone != want || u.Version == 0 || u.CreatedAt != storetest.Epoch() {
				t.Errorf("%s: %s is not whole: %+v", what, u.ID, u)
			}
		}
		if err != nil || !slices.Equal(gotIDs, ids) {
			t.Errorf("%s: got %v, error %v, want %v", what, gotIDs, err, ids)
		}
	}
}

func insertUsers(t *testing.T, s Store, n int, with func(i int, u *model.User)) {
	t.Helper()
	for i := range n {
		i = (i*3 + 2) % n
		u := model.User{ID: fmt.Sprintf("user-%d", i), CreatedAt: storetest.Epoch()}
		u.Phone = "phone of " + u.ID
		with(i, &u)
		mustInsert(t, s, u)
	}
}

func mergedInto(t *testing.T, s Store) {
	insertUsers(t, s, 7, func(i int, u *model.User) {
		u.MergedInto = []string{"", "user-0", "user-3", "", "user-3", "user-0", "user-0"}[i]
	})
	ctx := context.Background()
	wantUsers(t, "one", "user-1", "user-5", "user-6")(s.MergedInto(ctx, "user-0"))
	wantUsers(t, "two", "user-1", "user-2", "user-4", "user-5", "user-6")(s.MergedInto(ctx, "user-3", "user-0", "user-0"))
	wantUsers(t, "a stranger")(s.MergedInto(ctx, "user-1"))
	wantUsers(t, "nobody")(s.MergedInto(ctx))
	wantUsers(t, "the empty id")(s.MergedInto(ctx, ""))

	undone, err := s.User(ctx, "user-5")
	if err != nil {
		t.Fatal(err)
	}
	undone.MergedInto = ""
	if err := s.ReplaceUser(ctx, undone); err != nil {
		t.Fatalf("replace: %v", err)
	}
	wantUsers(t, "after one was taken back", "user-1", "user-6")(s.MergedInto(ctx, "user-0", ""))
	wantUsers(t, "of their own, then", "user-5", "user-3", "user-0")(s.ListUsers(ctx, "", 10))
}

func listUsers(t *testing.T, s Store) {
	insertUsers(t, s, 8, func(i int, u *model.User) {
		if i%4 == 2 {
			u.MergedInto = "user-0"
		}
	})
	newestFirst := []string{"user-7", "user-5", "user-4", "user-3", "user-1", "user-0"}
	ctx := context.Background()
	for _, size := range []int{1, 4, 6, 100} {
		var got []model.User
		for before, pages := "", 0; pages <= len(newestFirst); pages++ {
			page, err := s.ListUsers(ctx, before, size)
			if err != nil || len(page) > size {
				t.Fatalf("page of %d: %d, error %v", size, len(page), err)
			}
			if len(page) == 0 {
				break
			}
			got, before = append(got, page...), page[len(page)-1].ID
		}
		wantUsers(t, fmt.Sprintf("pages of %d", size), newestFirst...)(got, nil)
	}
	wantUsers(t, "before one that was merged", newestFirst[1:]...)(s.ListUsers(ctx, "user-6", 100))
	wantUsers(t, "no more than none")(s.ListUsers(ctx, "", 0))
}

func unsettledUsers(t *testing.T, s Store) {
	insertUsers(t, s, 7, func(i int, u *model.User) {
		u.Unsettled = i%2 == 0
		u.ErasedAt = storetest.Epoch() // says nothing of whether it is finished
	})
	want := []string{"user-0", "user-2", "user-4", "user-6"}
	ctx := context.Background()
	for _, limit := range []int{1, 3, 100} {
		got, err := s.UnsettledUsers(ctx, limit)
		if err != nil || len(got) != min(limit, len(want)) {
			t.Errorf("limit %d: got %d, error %v", limit, len(got), err)
		}
	}
	byID := func(got []model.User, err error) ([]model.User, error) { // no order is promised
		slices.SortFunc(got, func(a, b model.User) int { return strings.Compare(a.ID, b.ID) })
		return got, err
	}
	wantUsers(t, "all", want...)(byID(s.UnsettledUsers(ctx, 100)))
	wantUsers(t, "no more than none")(s.UnsettledUsers(ctx, 0))
	done, err := s.User(ctx, "user-4")
	if err != nil {
		t.Fatal(err)
	}
	done.Unsettled = false
	if err := s.ReplaceUser(ctx, done); err != nil {
		t.Fatalf("replace: %v", err)
	}
	wantUsers(t, "without the settled", "user-0", "user-2", "user-6")(byID(s.UnsettledUsers(ctx, 100)))
}
