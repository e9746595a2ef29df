package identity_test

import (
	"slices"
	"testing"

	"wxhub/identity"
	"wxhub/model"
)

// Followers whom nobody has seen log in: known, and not users. Meeting them again and
// again makes nothing of them; their first login does, once, with every door.
func TestFollowerIsNoUserUntilTheyLogIn(t *testing.T) {
	for name, c := range map[string]struct {
		tells string // with the follower
		door  string // of the first login
		login string // the UnionID that comes with it
	}{
		"found by UnionID, at another door":           {"union-a", app, "union-a"},
		"found by openid, snsapi_base":                {"union-a", accountApp, ""},
		"found by openid, and the UnionID comes late": {"", accountApp, "union-a"},
		"found by both":                               {"union-a", accountApp, "union-a"},
		"without any UnionID":                         {"", accountApp, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			k := at(accountApp, "alice")
			for range 3 {
				must(t, w.Meet(t.Context(), k, c.tells))
			}
			unborn := w.identity(t, k).UserID
			if n := w.events(t); len(n) > 0 {
				t.Errorf("events %v", n)
			}
			_, err := w.Find(t.Context(), k)
			wantCode(t, err, "user_not_found")
			_, err = w.FindByUnionID(t.Context(), "main", "union-a")
			wantCode(t, err, "user_not_found")
			_, err = w.Person(t.Context(), unborn)
			wantCode(t, err, "user_not_found")
			wantCode(t, w.CheckUser(t.Context(), unborn), "user_not_found")
			wantCode(t, w.Erase(t.Context(), unborn, "test"), "user_not_found")
			if list, next, err := w.List(t.Context(), "", 10); err != nil || len(list) > 0 || next != "" {
				t.Errorf("the list has %+v, %q, %v", list, next, err)
			}
			l := w.comes(t, c.door, "alice", c.login)
			if !l.NewUser || l.Person.User.ID != unborn {
				t.Errorf("got %+v, want %s", l, unborn)
			}
			if !slices.ContainsFunc(l.Person.Identities, func(i model.Identity) bool { return i.Key() == k }) {
				t.Errorf("got %+v", l.Person.Identities)
			}
			if n := w.events(t); n["user.created "+unborn] != 1 || n["user.created"] != 1 || n["user.merged"] != 0 {
				t.Errorf("events %v", n)
			}
			if again := w.comes(t, accountApp, "alice", ""); again.NewUser || again.Person.User.ID != unborn {
				t.Errorf("snsapi_base: got %+v", again)
			}
			if p, err := w.Find(t.Context(), k); err != nil || p.User.ID != unborn {
				t.Errorf("got %+v, %v", p, err)
			}
			w.sound(t)
		})
	}
}

// An order of WeChat's news in which the follower turns out to be a user who was there:
// nobody hears of the id that was never anybody's.
func TestFollowerWhoIsAUserAlreadyJoinsThemUnheard(t *testing.T) {
	w := newWorld(t)
	must(t, w.Meet(t.Context(), at(accountApp, "alice"), "")) // the older id, and unborn
	unborn := w.identity(t, at(accountApp, "alice")).UserID
	alice := w.enters(t, app, "alice", "union-a")
	must(t, w.Meet(t.Context(), at(accountApp, "alice"), "union-a"))
	if l := w.comes(t, accountApp, "alice", ""); l.NewUser || l.Person.User.ID != alice || len(l.Person.Identities) != 2 {
		t.Errorf("snsapi_base: got %+v", l)
	}
	w.answers(t, alice, unborn)
	if n := w.events(t); n["user.created"] != 1 || n["user.merged"] != 0 {
		t.Errorf("events %v", n)
	}
	w.sound(t)
}

// What is learned on the way never undoes what is known, and a login is told of it.
func TestMeetTeachesAUsersIdentity(t *testing.T) {
	w := newWorld(t)
	alice := w.enters(t, app, "alice", "")
	if known, err := w.UnionIDKnown(t.Context(), at(app, "alice")); err != nil || known {
		t.Errorf("got %v, %v", known, err)
	}
	must(t, w.Meet(t.Context(), at(app, "alice"), "union-a")) // getPaidUnionId, after a payment
	must(t, w.Meet(t.Context(), at(app, "alice"), ""))
	if known, err := w.UnionIDKnown(t.Context(), at(app, "alice")); err != nil || !known {
		t.Errorf("got %v, %v", known, err)
	}
	if known, err := w.UnionIDKnown(t.Context(), at(app, "nobody")); err != nil || known {
		t.Errorf("got %v, %v", known, err)
	}
	if v := identity.View(w.person(t, alice)); v.UnionID != "union-a" {
		t.Errorf("got %+v", v)
	}
	if id := w.enters(t, mobileApp, "alice", "union-a"); id != alice {
		t.Errorf("another door leads to %s", id)
	}
	wantCode(t, w.Meet(t.Context(), model.IdentityKey{AppID: "wx-none", OpenID: "x"}, ""), "invalid_input")
}
