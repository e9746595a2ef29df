package identitytest

import (
	"context"
	"maps"
	"slices"

	"pgregory.net/rapid"

	"wxhub/model"
)

// scene is everything of one history, as the store has it in the end.
type scene struct {
	identities map[model.IdentityKey]model.Identity
	users      map[string]model.User
}

// judge holds the end of a history against what must be true, which it works out from
// nothing but what WeChat reported.
func (h *history) judge(t *rapid.T) {
	s := h.look(t)
	for key, i := range s.identities {
		if i.Linking {
			t.Errorf("%v is still marked Linking", key)
		}
		h.judgeUnionID(t, i)
	}
	h.judgePeople(t, s)
	for id, u := range s.users {
		h.judgeUser(t, s, id, u)
	}
	h.judgeAnswers(t, s)
}

// look reads the history's records.
func (h *history) look(t *rapid.T) scene {
	s := scene{identities: map[model.IdentityKey]model.Identity{}, users: map[string]model.User{}}
	ids := slices.Clone(h.made)
	for _, r := range h.seen {
		i, err := h.store.Identity(context.Background(), r.key)
		if err != nil {
			if r.finished {
				t.Fatalf("an arrival finished and left no identity %v: %v", r.key, err)
			}
			continue
		}
		s.identities[r.key] = i
		ids = append(ids, i.UserID)
	}
	h.lookAtUsers(s, ids)
	return s
}

// lookAtUsers reads users and whom they were merged into; some are not born.
func (h *history) lookAtUsers(s scene, ids []string) {
	for len(ids) > 0 {
		id := ids[0]
		ids = ids[1:]
		if _, known := s.users[id]; known {
			continue
		}
		u, err := h.store.User(context.Background(), id)
		if err != nil {
			continue // not born
		}
		s.users[id] = u
		if u.MergedInto != "" {
			ids = append(ids, u.MergedInto)
		}
	}
}

// root follows the pointers; a cycle fails the test.
func (s scene) root(t *rapid.T, id string) string {
	for range len(s.users) + 1 {
		u, born := s.users[id]
		if !born || u.MergedInto == "" {
			return id
		}
		id = u.MergedInto
	}
	t.Fatalf("the pointers from %s go in a circle", id)
	return ""
}

// judgeUnionID: an identity has the UnionID that was reported for it first, and whatever
// else was reported is a conflict. Reports that overlap may count in either order.
func (h *history) judgeUnionID(t *rapid.T, i model.Identity) {
	first, reported, other := -1, false, map[string]bool{}
	for _, r := range h.seen {
		if r.key != i.Key() || r.unionID == "" {
			continue
		}
		if r.unionID == i.UnionID {
			reported = true
			if first < 0 || r.from < first {
				first = r.from
			}
		} else {
			other[r.unionID] = other[r.unionID] || r.finished
		}
	}
	if i.UnionID != "" && !reported {
		t.Errorf("%v has a UnionID that was never reported", i.Key())
	}
	for _, r := range h.seen {
		if r.key == i.Key() && r.unionID != "" && r.unionID != i.UnionID && r.finished && (i.UnionID == "" || r.to < first) {
			t.Errorf("%v has UnionID %q, though %q was there before", i.Key(), i.UnionID, r.unionID)
		}
	}
	for unionID, finished := range other {
		if id, ok := h.conflicts[[3]string{i.AppID, i.OpenID, unionID}]; !ok && finished {
			t.Errorf("%v reported %q and then %q, and nobody is asked to decide", i.Key(), i.UnionID, unionID)
		} else if c, err := h.store.Conflict(context.Background(), id); ok && (err != nil || c.Recorded != i.UnionID || c.Status != model.ConflictOpen) {
			t.Errorf("conflict %+v, %v", c, err)
		}
	}
}

// judgePeople: two identities are one user exactly when a chain of equal UnionIDs, each
// within one open-platform account, says so.
func (h *history) judgePeople(t *rapid.T, s scene) {
	keys := slices.Collect(maps.Keys(s.identities))
	person := map[model.IdentityKey]int{} // a label that is equal for one person
	for n, k := range keys {
		person[k] = n
	}
	for changed := true; changed; {
		changed = false
		for _, a := range keys {
			for _, b := range keys {
				ka, ok := s.identities[a].Union()
				kb, ok2 := s.identities[b].Union()
				if ok && ok2 && ka == kb && person[a] > person[b] {
					person[a], changed = person[b], true
				}
			}
		}
	}
	for _, a := range keys {
		for _, b := range keys {
			ra, rb := s.root(t, s.identities[a].UserID), s.root(t, s.identities[b].UserID)
			if (ra == rb) != (person[a] == person[b]) {
				t.Errorf("%v and %v: users %s and %s, but one person: %v", a, b, ra, rb, person[a] == person[b])
			}
		}
		if key, ok := s.identities[a].Union(); ok {
			held, err := h.store.Union(context.Background(), key)
			if err != nil || s.root(t, held.UserID) != s.root(t, s.identities[a].UserID) {
				t.Errorf("%v is held by %+v, %v", key, held, err)
			}
		}
	}
}

// judgeUser: a user that was announced was announced once; a merged one was merged once,
// into an older one, with a journal; one that lost before it was born was never heard of.
func (h *history) judgeUser(t *rapid.T, s scene, id string, u model.User) {
	created, merged := 0, 0
	for _, e := range u.Outbox {
		switch e.Type {
		case model.EventUserCreated:
			created++
		case model.EventUserMerged:
			merged++
		}
	}
	stillborn := u.MergedInto != "" && u.Merges[0].Cause == model.CauseBirth
	want := [2]int{1, 0}
	switch {
	case stillborn:
		want = [2]int{0, 0}
	case u.MergedInto != "":
		want = [2]int{1, 1}
		if u.MergedInto > id {
			t.Errorf("%s is merged into the younger %s", id, u.MergedInto)
		}
	}
	if got := [2]int{created, merged}; got != want {
		t.Errorf("%s has %v events of its making and merging, want %v", id, got, want)
	}
	if u.MergedInto != "" && (len(u.Merges) != 1 || u.Merges[0].Into != u.MergedInto || len(u.Merges[0].Loser) == 0 && !stillborn) {
		t.Errorf("the journal of %s is %+v", id, u.Merges)
	}
	root := s.root(t, id)
	owned := slices.ContainsFunc(slices.Collect(maps.Values(s.identities)), func(i model.Identity) bool { return s.root(t, i.UserID) == root })
	if !owned {
		t.Errorf("%s is nobody's", id)
	}
}

// judgeAnswers: every id that anybody was ever told answers with the user of the identity
// that it was told for, and a new user was told to be new at most once.
func (h *history) judgeAnswers(t *rapid.T, s scene) {
	fresh := map[string]int{}
	for _, a := range h.told {
		if got, want := s.root(t, a.userID), s.root(t, s.identities[a.key].UserID); got != want {
			t.Errorf("%v was told to be %s, which answers with %s; it is %s", a.key, a.userID, got, want)
		}
		for _, id := range []string{a.userID, s.root(t, a.userID)} {
			if _, born := s.users[id]; !born {
				t.Errorf("%s was told, and %s is not stored", a.userID, id)
			}
		}
		if a.fresh {
			fresh[a.userID]++
		}
	}
	for id, n := range fresh {
		if n > 1 {
			t.Errorf("%s was told %d times to be new", id, n)
		}
	}
}
