package identitytest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"wxhub/identity"
	"wxhub/model"
	"wxhub/model/storetest"
	"wxhub/wx"
)

// The operated histories: among those who come in there are operators, who take merges
// back and resolve conflicts, and people, who revoke what they told, cancel their account
// or are erased. What must be true then is less, and is in judge_operated.go.

// deed is what somebody does beside coming in.
type deed struct {
	kind   string
	key    model.IdentityKey // whom it is about
	userID string            // who that was when it was begun
	to     model.IdentityKey // the other openid, of a migration
	which  int               // of the conflicts
}

const maxBefore = 8

var deeds = []string{"unmerge", "unmerge", "unmerge", "revoke", "cancel", "erase", "keep", "adopt", "adopt", "move"}

// RunOperatedHistories plays random histories with operators, as many as checks says, on
// one store.
func RunOperatedHistories(t *testing.T, s Store, checks int) {
	storetest.LimitChecks(t, checks)
	rapid.Check(t, func(t *rapid.T) {
		h := newHistory(t, s)
		h.begin(t)
		h.play(t, h.drawStep)
		h.again(t)
		h.judgeOperated(t)
	})
}

// begin lets people come in one after the other, so that there is something to undo.
func (h *history) begin(t *rapid.T) {
	s := h.service(h.store)
	for range rapid.IntRange(0, maxBefore).Draw(t, "before") {
		h.visit(newStage(), s, &actor{}, drawVisit(t, h.name))
	}
}

// drawStep draws an arrival or a deed.
func (h *history) drawStep(t *rapid.T) step {
	if rapid.Bool().Draw(t, "arrival") {
		return h.drawArrival(t)
	}
	v, to := drawVisit(t, h.name), drawVisit(t, h.name)
	d := deed{
		kind: rapid.SampledFrom(deeds).Draw(t, "kind"), key: v.key(h.name), to: to.key(h.name),
		which: rapid.IntRange(0, 3).Draw(t, "which"),
	}
	return func(st *stage, s *identity.Service, a *actor) {
		if i, err := h.store.Identity(context.Background(), d.key); err == nil {
			d.userID = i.UserID
		}
		err := h.do(s, d)
		switch {
		case err == nil:
		case errors.Is(err, errDied):
			h.undone = append(h.undone, d)
		case model.CodeOf(err) == "internal":
			panic(fmt.Sprintf("%s failed in a living process: %v", d.kind, err))
		}
	}
}

// do carries out a deed. That it is refused is no error.
func (h *history) do(s *identity.Service, d deed) error {
	ctx := context.Background()
	var err error
	switch d.kind {
	case "unmerge":
		err = s.Unmerge(ctx, d.userID)
	case "revoke":
		err = s.Revoke(ctx, d.key, "test")
	case "cancel":
		err = s.Cancel(ctx, d.key, "test")
	case "erase":
		err = s.Erase(ctx, d.userID, "test")
	case "move":
		_, err = s.Moved(ctx, d.key.AppID, d.to.AppID, []wx.Moved{{OldOpenID: d.key.OpenID, NewOpenID: d.to.OpenID}})
	case "keep", "adopt":
		var ids []string
		for _, id := range h.conflicts {
			ids = append(ids, id)
		}
		slices.Sort(ids)
		if len(ids) > 0 {
			err = s.Resolve(ctx, ids[d.which%len(ids)], identity.Resolution(d.kind))
		}
	}
	if err == nil {
		return nil
	}
	if e := model.AsError(err); e.Kind == model.KindConflict || e.Kind == model.KindNotFound {
		return nil
	}
	return err
}

// again: who died is asked to do it again, except for erasures, which the repair job
// completes if they had begun.
func (h *history) again(t *rapid.T) {
	s := h.service(h.store)
	for _, d := range h.undone {
		if d.kind == "erase" || d.kind == "cancel" {
			continue
		}
		if err := h.do(s, d); err != nil {
			t.Errorf("%s, again: %v", d.kind, err)
		}
	}
	if err := h.repair(); err != nil {
		t.Fatalf("repair: %v", err)
	}
}
