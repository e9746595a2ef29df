package identity_test

import (
	"testing"

	"wxhub/identity"
	"wxhub/model"
)

// unmerges takes back what made the user at alice's mobile app part of another.
func unmerges(w *world, s *identity.Service) error {
	ctx := w.ctx
	i, err := w.store.Identity(ctx, at(mobileApp, "alice"))
	if err != nil {
		return err
	}
	return s.Unmerge(ctx, i.UserID)
}

// An unmerge that died at any call is finished by doing it again; should it have been
// finished already, the answer says so.
func TestUnmergeThatDiedIsDoneAgain(t *testing.T) {
	for name, prepare := range map[string]func(*testing.T, *world){
		"held by the one who leaves": func(t *testing.T, w *world) { twoBecomeOne(t, w) },
		"held by the other side":     func(t *testing.T, w *world) { heldByTheOtherSide(t, w) },
	} {
		t.Run(name, func(t *testing.T) {
			crashes(t, prepare, unmerges, func(t *testing.T, w *world) {
				if err := unmerges(w, w.Service); err != nil {
					wantCode(t, err, "not_merged")
				}
				w.repaired(t)
				w.sound(t)
				older, younger := w.identity(t, at(app, "alice")), w.identity(t, at(mobileApp, "alice"))
				w.answers(t, older.UserID, older.UserID)
				w.answers(t, younger.UserID, younger.UserID)
				if older.UnionID != "" {
					t.Errorf("what joined them is %+v", older)
				}
				u := w.user(t, younger.UserID)
				if len(u.Merges) != 1 || u.Merges[0].UndoneAt.IsZero() || count(u.Outbox, model.EventUserUnmerged) != 1 {
					t.Errorf("got %+v", u)
				}
			})
		})
	}
}

// Whoever comes in during an unmerge, and whenever: in the end all who carry a UnionID
// are one user. The name says how they come.
func TestLoginsInTheMiddleOfAnUnmerge(t *testing.T) {
	comes := func(appID, name, unionID string) act {
		return func(w *world, s *identity.Service) error {
			w.wechat.knows(name, unionID)
			_, err := through(w.ctx, s, appID, codeOf(name))
			return err
		}
	}
	for name, c := range map[string]struct {
		prepare func(*testing.T, *world)
		login   act
	}{
		"by the door that joined them": {
			func(t *testing.T, w *world) { twoBecomeOne(t, w) }, comes(app, "alice", "union-a"),
		},
		"by a new door": {
			func(t *testing.T, w *world) { twoBecomeOne(t, w) }, comes(siteApp, "alice", "union-a"),
		},
		"by a door that knew them without UnionID": {func(t *testing.T, w *world) {
			w.enters(t, siteApp, "alice", "")
			twoBecomeOne(t, w)
		}, comes(siteApp, "alice", "union-a")},
		"a third person who turns out to be the same, as the holder changes": {func(t *testing.T, w *world) {
			w.enters(t, accountApp, "alice", "")
			heldByTheOtherSide(t, w)
		}, comes(accountApp, "alice", "union-a")},
		"a new door, as the holder changes": {
			func(t *testing.T, w *world) { heldByTheOtherSide(t, w) }, comes(accountApp, "alice", "union-a"),
		},
		"the one who leaves learns whom else they are": {func(t *testing.T, w *world) {
			twoBecomeOne(t, w)
			w.moved(t, at(mobileApp, "alice"), at(accountApp, "alice"))
			w.enters(t, siteApp, "bob", "union-b")
		}, comes(accountApp, "alice", "union-b")},
	} {
		t.Run(name, func(t *testing.T) {
			check := func(t *testing.T, w *world) { w.sound(t) }
			unless := func(w *world, s *identity.Service) error { // the login was first
				if err := unmerges(w, s); err != nil && model.CodeOf(err) != "unmerge_tied" {
					return err
				}
				return nil
			}
			t.Run("a login in an unmerge", func(t *testing.T) { meanwhile(t, c.prepare, unless, c.login, check) })
			t.Run("an unmerge in a login", func(t *testing.T) { meanwhile(t, c.prepare, c.login, unless, check) })
		})
	}
}

// The process dies when somebody came in during its unmerge and tied the two sides: who
// does it again finishes it.
func TestUnmergeThatDiedAndWasTiedMeanwhileIsDoneAgain(t *testing.T) {
	prepare := func(t *testing.T, w *world) {
		twoBecomeOne(t, w)
		w.wechat.knows("alice", "union-a")
	}
	meeting := func(w *world, s *identity.Service) error { // at a new door, which falls to the survivor
		return s.Meet(w.ctx, at(siteApp, "alice"), "union-a")
	}
	crashes(t, prepare, func(w *world, dying *identity.Service) error {
		o := w.options
		calls := dying.Store
		met := false
		o.Store = &gated{calls, func(call string, make func() error) error {
			if call == "ReplaceUser" && !met { // it is about to cut them apart
				met = true
				if err := meeting(w, w.Service); err != nil {
					return err
				}
			}
			return make()
		}}
		return unmerges(w, identity.New(o))
	}, func(t *testing.T, w *world) {
		if err := unmerges(w, w.Service); err != nil && model.CodeOf(err) != "unmerge_tied" { // it was not cut yet
			wantCode(t, err, "not_merged")
		}
		w.repaired(t)
		w.sound(t)
	})
}
