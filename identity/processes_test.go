package identity_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"wxhub/identity"
	"wxhub/model/sqlitestore"
	"wxhub/model/storetest"
)

// twoProcesses are two services with connections of their own to one file.
func twoProcesses(t *testing.T, w *world) [2]*identity.Service {
	t.Helper()
	second, err := sqlitestore.Open(t.Context(), w.file)
	must(t, err)
	t.Cleanup(func() { _ = second.Close() })
	return [2]*identity.Service{w.Service, w.with(func(o *identity.Options) { o.Store = second })}
}

var mainDoors = []string{app, siteApp, accountApp, mobileApp}

// The first logins of one person, at four doors and two processes, all at once: nobody
// was told of anybody before, so there is one user from the start and nothing to merge.
func TestFirstLoginsEverywhereAtOnceMakeOneUser(t *testing.T) {
	w := newWorld(t)
	processes := twoProcesses(t, w)
	w.wechat.knows("alice", "union-a")
	logins := make([]identity.Login, storetest.Racers)
	storetest.Race(len(logins), func(i int) {
		var err error
		if logins[i], err = through(t.Context(), processes[i%2], mainDoors[i/2%4], fmt.Sprintf("alice-%d", i)); err != nil {
			t.Error(err)
		}
	})
	fresh, first := 0, logins[0].Person.User.ID
	for i, l := range logins {
		if l.NewUser {
			fresh++
		}
		if l.Person.User.ID != first {
			t.Errorf("login %d was told %s, login 0 %s", i, l.Person.User.ID, first)
		}
		if s, err := w.Authenticate(t.Context(), l.Token); err != nil || s.UserID != first || s.AppID != mainDoors[i/2%4] {
			t.Errorf("session %+v, %v", s, err)
		}
	}
	n := w.events(t)
	if fresh != 1 || n["user.created"] != 1 || n["user.created "+first] != 1 || n["user.merged"] != 0 {
		t.Errorf("%d were told to be new; events %v", fresh, n)
	}
	if list, _, err := w.List(t.Context(), "", 10); err != nil || len(list) != 1 || len(list[0].Identities) != 4 {
		t.Errorf("got %+v, %v", list, err)
	}
	w.sound(t)
}

// The same of somebody whom each door knows already by the openid alone: four users
// become one, the oldest, and each of the others is merged once.
func TestLateUnionIDEverywhereAtOnceMergesAllIntoTheOldest(t *testing.T) {
	w := newWorld(t)
	processes := twoProcesses(t, w)
	var ids []string
	for _, door := range mainDoors {
		ids = append(ids, w.enters(t, door, "alice", ""))
	}
	w.wechat.knows("alice", "union-a")
	var fresh atomic.Int32
	storetest.Race(storetest.Racers, func(i int) {
		l, err := through(t.Context(), processes[i%2], mainDoors[i/2%4], fmt.Sprintf("alice-late-%d", i))
		if err != nil {
			t.Error(err)
		}
		if l.NewUser {
			fresh.Add(1)
		}
	})
	w.answers(t, ids[0], ids...)
	n := w.events(t)
	for _, id := range ids[1:] {
		if n["user.merged "+id] != 1 || len(w.user(t, id).Merges) != 1 {
			t.Errorf("%s: events %v, record %+v", id, n, w.user(t, id))
		}
	}
	if n["user.created"] != 4 || n["user.merged"] != 3 || fresh.Load() != 0 {
		t.Errorf("%d were told to be new; events %v", fresh.Load(), n)
	}
	w.sound(t)
}
