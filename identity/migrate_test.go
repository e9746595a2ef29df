package identity_test

import (
	"reflect"
	"testing"

	"wxhub/identity"
	"wxhub/model"
	"wxhub/wx"
)

// mapping is what WeChat says of a migration from the website to the official account.
var mapping = []wx.Moved{
	{OldOpenID: at(siteApp, "alice").OpenID, NewOpenID: at(accountApp, "alice").OpenID},
	{OldOpenID: at(siteApp, "bob").OpenID, NewOpenID: at(accountApp, "bob").OpenID},
	{OldOpenID: at(siteApp, "carol").OpenID}, // WeChat has none
	{OldOpenID: at(siteApp, "stranger").OpenID, NewOpenID: at(accountApp, "stranger").OpenID},
}

func imports(w *world, s *identity.Service) error {
	_, err := s.Moved(w.ctx, siteApp, accountApp, mapping)
	return err
}

// A migration gives people other openids: the new one names the same user, the old one
// goes on to do so and is shown no more.
func TestMigrationKeepsUsersAndAliases(t *testing.T) {
	w := newWorld(t)
	alice, bob, carol := w.enters(t, siteApp, "alice", ""), w.enters(t, siteApp, "bob", ""), w.enters(t, siteApp, "carol", "")
	there := w.enters(t, accountApp, "bob", "") // bob was there before the migration said who he is
	for _, want := range []int{2, 0, 0} {       // doing it again changes nothing
		before := w.dump(t)
		if n, err := w.Moved(t.Context(), siteApp, accountApp, mapping); err != nil || n != want {
			t.Errorf("moved %d, %v, want %d", n, err, want)
		}
		if after := w.dump(t); want == 0 && !reflect.DeepEqual(before, after) {
			t.Errorf("was %+v, is %+v", before, after)
		}
	}
	w.answers(t, bob, bob, there)
	m := w.user(t, there).Merges
	if len(m) != 1 || m[0].Cause != model.CauseMigration || m[0].By != at(accountApp, "bob") || m[0].Union != (model.UnionKey{}) {
		t.Errorf("the journal is %+v", m)
	}
	for name, id := range map[string]string{"alice": alice, "bob": bob} {
		for _, door := range []string{siteApp, accountApp} {
			if p, err := w.Find(t.Context(), at(door, name)); err != nil || p.User.ID != id {
				t.Errorf("%s by %s is %s, %v", name, door, p.User.ID, err)
			}
			if l := w.comes(t, door, name, ""); l.NewUser || l.Person.User.ID != id {
				t.Errorf("%s comes by %s: %+v", name, door, l)
			}
		}
		if openID, err := w.OpenID(t.Context(), id, accountApp); err != nil || openID != at(accountApp, name).OpenID {
			t.Errorf("%s has the openid %q, %v", name, openID, err)
		}
		_, err := w.OpenID(t.Context(), id, siteApp) // the old app knows them no more
		wantCode(t, err, "payer_has_no_openid")
		v := identity.View(w.person(t, id))
		if len(v.Identities) != 1 || v.Identities[0].AppID != accountApp || len(w.person(t, id).Identities) != 2 {
			t.Errorf("%s is shown as %+v", name, v)
		}
		if i := w.identity(t, at(siteApp, name)); i.MovedTo != at(accountApp, name) {
			t.Errorf("got %+v", i)
		}
	}
	if i := w.identity(t, at(siteApp, "carol")); i.MovedTo != (model.IdentityKey{}) || i.UserID != carol {
		t.Errorf("got %+v", i)
	}
	if _, err := w.store.Identity(t.Context(), at(accountApp, "stranger")); err == nil {
		t.Error("a stranger was made somebody")
	}
	_, err := w.Moved(t.Context(), siteApp, "wx-none", mapping)
	wantCode(t, err, "invalid_input")
	w.sound(t)
}

// Within one app as well, as when an account changes its owner: the new openid is paid by.
func TestOpenIDPrefersTheOneThatAMigrationGave(t *testing.T) {
	for _, first := range []string{"old", "new"} { // which of them came first
		w := newWorld(t)
		k := map[string]model.IdentityKey{"old": at(app, "old"), "new": at(app, "new")}
		w.comes(t, app, first, "")
		if first == "new" {
			w.comes(t, app, "old", "")
		}
		w.moved(t, k["old"], k["new"])
		p, err := w.Find(t.Context(), k["old"])
		must(t, err)
		if openID, err := w.OpenID(t.Context(), p.User.ID, app); err != nil || openID != k["new"].OpenID {
			t.Errorf("%s first: got %q, %v", first, openID, err)
		}
	}
}

func TestMigrationThatDiedIsDoneAgain(t *testing.T) {
	crashes(t, func(t *testing.T, w *world) {
		w.comes(t, siteApp, "alice", "union-a")
		w.comes(t, siteApp, "bob", "")
		w.comes(t, accountApp, "bob", "")
	}, imports, func(t *testing.T, w *world) {
		must(t, imports(w, w.Service))
		for _, name := range []string{"alice", "bob"} {
			old, err := w.Find(t.Context(), at(siteApp, name))
			must(t, err)
			moved, err := w.Find(t.Context(), at(accountApp, name))
			must(t, err)
			if old.User.ID != moved.User.ID || w.identity(t, at(siteApp, name)).MovedTo != at(accountApp, name) {
				t.Errorf("%s: %+v and %+v", name, old, moved)
			}
		}
		if n := w.events(t); n["user.merged"] != 1 || n["user.created"] != 3 {
			t.Errorf("events %v", n)
		}
		w.repaired(t)
		w.sound(t)
	})
}

// People come in while the mapping is imported, by the new openid too.
func TestLoginsInTheMiddleOfAMigration(t *testing.T) {
	for _, door := range []string{siteApp, accountApp} {
		prepare := func(t *testing.T, w *world) {
			w.comes(t, siteApp, "alice", "")
			w.comes(t, app, "alice", "union-a")
		}
		login := func(w *world, s *identity.Service) error {
			_, err := through(w.ctx, s, door, codeOf("alice"))
			return err
		}
		check := func(t *testing.T, w *world) {
			w.repaired(t) // a mark that the import read and wrote back is one too many, and harmless
			w.sound(t)
			old, err := w.Find(t.Context(), at(siteApp, "alice"))
			must(t, err)
			moved, err := w.Find(t.Context(), at(accountApp, "alice"))
			must(t, err)
			w.answers(t, old.User.ID, w.identity(t, at(app, "alice")).UserID)
			if old.User.ID != moved.User.ID || w.identity(t, at(siteApp, "alice")).MovedTo != at(accountApp, "alice") {
				t.Errorf("%+v and %+v", old, moved)
			}
		}
		t.Run("a login in a migration, "+door, func(t *testing.T) { meanwhile(t, prepare, imports, login, check) })
		t.Run("a migration in a login, "+door, func(t *testing.T) { meanwhile(t, prepare, login, imports, check) })
	}
}

// The person is erased while the mapping is imported: no openid of theirs is left.
func TestErasuresInTheMiddleOfAMigration(t *testing.T) {
	var alice string
	prepare := func(t *testing.T, w *world) { alice = w.enters(t, siteApp, "alice", "") }
	erases := func(w *world, s *identity.Service) error { return s.Erase(w.ctx, alice, "test") }
	keys := []model.IdentityKey{at(siteApp, "alice"), at(accountApp, "alice")}
	check := func(t *testing.T, w *world) {
		w.gone(t, keys, alice)
		w.sound(t)
	}
	t.Run("an erasure in a migration", func(t *testing.T) { meanwhile(t, prepare, imports, erases, check) })
	t.Run("a migration in an erasure", func(t *testing.T) { meanwhile(t, prepare, erases, imports, check) })
}
