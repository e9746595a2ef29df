package identity_test

import (
	"testing"

	"wxhub/identity"
	"wxhub/model"
)

// bound is the world after the apps of the open-platform account "main" were given
// another in the configuration.
func (w *world) bound(to string) *world {
	o := w.options
	o.Apps = nil
	for _, a := range worldApps {
		if a.OpenPlatform == "main" {
			a.OpenPlatform = to
		}
		o.Apps = append(o.Apps, a)
	}
	return &world{
		Service: identity.New(o), options: o, file: w.file, store: w.store, redis: w.redis, wechat: w.wechat, ctx: w.ctx, ahead: w.ahead,
	}
}

// An operator renames the open-platform account, or binds the apps to another, which has
// other UnionIDs: what WeChat says next replaces what was known, and is no conflict.
func TestAnotherOpenPlatformInTheConfigurationIsNoConflict(t *testing.T) {
	for name, unionID := range map[string]string{"renamed": "union-a", "another": "union-z"} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			alice := w.enters(t, app, "alice", "union-a")
			w = w.bound("renamed")
			if id := w.enters(t, app, "alice", ""); id != alice { // nothing is told: nothing changes
				t.Errorf("she is %s, not %s", id, alice)
			}
			if i := w.identity(t, at(app, "alice")); i.OpenPlatform != "main" || i.UnionID != "union-a" {
				t.Errorf("got %+v", i)
			}
			if id := w.enters(t, app, "alice", unionID); id != alice {
				t.Errorf("she is %s, not %s", id, alice)
			}
			if i := w.identity(t, at(app, "alice")); i.OpenPlatform != "renamed" || i.UnionID != unionID || i.Linking {
				t.Errorf("got %+v", i)
			}
			if list, err := w.store.ListConflicts(t.Context(), model.ConflictOpen, "", 10); err != nil || len(list) > 0 {
				t.Errorf("conflicts %+v, %v", list, err)
			}
			if id := w.enters(t, mobileApp, "alice", unionID); id != alice {
				t.Errorf("another door leads to %s, not %s", id, alice)
			}
			w.sound(t)
		})
	}
}

// Bound to an account where the UnionID is known already, the two are one.
func TestAppThatIsBoundToAnotherAccountJoinsWhoIsKnownThere(t *testing.T) {
	w := newWorld(t)
	alice := w.enters(t, app, "alice", "union-a")
	there := w.enters(t, foreignApp, "carol", "union-z")
	w = w.bound("second")
	w.comes(t, app, "alice", "union-z")
	w.answers(t, alice, alice, there)
	w.sound(t)
}

// Without an account a UnionID is kept and joins nobody.
func TestAppThatIsBoundToNoAccountAnyMore(t *testing.T) {
	w := newWorld(t)
	alice := w.enters(t, app, "alice", "union-a")
	w = w.bound("")
	w.comes(t, app, "alice", "union-z")
	if i := w.identity(t, at(app, "alice")); i.OpenPlatform != "" || i.UnionID != "union-z" || i.Linking {
		t.Errorf("got %+v", i)
	}
	if id := w.enters(t, siteApp, "alice", "union-z"); id == alice {
		t.Error("a UnionID without an account joined two")
	}
	w.sound(t)
}
