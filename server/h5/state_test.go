package h5

import (
	"testing"
	"time"

	"wxhub/model"
)

func TestStateOfOrder(t *testing.T) {
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	for status, want := range map[model.OrderStatus][2]State{ // before its expiry, and at it
		model.OrderCreated: {StatePayable, StateExpired}, model.OrderPending: {StatePayable, StateExpired}, model.OrderPaid: {StatePaid, StatePaid},
		model.OrderPartiallyRefunded: {StateRefunded, StateRefunded}, model.OrderRefunded: {StateRefunded, StateRefunded}, model.OrderClosed: {StateClosed, StateClosed},
	} {
		for i, left := range []time.Duration{time.Millisecond, 0} {
			if got := stateOf(model.Order{Status: status, ExpiresAt: now.Add(left)}, now); got != want[i] {
				t.Errorf("%s with %s left: %s, want %s", status, left, got, want[i])
			}
		}
	}
}

func TestRecently(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	r := newRecently(2 * time.Second)
	if !r.first("a", now) || r.first("a", now.Add(time.Second)) || !r.first("b", now) || !r.first("a", now.Add(2*time.Second)) {
		t.Error("it forgets, or remembers too long")
	}
	for i := range 3 * maxRecent {
		r.first(time.Duration(i).String(), now)
	}
	if len(r.last) > maxRecent {
		t.Errorf("it remembers %d", len(r.last))
	}
}
