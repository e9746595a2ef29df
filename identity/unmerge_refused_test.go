package identity_test

import (
	"reflect"
	"testing"

	"wxhub/model"
)

// refused fails the test unless unmerging is refused and changes no record.
func refused(t *testing.T, w *world, userID, code string) {
	t.Helper()
	before := w.dump(t)
	wantCode(t, w.Unmerge(t.Context(), userID), code)
	if after := w.dump(t); !reflect.DeepEqual(after, before) {
		t.Errorf("it changed the store:\n%+v\nbefore:\n%+v", after, before)
	}
}

// dump is every user of the store with what is theirs.
func (w *world) dump(t *testing.T) map[string][]any {
	t.Helper()
	all := map[string][]any{}
	users, err := w.store.ListUsers(t.Context(), "", 1000)
	must(t, err)
	for len(users) > 0 {
		u := users[0]
		identities, err := w.store.IdentitiesOf(t.Context(), u.ID)
		must(t, err)
		unions, err := w.store.UnionsOf(t.Context(), u.ID)
		must(t, err)
		merged, err := w.store.MergedInto(t.Context(), u.ID)
		must(t, err)
		all[u.ID] = []any{u, identities, unions}
		users = append(users[1:], merged...)
	}
	return all
}

func TestOnlyWhoIsMergedIsUnmerged(t *testing.T) {
	w := newWorld(t)
	older, younger := twoBecomeOne(t, w)
	single := w.enters(t, app, "bob", "union-b")
	refused(t, w, older, "not_merged")
	refused(t, w, single, "not_merged")
	for _, id := range []string{"", "x", "01ARZ3NDEKTSV4RRFFQ69G5FAV", younger + " "} {
		refused(t, w, id, "user_not_found")
	}
	must(t, w.Unmerge(t.Context(), younger))
	refused(t, w, younger, "not_merged") // twice
}

// A follower whom nobody ever heard of was merged before they were born: there is no
// user to restore.
func TestWhoWasBornMergedIsNotUnmerged(t *testing.T) {
	w := newWorld(t)
	alice := w.enters(t, app, "alice", "union-a")
	must(t, w.Meet(t.Context(), at(accountApp, "alice"), ""))
	unborn := w.identity(t, at(accountApp, "alice")).UserID
	must(t, w.Meet(t.Context(), at(accountApp, "alice"), "union-a"))
	w.answers(t, alice, unborn)
	if u := w.user(t, unborn); len(u.Merges) != 1 || u.Merges[0].Cause != model.CauseBirth || len(u.Outbox) > 0 {
		t.Errorf("got %+v", u)
	}
	refused(t, w, unborn, "not_merged")
}

// An openid of the younger says the same after the merge: now it is not one arrival that
// ties the two, and forgetting that one would not tell them apart.
func TestUnmergeIsRefusedWhenALaterArrivalTiesBothSides(t *testing.T) {
	w := newWorld(t)
	older := w.enters(t, app, "alice", "union-a")
	younger := w.enters(t, mobileApp, "alice", "")
	w.moved(t, at(mobileApp, "alice"), at(siteApp, "alice")) // the younger has two openids
	w.comes(t, mobileApp, "alice", "union-a")
	w.answers(t, older, younger)
	w.comes(t, siteApp, "alice", "union-a")
	refused(t, w, younger, "unmerge_tied")
	must(t, w.Revoke(t.Context(), at(siteApp, "alice"), "test"))
	must(t, w.Unmerge(t.Context(), younger)) // now the one arrival is all
	w.answers(t, younger, younger)
	w.sound(t)
}

func TestWhoIsErasedIsNotUnmerged(t *testing.T) {
	w := newWorld(t)
	older, younger := twoBecomeOne(t, w)
	must(t, w.Erase(t.Context(), older, "test"))
	refused(t, w, younger, "user_erased")
	refused(t, w, older, "not_merged")
}

// What a migration or an operator joined can be taken apart as well.
func TestUnmergeOfAMigration(t *testing.T) {
	w := newWorld(t)
	older, younger := w.enters(t, mobileApp, "alice", ""), w.enters(t, siteApp, "alice", "")
	w.moved(t, at(mobileApp, "alice"), at(siteApp, "alice"))
	w.answers(t, older, younger)
	must(t, w.Unmerge(t.Context(), younger))
	w.answers(t, younger, younger)
	w.sound(t)
}
