package identity_test

import (
	"slices"
	"strings"
	"testing"

	"wxhub/model"
)

// chain makes four users by four doors, a the oldest, and merges d into c, c into b, b
// into a: d → c → b → a. Each arrival at the elder's door brings the UnionID of the
// younger, so the elder's identity is what joined them.
func chain(t *testing.T, w *world) (ids map[string]string, doors map[string]model.IdentityKey) {
	t.Helper()
	ids, doors = map[string]string{}, map[string]model.IdentityKey{}
	for _, name := range []string{"a", "b", "c", "d"} {
		ids[name], doors[name] = w.enters(t, app, name, ""), at(app, name)
	}
	// The second door of each carries their UnionID. That it is the same user's, a
	// migration says.
	for _, pair := range [][2]string{{"c", "d"}, {"b", "c"}, {"a", "b"}} {
		elder, younger := pair[0], pair[1]
		w.moved(t, at(app, younger), at(mobileApp, younger))
		w.comes(t, mobileApp, younger, "union-"+younger)
		w.comes(t, app, elder, "union-"+younger)
		if into := w.user(t, ids[younger]).MergedInto; into != ids[elder] {
			t.Fatalf("%s is merged into %s", younger, into)
		}
		doors[younger] = at(mobileApp, younger)
	}
	return ids, doors
}

// A tree that is cut in the middle falls into two, each with whoever was below.
func TestUnmergeCutsATreeInTheMiddle(t *testing.T) {
	for _, c := range []struct {
		cut   string
		parts []string // who answers, and for whom
	}{
		{"d", []string{"a:abc", "d:d"}},
		{"c", []string{"a:ab", "c:cd"}},
		{"b", []string{"a:a", "b:bcd"}},
		{"d b", []string{"a:a", "b:bc", "d:d"}},
		{"b d", []string{"a:a", "b:bc", "d:d"}},
		{"b c d", []string{"a:a", "b:b", "c:c", "d:d"}},
		{"d c b", []string{"a:a", "b:b", "c:c", "d:d"}},
		{"c d b", []string{"a:a", "b:b", "c:c", "d:d"}},
	} {
		t.Run(c.cut, func(t *testing.T) {
			w := newWorld(t)
			ids, doors := chain(t, w)
			w.answers(t, ids["a"], ids["a"], ids["b"], ids["c"], ids["d"])
			cuts := strings.Fields(c.cut)
			for _, name := range cuts {
				must(t, w.Unmerge(t.Context(), ids[name]))
				w.sound(t)
			}
			for _, part := range c.parts {
				who, whom, _ := strings.Cut(part, ":")
				var every []string
				for _, name := range strings.Split(whom, "") {
					every = append(every, ids[name])
					w.answers(t, ids[who], ids[name])
					if p, err := w.Find(t.Context(), doors[name]); err != nil || p.User.ID != ids[who] {
						t.Errorf("the door of %s leads to %s, %v", name, p.User.ID, err)
					}
				}
				if got, err := w.EveryID(t.Context(), ids[who]); err != nil || !slices.Equal(got, every) {
					t.Errorf("%s answers for %q, %v; want %q", who, got, err, every)
				}
			}
			if n := w.events(t); n["user.unmerged"] != len(cuts) || n["user.merged"] != 3 || n["user.created"] != 4 {
				t.Errorf("events %v", n)
			}
		})
	}
}

// What was cut grows together again by the same arrivals, whatever the order.
func TestATreeThatWasCutGrowsTogetherAgain(t *testing.T) {
	for _, order := range []string{"abc", "cba", "bca"} {
		t.Run(order, func(t *testing.T) {
			w := newWorld(t)
			ids, _ := chain(t, w)
			for _, name := range []string{"c", "b", "d"} {
				must(t, w.Unmerge(t.Context(), ids[name]))
			}
			next := map[string]string{"a": "union-b", "b": "union-c", "c": "union-d"}
			for _, name := range strings.Split(order, "") {
				w.comes(t, app, name, next[name])
			}
			w.answers(t, ids["a"], ids["a"], ids["b"], ids["c"], ids["d"])
			w.sound(t)
			for _, name := range []string{"b", "c", "d"} {
				if m := w.user(t, ids[name]).Merges; len(m) != 2 || m[0].UndoneAt.IsZero() || !m[1].UndoneAt.IsZero() {
					t.Errorf("the journal of %s is %+v", name, m)
				}
			}
		})
	}
}

// b came to a by one UnionID and c to both by another, which an identity of b carries:
// b cannot leave before c has.
func TestUnmergeSeesTiesAcrossTheTree(t *testing.T) {
	w := newWorld(t)
	a, b, c := w.enters(t, app, "a", "union-a"), w.enters(t, app, "b", ""), w.enters(t, app, "c", "union-c")
	w.moved(t, at(app, "b"), at(mobileApp, "b"))
	w.comes(t, app, "b", "union-a")       // b → a
	w.comes(t, mobileApp, "b", "union-c") // c → a, because of b
	w.answers(t, a, b, c)
	if into := w.user(t, c).MergedInto; into != a {
		t.Fatalf("c is merged into %s", into)
	}
	refused(t, w, b, "unmerge_tied")
	must(t, w.Unmerge(t.Context(), c))
	w.answers(t, c, c)
	w.answers(t, a, b)
	must(t, w.Unmerge(t.Context(), b))
	w.answers(t, b, b)
	w.sound(t)
}
