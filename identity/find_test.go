package identity_test

import (
	"fmt"
	"slices"
	"testing"

	"wxhub/model"
)

func TestFindByUnionID(t *testing.T) {
	w := newWorld(t)
	alice := w.enters(t, app, "alice", "union-a")
	stranger := w.enters(t, foreignApp, "carol", "union-a") // an equal UnionID, of another account
	bob := w.enters(t, foreignApp, "bob", "union-b")
	both := w.enters(t, app, "dora", "union-d")
	w.comes(t, foreignApp, "dora", "union-d")
	w.moved(t, at(foreignApp, "dora"), at(app, "dora")) // a migration says that they are one
	w.comes(t, otherApp, "erik", "union-e")             // of an app without an account
	for _, c := range []struct{ account, unionID, want string }{
		{"main", "union-a", alice}, {"second", "union-a", stranger}, {"", "union-b", bob}, {"second", "union-b", bob},
		{"main", "union-d", both}, {"second", "union-d", both}, {"", "union-d", both},
	} {
		if p, err := w.FindByUnionID(t.Context(), c.account, c.unionID); err != nil || p.User.ID != c.want || len(p.Identities) == 0 {
			t.Errorf("%+v: got %+v, %v", c, p, err)
		}
	}
	for _, c := range []struct{ account, unionID, want string }{
		{"", "union-a", "union_id_ambiguous"}, {"main", "union-b", "user_not_found"}, {"none", "union-a", "user_not_found"},
		{"", "union-none", "user_not_found"}, {"", "", "user_not_found"}, {"main", "", "user_not_found"}, {"", "union-e", "user_not_found"},
	} {
		p, err := w.FindByUnionID(t.Context(), c.account, c.unionID)
		if err == nil || model.CodeOf(err) != c.want || p.User.ID != "" {
			t.Errorf("%+v: got %+v, %v", c, p, err)
		}
	}
	must(t, w.Meet(t.Context(), at(app, "frida"), "union-b")) // a follower of the other account is nobody yet
	if p, err := w.FindByUnionID(t.Context(), "", "union-b"); err != nil || p.User.ID != bob {
		t.Errorf("got %+v, %v", p, err)
	}
}

// Pages of any size give everybody once, newest first: neither who was merged away nor
// who was never announced, and each with all that is theirs.
func TestListIsCompleteInPagesOfAnySize(t *testing.T) {
	w := newWorld(t)
	var want []string
	for n := range 7 {
		want = append(want, w.enters(t, app, fmt.Sprintf("somebody%d", n), ""))
	}
	for _, n := range []int{1, 4} { // two of them have a younger id as well
		name := fmt.Sprintf("somebody%d", n)
		w.comes(t, mobileApp, name, "union-"+name)
		w.comes(t, app, name, "union-"+name)
	}
	must(t, w.Meet(t.Context(), at(accountApp, "follower"), "union-f"))
	slices.Reverse(want)
	for limit := 1; limit <= len(want)+2; limit++ {
		var got []string
		cursor, pages := "", 0
		for {
			list, next, err := w.List(t.Context(), cursor, limit)
			must(t, err)
			if pages++; len(list) == 0 || len(list) > limit || pages > len(want) {
				t.Fatalf("page %d of %d has %d", pages, limit, len(list))
			}
			for _, p := range list {
				got = append(got, p.User.ID)
				doors := 1
				if p.User.ID == want[len(want)-1-1] || p.User.ID == want[len(want)-1-4] {
					doors = 2
				}
				if len(p.Identities) != doors {
					t.Errorf("%s has %+v", p.User.ID, p.Identities)
				}
			}
			if next == "" {
				break
			}
			cursor = next
		}
		if !slices.Equal(got, want) {
			t.Errorf("in pages of %d: got %q, want %q", limit, got, want)
		}
	}
	if list, next, err := w.List(t.Context(), want[len(want)-1], 3); err != nil || len(list) > 0 || next != "" {
		t.Errorf("after the last: %+v, %q, %v", list, next, err)
	}
}

func TestOpenIDsOfAnAppInPages(t *testing.T) {
	w := newWorld(t)
	want := []string{at(app, "a").OpenID, at(app, "b").OpenID, at(app, "c").OpenID}
	for _, name := range []string{"b", "c", "a"} {
		w.comes(t, app, name, "")
		w.comes(t, mobileApp, name, "")
	}
	var got []string
	for after := ""; ; {
		page, err := w.OpenIDs(t.Context(), app, after, 2)
		must(t, err)
		if len(page) == 0 {
			break
		}
		got, after = append(got, page...), page[len(page)-1]
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Every id that a user answers to, their own first, at any depth; and their records with
// the journals.
func TestEveryIDOfAUser(t *testing.T) {
	w := newWorld(t)
	ids, _ := chain(t, w)
	want := []string{ids["a"], ids["b"], ids["c"], ids["d"]}
	for _, id := range want {
		if got, err := w.EveryID(t.Context(), id); err != nil || !slices.Equal(got, want) {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
		records, err := w.Records(t.Context(), id)
		if err != nil || len(records) != 4 || len(records[0].Merges) != 0 || len(records[3].Merges) != 1 {
			t.Errorf("got %+v, %v", records, err)
		}
	}
	for _, id := range []string{"", "x", "01ARZ3NDEKTSV4RRFFQ69G5FAV"} {
		_, err := w.EveryID(t.Context(), id)
		wantCode(t, err, "user_not_found")
		_, err = w.Records(t.Context(), id)
		wantCode(t, err, "user_not_found")
		_, err = w.Survivor(t.Context(), id)
		wantCode(t, err, "user_not_found")
	}
}
