package identity_test

import (
	"errors"
	"strings"
	"testing"

	"wxhub/identity"
	"wxhub/model"
)

// A revocation forgets what the person let the app know, and leaves who they are: the
// openid leads to the same user, so their orders stay theirs.
func TestRevokeForgetsWhatWasToldAndKeepsTheUser(t *testing.T) {
	w := newWorld(t)
	older, younger := everything(t, w)
	k := at(app, "alice")
	token := w.comes(t, app, "alice", "").Token
	must(t, w.Revoke(t.Context(), k, "they asked"))
	if i := w.identity(t, k); i.UnionID != "" || i.Linking || i.UserID != older {
		t.Errorf("got %+v", i)
	}
	for _, id := range []string{older, younger} {
		if u := w.user(t, id); u.Phone != "" || !u.PhoneAt.IsZero() || !u.ErasedAt.IsZero() {
			t.Errorf("got %+v", u)
		}
	}
	if _, err := w.redis.SessionKey(t.Context(), k.AppID, k.OpenID); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("the session key: %v", err)
	}
	if list, err := w.store.ListConflicts(t.Context(), model.ConflictOpen, "", 10); err != nil || len(list) > 0 {
		t.Errorf("conflicts %+v, %v", list, err)
	}
	w.answers(t, older, older, younger)
	if s, err := w.Authenticate(t.Context(), token); err != nil || s.UserID != older {
		t.Errorf("session %+v, %v", s, err)
	}
	if openID, err := w.OpenID(t.Context(), younger, app); err != nil || openID != k.OpenID {
		t.Errorf("got %q, %v", openID, err)
	}
	if l := w.comes(t, app, "alice", ""); l.NewUser || l.Person.User.ID != older {
		t.Errorf("got %+v", l)
	}
	if n := w.events(t); n["user.erased"] != 0 {
		t.Errorf("events %v", n)
	}
	if log := w.logged(); !strings.Contains(log, `"reason":"they asked"`) || strings.Contains(log, "openid-") || strings.Contains(log, "union-a") {
		t.Errorf("log %s", log)
	}
	w.sound(t)
	must(t, w.Revoke(t.Context(), k, "again"))
	if err := w.Revoke(t.Context(), at(app, "nobody"), "test"); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

// The UnionID itself is forgotten with the last identity that carries it.
func TestRevokedUnionIDIsForgottenWithItsLastCarrier(t *testing.T) {
	w := newWorld(t)
	alice := w.enters(t, app, "alice", "union-a")
	w.comes(t, siteApp, "alice", "union-a")
	must(t, w.Revoke(t.Context(), at(app, "alice"), "test"))
	if p, err := w.FindByUnionID(t.Context(), "main", "union-a"); err != nil || p.User.ID != alice {
		t.Errorf("another door still tells it: got %+v, %v", p, err)
	}
	must(t, w.Revoke(t.Context(), at(siteApp, "alice"), "test"))
	if held, err := w.store.Union(t.Context(), unionA); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("got %+v, %v", held, err)
	}
	// Told again, it is learned again, and leads to the same user from a new door.
	if l := w.comes(t, app, "alice", "union-a"); l.NewUser || l.Person.User.ID != alice {
		t.Errorf("got %+v", l)
	}
	if id := w.enters(t, mobileApp, "alice", "union-a"); id != alice {
		t.Errorf("got %s, want %s", id, alice)
	}
}

func revokes(w *world, s *identity.Service) error { return s.Revoke(w.ctx, at(app, "alice"), "test") }

// A new door is opened by the UnionID that is being forgotten: whoever carries it in the
// end is one user, and is found by the next door.
func TestLoginsInTheMiddleOfARevocation(t *testing.T) {
	for name, prepare := range map[string]func(*testing.T, *world){
		"who is known at one door": func(t *testing.T, w *world) { w.comes(t, app, "alice", "union-a") },
		"who is somebody else at the other": func(t *testing.T, w *world) {
			w.enters(t, siteApp, "alice", "")
			w.comes(t, app, "alice", "union-a")
		},
	} {
		for _, door := range []string{app, siteApp} {
			login := func(w *world, s *identity.Service) error {
				_, err := through(w.ctx, s, door, codeOf("alice"))
				return err
			}
			check := func(t *testing.T, w *world) {
				w.sound(t)
				if i := w.identity(t, at(door, "alice")); i.UnionID == "" {
					return // it was told first and forgotten then
				}
				next := w.enters(t, mobileApp, "alice", "union-a")
				if p, err := w.Find(t.Context(), at(door, "alice")); err != nil || p.User.ID != next {
					t.Errorf("the next door leads to %s, this one to %s, %v", next, p.User.ID, err)
				}
			}
			t.Run(name+", a login in a revocation, "+door, func(t *testing.T) { meanwhile(t, prepare, revokes, login, check) })
			t.Run(name+", a revocation in a login, "+door, func(t *testing.T) { meanwhile(t, prepare, login, revokes, check) })
		}
	}
}

// Done again after a crash, it forgets what the first attempt left.
func TestRevocationThatDiedIsDoneAgain(t *testing.T) {
	for name, c := range map[string]struct {
		prepare func(*testing.T, *world)
		held    bool // by another door of hers
	}{
		"who has told it at two doors": {func(t *testing.T, w *world) { everything(t, w) }, true},
		"who has told it at one": {func(t *testing.T, w *world) {
			w.comes(t, app, "alice", "union-a")
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			crashes(t, c.prepare, revokes, func(t *testing.T, w *world) {
				must(t, revokes(w, w.Service))
				i := w.identity(t, at(app, "alice"))
				if p := w.person(t, i.UserID); i.UnionID != "" || p.User.Phone != "" {
					t.Errorf("got %+v", p)
				}
				if held, err := w.store.Union(t.Context(), unionA); (err == nil) != c.held {
					t.Errorf("the UnionID is held by %+v, %v", held, err)
				}
				w.sound(t)
			})
		})
	}
}
