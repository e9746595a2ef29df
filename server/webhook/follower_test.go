package webhook_test

import (
	"context"
	"errors"
	"testing"

	"wxhub/model"
)

// An event stays in its outbox until every follower has taken it: that is what makes a
// follower's work survive a crash.
func TestAFollowerSeesAnEventUntilItTakesIt(t *testing.T) {
	w := newWorld(t)
	e := w.happens(t, "order-1", model.EventOrderPaid)
	refuse, seen := true, 0
	o := w.options()
	o.Followers = append(o.Followers, func(_ context.Context, got model.Event) error {
		if seen++; got.ID != e.ID || got.Subject != "order-1" {
			t.Errorf("got %+v", got)
		}
		if refuse {
			return errors.New("the store is away")
		}
		return nil
	})
	s := w.sender()
	s.Options = o
	for range 3 {
		if _, err := s.Run(t.Context()); err == nil {
			t.Error("the failure is not told")
		}
	}
	refuse = false
	if run(t, s) != 1 || seen != 4 {
		t.Errorf("seen %d times", seen)
	}
	w.wantOutboxesEmpty(t)
	if run(t, s) != 0 || seen != 4 {
		t.Error("it is shown again")
	}
}
