package identitytest

import (
	"context"
	"errors"
	"slices"

	"pgregory.net/rapid"

	"wxhub/model"
)

// judgeOperated holds the end of an operated history against what is true whatever
// operators do. Who is one person cannot be worked out any more: an operator knows better.
func (h *history) judgeOperated(t *rapid.T) {
	s := h.lookAround(t)
	for key, i := range s.identities {
		root := s.root(t, i.UserID)
		if i.Linking {
			t.Errorf("%v is still marked Linking", key)
		}
		if u := s.users[root]; !u.ErasedAt.IsZero() {
			t.Errorf("%v belongs to %s, who is erased", key, root)
		}
		union, ok := i.Union()
		if !ok {
			continue
		}
		held, err := h.store.Union(context.Background(), union)
		if err != nil || s.root(t, held.UserID) != root {
			t.Errorf("%v is %s, and its UnionID is held by %+v, %v", key, root, held, err)
		}
	}
	h.judgeErased(t, s)
	for id, u := range s.users {
		s.judgeRecord(t, id, u)
	}
	for _, a := range h.told {
		if _, born := s.users[a.userID]; !born {
			t.Errorf("%s was told, and is not stored", a.userID)
		}
	}
}

// judgeErased: who is part of one who is erased is erased as well, and an erased user
// holds no UnionID, unless somebody died on the way.
func (h *history) judgeErased(t *rapid.T, s scene) {
	for id, u := range s.users {
		if u.ErasedAt.IsZero() && !s.users[s.root(t, id)].ErasedAt.IsZero() {
			t.Errorf("%s is not erased, and part of one who is: %+v", id, u)
		}
		if u.ErasedAt.IsZero() || h.dead() {
			continue
		}
		unions, err := h.store.UnionsOf(context.Background(), id)
		if err != nil || len(unions) > 0 {
			t.Errorf("%s is erased, and holds %+v, %v", id, unions, err)
		}
	}
}

// lookAround reads every identity that a history can have, and every user that it made.
func (h *history) lookAround(t *rapid.T) scene {
	s := scene{identities: map[model.IdentityKey]model.Identity{}, users: map[string]model.User{}}
	ids := slices.Clone(h.made)
	for _, a := range h.told {
		ids = append(ids, a.userID)
	}
	for app := range historyApps {
		for person := range people {
			key := visit{app: app, person: person}.key(h.name)
			i, err := h.store.Identity(context.Background(), key)
			if err == nil {
				s.identities[key] = i
				ids = append(ids, i.UserID)
			} else if !errors.Is(err, model.ErrNotFound) {
				t.Fatal(err)
			}
		}
	}
	h.lookAtUsers(s, ids)
	return s
}

// judgeRecord: the events and the journal of a user tell the same story, and an erased
// one has nothing personal.
func (s scene) judgeRecord(t *rapid.T, id string, u model.User) {
	events := map[model.EventType]int{}
	for _, e := range u.Outbox {
		events[e.Type]++
	}
	merged, unmerged, into := 0, 0, ""
	stillborn := false
	for _, m := range u.Merges {
		if m.Cause == model.CauseBirth {
			stillborn = true
		} else {
			merged++
		}
		if !m.UndoneAt.IsZero() {
			unmerged++
		} else {
			into = m.Into
		}
		if !u.ErasedAt.IsZero() && (m.By != model.IdentityKey{} || m.Union != model.UnionKey{} || len(m.Loser)+len(m.Survivor) > 0) {
			t.Errorf("%s is erased, and the journal has %+v", id, m)
		}
	}
	if into != u.MergedInto || len(u.Merges)-unmerged > 1 || stillborn && len(u.Merges) != 1 {
		t.Errorf("%s is merged into %q, and the journal is %+v", id, u.MergedInto, u.Merges)
	}
	if u.MergedInto > id && !stillborn {
		t.Errorf("%s is merged into the younger %s", id, u.MergedInto)
	}
	if events[model.EventUserMerged] != merged || events[model.EventUserUnmerged] != unmerged {
		t.Errorf("%s was merged %d times and unmerged %d times, and has the events %v", id, merged, unmerged, events)
	}
	heard := events[model.EventUserCreated]
	if unheard := stillborn || heard == 0 && !u.ErasedAt.IsZero(); unheard != (heard == 0) || heard > 1 {
		t.Errorf("%s has the events %v; stillborn: %v", id, events, stillborn)
	}
	erased := events[model.EventUserErased]
	if own := u.MergedInto == "" && !u.ErasedAt.IsZero() && heard == 1; own != (erased == 1) || erased > 1 {
		t.Errorf("%s has the events %v; erased under its own id: %v", id, events, own)
	}
	if u.Unsettled {
		t.Errorf("%s is still marked Unsettled", id)
	}
}
