package identity_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"wxhub/identity"
	"wxhub/model"
	"wxhub/wx"
)

var unionA = model.UnionKey{OpenPlatform: "main", UnionID: "union-a"}

// twoBecomeOne: alice is known by her openid alone, and by her UnionID in a mobile app as
// somebody younger; then her first app tells the UnionID too. The younger id is returned
// second. What joined them is her arrival at the first app.
func twoBecomeOne(t *testing.T, w *world) (older, younger string) {
	t.Helper()
	older, younger = w.enters(t, app, "alice", ""), w.enters(t, mobileApp, "alice", "union-a")
	if merged := w.enters(t, app, "alice", "union-a"); merged != older || older == younger {
		t.Fatalf("%s and %s became %s", older, younger, merged)
	}
	return older, younger
}

func TestUnmergeRestoresWhoWasWho(t *testing.T) {
	w := newWorld(t)
	older, younger := twoBecomeOne(t, w)
	w.answers(t, older, older, younger)
	w.pass(time.Hour)
	must(t, w.Unmerge(t.Context(), younger))
	w.answers(t, older, older)
	w.answers(t, younger, younger)
	for id, k := range map[string]model.IdentityKey{older: at(app, "alice"), younger: at(mobileApp, "alice")} {
		if p := w.person(t, id); len(p.Identities) != 1 || p.Identities[0].Key() != k {
			t.Errorf("%s has %+v", id, p.Identities)
		}
		if ids, err := w.EveryID(t.Context(), id); err != nil || !slices.Equal(ids, []string{id}) {
			t.Errorf("%s answers for %q, %v", id, ids, err)
		}
		if found, err := w.Find(t.Context(), k); err != nil || found.User.ID != id {
			t.Errorf("%v is %s, %v", k, found.User.ID, err)
		}
	}
	if trigger := w.identity(t, at(app, "alice")); trigger.UnionID != "" || trigger.Linking {
		t.Errorf("what joined them is %+v", trigger)
	}
	if p, err := w.FindByUnionID(t.Context(), "main", "union-a"); err != nil || p.User.ID != younger {
		t.Errorf("the UnionID is %s, %v", p.User.ID, err)
	}
	w.sound(t)
}

// The journal says what was before, why, and that it was taken back; the time in between
// is not forgotten.
func TestUnmergeIsInTheJournal(t *testing.T) {
	w := newWorld(t)
	older, younger := twoBecomeOne(t, w)
	merged := w.user(t, younger).Merges
	want := model.Merge{
		Into: older, At: merged[0].At, Cause: model.CauseUnionID, By: at(app, "alice"), Union: unionA,
		Loser: []model.IdentityKey{at(mobileApp, "alice")}, Survivor: []model.IdentityKey{at(app, "alice")},
	}
	if len(merged) != 1 || !reflect.DeepEqual(merged[0], want) {
		t.Errorf("the journal is %+v, want %+v", merged, want)
	}
	w.pass(time.Hour)
	must(t, w.Unmerge(t.Context(), younger))
	undone := w.user(t, younger).Merges
	if len(undone) != 1 || undone[0].UndoneAt.Sub(want.At) < time.Hour {
		t.Fatalf("the journal is %+v", undone)
	}
	want.UndoneAt = undone[0].UndoneAt
	if !reflect.DeepEqual(undone[0], want) {
		t.Errorf("the journal is %+v, want %+v", undone[0], want)
	}
	u := w.user(t, younger)
	var kinds []string
	for _, e := range u.Outbox {
		kinds = append(kinds, string(e.Type))
	}
	if !slices.Equal(kinds, []string{"user.created", "user.merged", "user.unmerged"}) || u.Outbox[2].Subject != younger {
		t.Errorf("events %q", kinds)
	}
	if data := string(u.Outbox[2].Data); !strings.Contains(data, `"unmerged_from":"`+older+`"`) || !strings.Contains(data, `"id":"`+younger+`"`) {
		t.Errorf("user.unmerged tells %s", data)
	}
	if log := w.logged(); !strings.Contains(log, "audit: a merge is taken back") || strings.Contains(log, "union-a") {
		t.Errorf("log %s", log)
	}
}

func TestUnmergeTellsThatThereIsAnEvent(t *testing.T) {
	w := newWorld(t)
	_, younger := twoBecomeOne(t, w)
	told := 0
	s := w.with(func(o *identity.Options) { o.OnEvent = func() { told++ } })
	must(t, s.Unmerge(t.Context(), younger))
	if told != 1 {
		t.Errorf("told %d times", told)
	}
}

// WeChat says again that they are one: they are joined again, and that is news again.
func TestWhatWasUnmergedIsMergedAgainWhenWeChatSaysSo(t *testing.T) {
	w := newWorld(t)
	older, younger := twoBecomeOne(t, w)
	must(t, w.Unmerge(t.Context(), younger))
	if id := w.enters(t, app, "alice", ""); id != older { // WeChat keeps it to itself
		t.Errorf("she is %s", id)
	}
	w.answers(t, younger, younger)
	if id := w.enters(t, app, "alice", "union-a"); id != older {
		t.Errorf("she is %s", id)
	}
	w.answers(t, older, older, younger)
	u := w.user(t, younger)
	if len(u.Merges) != 2 || u.Merges[0].UndoneAt.IsZero() || !u.Merges[1].UndoneAt.IsZero() || !u.Merges[1].At.After(u.Merges[0].UndoneAt) {
		t.Errorf("the journal is %+v", u.Merges)
	}
	if n := w.events(t); n["user.merged "+younger] != 2 || n["user.unmerged "+younger] != 1 || n["user.merged"] != 2 || n["user.created"] != 2 {
		t.Errorf("events %v", n)
	}
	must(t, w.Unmerge(t.Context(), younger)) // and a second time
	w.answers(t, younger, younger)
	if u := w.user(t, younger); len(u.Merges) != 2 || u.Merges[1].UndoneAt.IsZero() {
		t.Errorf("the journal is %+v", u.Merges)
	}
	w.sound(t)
}

// Sessions follow their ids: while merged they speak for the survivor, afterwards for
// whom they were opened.
func TestSessionsFollowAnUnmerge(t *testing.T) {
	w := newWorld(t)
	first, second := w.comes(t, app, "alice", ""), w.comes(t, mobileApp, "alice", "union-a")
	w.comes(t, app, "alice", "union-a")
	for step, want := range [][2]string{
		{first.Person.User.ID, first.Person.User.ID}, {first.Person.User.ID, second.Person.User.ID},
	} {
		for i, l := range []identity.Login{first, second} {
			if s, err := w.Authenticate(t.Context(), l.Token); err != nil || s.UserID != want[i] {
				t.Errorf("step %d: session %d speaks for %s, %v", step, i, s.UserID, err)
			}
		}
		if step == 0 {
			must(t, w.Unmerge(t.Context(), second.Person.User.ID))
		}
	}
}

// A UnionID stays with the side whose identities carry it, so that a new door leads there.
func TestAfterAnUnmergeANewDoorLeadsToTheSideThatCarriesTheUnionID(t *testing.T) {
	for _, c := range []struct {
		name    string
		prepare func(*testing.T, *world) (older, younger string)
		want    func(older, younger string) string
	}{
		{"the younger came with it", twoBecomeOne, func(_, younger string) string { return younger }},
		{"the older came with it", func(t *testing.T, w *world) (string, string) {
			older, younger := w.enters(t, app, "alice", "union-a"), w.enters(t, mobileApp, "alice", "")
			w.comes(t, mobileApp, "alice", "union-a")
			return older, younger
		}, func(older, _ string) string { return older }},
		{"the younger came with it, and a door that came later", func(t *testing.T, w *world) (string, string) {
			older, younger := twoBecomeOne(t, w)
			w.comes(t, accountApp, "alice", "union-a") // it goes with the UnionID, so it ties nobody
			return older, younger
		}, func(_, younger string) string { return younger }},
		{"the younger held it, and only the older carries it still", heldByTheOtherSide, func(older, _ string) string { return older }},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			older, younger := c.prepare(t, w)
			must(t, w.Unmerge(t.Context(), younger))
			w.sound(t)
			l := w.comes(t, siteApp, "alice", "union-a")
			if want := c.want(older, younger); l.Person.User.ID != want || l.NewUser {
				t.Errorf("she is %s, want %s", l.Person.User.ID, want)
			}
			w.sound(t)
		})
	}
}

// heldByTheOtherSide: the younger came with the UnionID first, so they hold it; the
// older carries it in a second app; the younger took back what they had told.
func heldByTheOtherSide(t *testing.T, w *world) (older, younger string) {
	t.Helper()
	older, younger = w.enters(t, app, "alice", ""), w.enters(t, mobileApp, "alice", "union-a")
	_, err := w.Moved(t.Context(), app, accountApp, []wx.Moved{{OldOpenID: at(app, "alice").OpenID, NewOpenID: at(accountApp, "alice").OpenID}})
	must(t, err)
	w.comes(t, app, "alice", "union-a")        // this joins them
	w.comes(t, accountApp, "alice", "union-a") // this is the older's too
	must(t, w.Revoke(t.Context(), at(mobileApp, "alice"), "test"))
	if held, err := w.store.Union(t.Context(), unionA); err != nil || held.UserID != younger {
		t.Fatalf("held by %+v, %v", held, err)
	}
	return older, younger
}
