package identity_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"wxhub/identity"
	"wxhub/model"
)

// everything makes alice a user with everything that can be known: two identities, a merged
// id, a phone number under either id, a UnionID, a conflict and a session key.
func everything(t *testing.T, w *world) (older, younger string) {
	t.Helper()
	first := w.comes(t, app, "alice", "")
	second := w.comes(t, mobileApp, "alice", "union-a")
	for _, l := range []identity.Login{second, first} {
		s, err := w.Authenticate(t.Context(), l.Token)
		must(t, err)
		s.AppID, s.OpenID = app, at(app, "alice").OpenID
		_, err = w.Phone(t.Context(), s, app, "0013800")
		must(t, err)
	}
	w.comes(t, app, "alice", "union-a")
	w.comes(t, app, "alice", "union-b")
	return first.Person.User.ID, second.Person.User.ID
}

// aliceIs are the keys that everything makes.
var aliceIs = []model.IdentityKey{at(app, "alice"), at(mobileApp, "alice")}

// gone fails the test when anything personal is left of erased users and their openids.
func (w *world) gone(t *testing.T, keys []model.IdentityKey, ids ...string) {
	t.Helper()
	ctx := t.Context()
	for _, k := range keys {
		if i, err := w.store.Identity(ctx, k); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("identity %+v, %v", i, err)
		}
		if _, err := w.redis.SessionKey(ctx, k.AppID, k.OpenID); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("the session key of %v is there: %v", k, err)
		}
		for _, status := range []model.ConflictStatus{model.ConflictOpen, model.ConflictKept, model.ConflictAdopted} {
			list, err := w.store.ListConflicts(ctx, status, "", 100)
			if err != nil || slices.ContainsFunc(list, func(c model.Conflict) bool { return c.AppID == k.AppID && c.OpenID == k.OpenID }) {
				t.Errorf("conflicts %+v, %v", list, err)
			}
		}
	}
	if held, err := w.store.UnionsOf(ctx, ids...); err != nil || len(held) > 0 {
		t.Errorf("unions %+v, %v", held, err)
	}
	for _, id := range ids {
		u := w.user(t, id)
		if u.Phone != "" || !u.PhoneAt.IsZero() || u.ErasedAt.IsZero() || u.Unsettled {
			t.Errorf("got %+v", u)
		}
		for _, m := range u.Merges {
			if m.Into == "" || m.At.IsZero() || m.Cause == "" {
				t.Errorf("the journal has lost who was merged, when and why: %+v", m)
			}
			if m.By != (model.IdentityKey{}) || m.Union != (model.UnionKey{}) || len(m.Loser)+len(m.Survivor) > 0 {
				t.Errorf("the journal still has %+v", m)
			}
		}
		if p := w.person(t, id); len(p.Identities) > 0 || p.User.Phone != "" {
			t.Errorf("%s answers with %+v", id, p)
		}
		wantCode(t, w.CheckUser(ctx, id), "user_not_found")
	}
}

func TestEraseLeavesTheIdAndNothingPersonal(t *testing.T) {
	w := newWorld(t)
	older, younger := everything(t, w)
	token := w.comes(t, mobileApp, "alice", "union-a").Token
	before := w.person(t, older)
	if len(before.Identities) != 2 || before.User.Phone == "" || w.user(t, younger).Phone == "" {
		t.Fatalf("there is nothing to erase: %+v", before)
	}
	if list, err := w.store.ListConflicts(t.Context(), model.ConflictOpen, "", 10); err != nil || len(list) != 1 {
		t.Fatalf("conflicts %+v, %v", list, err)
	}
	must(t, w.Erase(t.Context(), younger, "they asked")) // by whichever id
	w.gone(t, aliceIs, older, younger)
	w.answers(t, older, older, younger)
	v := identity.View(w.person(t, younger))
	if v.ID != older || v.ErasedAt == nil || v.ErasedAt.IsZero() || v.UnionID != "" || !v.CreatedAt.Equal(before.User.CreatedAt) {
		t.Errorf("the id answers with %+v", v)
	}
	_, err := w.Authenticate(t.Context(), token)
	wantCode(t, err, "session_invalid")
	_, err = w.OpenID(t.Context(), older, app)
	wantCode(t, err, "payer_has_no_openid")
	_, err = w.Find(t.Context(), at(app, "alice"))
	wantCode(t, err, "user_not_found")
	_, err = w.FindByUnionID(t.Context(), "main", "union-a")
	wantCode(t, err, "user_not_found")
	log := w.logged()
	if !strings.Contains(log, `"reason":"they asked"`) || strings.Contains(log, "openid-") || strings.Contains(log, "union-a") {
		t.Errorf("log %s", log)
	}
	w.sound(t)
}

func TestErasingTwiceIsNoErrorAndOneEvent(t *testing.T) {
	w := newWorld(t)
	older, younger := everything(t, w)
	told := 0
	s := w.with(func(o *identity.Options) { o.OnEvent = func() { told++ } })
	for _, id := range []string{younger, older, younger} {
		must(t, s.Erase(t.Context(), id, "test"))
		w.pass(time.Hour)
	}
	if n := w.events(t); n["user.erased"] != 1 || n["user.erased "+older] != 1 || told != 1 {
		t.Errorf("events %v, told %d times", n, told)
	}
	for _, id := range []string{"", "x", "01ARZ3NDEKTSV4RRFFQ69G5FAV"} {
		wantCode(t, s.Erase(t.Context(), id, "test"), "user_not_found")
	}
}

// Somebody who was erased and comes back is somebody new, under their openid, their
// UnionID and at another door.
func TestWhoComesBackAfterAnErasureIsNew(t *testing.T) {
	for _, door := range []string{app, mobileApp, siteApp} {
		w := newWorld(t)
		older, younger := everything(t, w)
		must(t, w.Erase(t.Context(), older, "test"))
		l := w.comes(t, door, "alice", "union-a")
		fresh := l.Person.User.ID
		if !l.NewUser || fresh == older || fresh == younger || len(l.Person.Identities) != 1 || l.Person.User.Phone != "" {
			t.Errorf("%s: got %+v", door, l)
		}
		for _, next := range []string{app, mobileApp, siteApp} {
			if id := w.enters(t, next, "alice", "union-a"); id != fresh {
				t.Errorf("%s after %s: %s, want %s", next, door, id, fresh)
			}
		}
		w.answers(t, older, older, younger)
		w.gone(t, nil, older, younger)
		w.sound(t)
	}
}

// The mark alone, which a server sets before it answers, already makes the id nobody's.
func TestMarkErasedEndsSessionsAndRepairDoesTheRest(t *testing.T) {
	w := newWorld(t)
	older, younger := everything(t, w)
	token := w.comes(t, mobileApp, "alice", "union-a").Token
	u, err := w.MarkErased(t.Context(), younger, "test")
	if err != nil || u.ID != older || !u.Unsettled || u.ErasedAt.IsZero() {
		t.Fatalf("got %+v, %v", u, err)
	}
	_, err = w.Authenticate(t.Context(), token)
	wantCode(t, err, "session_invalid")
	if p := w.person(t, younger); len(p.Identities) > 0 || p.User.Phone != "" {
		t.Errorf("got %+v", p)
	}
	if n, err := w.Repair(t.Context()); n != 1 || err != nil {
		t.Errorf("the repair job found %d, %v", n, err)
	}
	w.gone(t, aliceIs, older, younger)
	if n, err := w.Repair(t.Context()); n != 0 || err != nil {
		t.Errorf("the repair job found %d more, %v", n, err)
	}
	if n := w.events(t); n["user.erased"] != 1 {
		t.Errorf("events %v", n)
	}
}

// Others are not touched: neither who shares an app nor who has an equal UnionID in
// another open-platform account.
func TestErasureIsOfOnePerson(t *testing.T) {
	w := newWorld(t)
	older, _ := everything(t, w)
	bob, stranger := w.enters(t, app, "bob", "union-b"), w.enters(t, foreignApp, "carol", "union-a")
	before := w.dump(t)
	must(t, w.Erase(t.Context(), older, "test"))
	after := w.dump(t)
	for _, id := range []string{bob, stranger} {
		if len(before[id]) == 0 || !reflect.DeepEqual(before[id], after[id]) {
			t.Errorf("%s was %+v, is %+v", id, before[id], after[id])
		}
	}
	if key, err := w.redis.SessionKey(t.Context(), app, at(app, "bob").OpenID); err != nil || key != sessionKey {
		t.Errorf("bob's session key: %v", err)
	}
	if p, err := w.FindByUnionID(t.Context(), "second", "union-a"); err != nil || p.User.ID != stranger {
		t.Errorf("got %+v, %v", p, err)
	}
}
