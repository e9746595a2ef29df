package webhooktest

import (
	"context"
	"errors"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/model/storetest"
)

func cancelledContext() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

func wantCancelled(t *testing.T, call string, err error) {
	t.Helper()
	if !errors.Is(err, model.ErrUnavailable) || !errors.Is(err, context.Canceled) {
		t.Errorf("%s: got %v, want ErrUnavailable because of the cancelled context", call, err)
	}
}

func cancelledOutbox(t *testing.T, s Stores) {
	insert(t, s, orderWith("order-1", 0, 1))
	_, err := s.OrderOutbox.PendingEvents(cancelledContext(), 1)
	wantCancelled(t, "PendingEvents", err)
	wantCancelled(t, "AcknowledgeEvent", s.OrderOutbox.AcknowledgeEvent(cancelledContext(), event("order-1", 0)))
	wantPending(t, s.OrderOutbox, 10, event("order-1", 0))
}

func cancelledDeliveries(t *testing.T, s Stores) {
	d := sample("delivery-1", storetest.Epoch())
	add(t, s, d)
	ctx := cancelledContext()
	wantCancelled(t, "AddDelivery", s.Deliveries.AddDelivery(ctx, sample("delivery-2", storetest.Epoch())))
	wantCancelled(t, "ReplaceDelivery", s.Deliveries.ReplaceDelivery(ctx, d))
	_, err := s.Deliveries.DueDeliveries(ctx, storetest.Epoch(), 1)
	wantCancelled(t, "DueDeliveries", err)
	_, err = s.Deliveries.Delivery(ctx, d.ID)
	wantCancelled(t, "Delivery", err)

	wantDelivery(t, s, d)
	if got := dueIDs(t, s, storetest.Epoch(), 10); len(got) != 1 {
		t.Errorf("deliveries after the cancelled calls: %v", got)
	}
}

func reopen(t *testing.T, db Database) {
	s := db(t)
	insert(t, s, orderWith("order-1", 0, 2))
	mustAcknowledge(t, s.OrderOutbox, event("order-1", 0))
	leased := sample("delivery-1", storetest.Epoch())
	add(t, s, leased)
	leased.DueAt = storetest.Epoch().Add(time.Minute)
	if err := s.Deliveries.ReplaceDelivery(context.Background(), leased); err != nil {
		t.Fatalf("replace: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}

	s = storetest.Open(t, db, Stores.close)
	wantPending(t, s.OrderOutbox, 10, event("order-1", 1))
	leased.Version = 2
	wantDelivery(t, s, leased)
	if got := dueIDs(t, s, storetest.Epoch(), 10); len(got) != 0 {
		t.Errorf("the lease was forgotten: %v", got)
	}
}
