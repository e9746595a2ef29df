package identity_test

import (
	"fmt"
	"testing"

	"wxhub/identity"
	"wxhub/model"
	"wxhub/model/storetest"
)

// Equal UnionIDs under two open-platform accounts, and in an app that names none, are not
// one person, also when all come at once.
func TestEqualUnionIDsOfDifferentAccountsNeverJoin(t *testing.T) {
	w := newWorld(t)
	w.wechat.knows("alice", "union-a")
	apps := append(worldApps[:len(worldApps):len(worldApps)], identity.App{ID: "wx0000000000000007", Kind: model.MobileApp})
	s := w.with(func(o *identity.Options) { o.Apps = apps })
	doors := []string{app, mobileApp, otherApp, foreignApp, "wx0000000000000007"}
	scope := map[string]string{app: "main", mobileApp: "main", foreignApp: "second", otherApp: "none", "wx0000000000000007": "none, too"}
	logins := make([]identity.Login, storetest.Racers)
	storetest.Race(len(logins), func(i int) {
		var err error
		door, code := doors[i%len(doors)], fmt.Sprintf("alice-%d", i)
		if door == app || door == otherApp {
			logins[i], err = s.LoginMiniProgram(t.Context(), door, code)
		} else {
			logins[i], err = s.LoginMobileApp(t.Context(), door, code)
		}
		if err != nil {
			t.Error(err)
		}
	})
	users := map[string]map[string]bool{}
	for i, l := range logins {
		of := scope[doors[i%len(doors)]]
		if users[of] == nil {
			users[of] = map[string]bool{}
		}
		users[of][w.root(t, l.Person.User.ID).ID] = true
	}
	all := map[string]bool{}
	for of, ids := range users {
		if len(ids) != 1 {
			t.Errorf("%s: she is %d users", of, len(ids))
		}
		for id := range ids {
			all[id] = true
		}
	}
	if len(all) != 4 {
		t.Errorf("%d users in 4 scopes: %v", len(all), users)
	}
	for id := range all {
		if v := identity.View(w.person(t, id)); v.UnionID != "union-a" { // recorded, though it joins nobody
			t.Errorf("got %+v", v)
		}
	}
	for _, key := range []model.UnionKey{{OpenPlatform: "", UnionID: "union-a"}} {
		if held, err := w.store.Union(t.Context(), key); err == nil {
			t.Errorf("without an account it is held: %+v", held)
		}
	}
	w.sound(t)
}
