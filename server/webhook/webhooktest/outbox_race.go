package webhooktest

import (
	"context"
	"errors"
	"testing"

	"wxhub/model"
	"wxhub/model/storetest"
)

// noResurrection is the relay and a notification that cross: the order was read
// with its event, the event is acknowledged, then the order is written.
func noResurrection(t *testing.T, s Stores) {
	insert(t, s, orderWith("order-1", 0, 1))
	old := get(t, s, "order-1")
	mustAcknowledge(t, s.OrderOutbox, event("order-1", 0))
	old.Amount = 2
	switch err := s.Orders.ReplaceOrder(context.Background(), old); {
	case errors.Is(err, model.ErrStale): // the caller reads again
	case err != nil:
		t.Errorf("replace: %v", err)
	}
	wantPending(t, s.OrderOutbox, 10)
}

func raceAcknowledge(t *testing.T, s Stores) {
	const events, changes, workers = 12, 12, 4
	insert(t, s, orderWith("order-1", 0, events))
	storetest.Race(2*workers, func(i int) {
		if i%2 == 0 {
			for n := range events { // each event by several relays
				if err := s.OrderOutbox.AcknowledgeEvent(context.Background(), event("order-1", n)); err != nil {
					t.Errorf("acknowledge: %v", err)
				}
			}
			return
		}
		for n := range changes {
			if err := refundWithEvent(s, "order-1", 1000*i+n); err != nil {
				t.Errorf("replace: %v", err)
			}
		}
	})

	o := get(t, s, "order-1")
	if o.AmountRefunded != workers*changes {
		t.Errorf("acknowledgements undid changes: refunded %d, want %d", o.AmountRefunded, workers*changes)
	}
	left := map[string]bool{}
	for _, e := range o.Outbox {
		left[e.ID] = true
	}
	for n := range events {
		if left[event("order-1", n).ID] {
			t.Errorf("changes undid the acknowledgement of event %d", n)
		}
	}
	if len(o.Outbox) != workers*changes || len(left) != workers*changes {
		t.Errorf("%d events of the changes are waiting, %d different ones, want %d", len(o.Outbox), len(left), workers*changes)
	}
	wantPending(t, s.OrderOutbox, 10, o.Outbox...)
}

// refundWithEvent adds 1 to AmountRefunded and an event, again until nobody was faster.
func refundWithEvent(s Stores, id string, n int) error {
	for {
		o, err := s.Orders.Order(context.Background(), id)
		if err != nil {
			return err
		}
		o.AmountRefunded++
		o.Outbox = append(o.Outbox, event(id, n))
		if err := s.Orders.ReplaceOrder(context.Background(), o); !errors.Is(err, model.ErrStale) {
			return err
		}
	}
}
