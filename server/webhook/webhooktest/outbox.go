package webhooktest

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/model/storetest"
	"wxhub/server/webhook"
)

func event(subject string, n int) model.Event {
	return model.Event{
		ID: fmt.Sprintf("%s-event-%d", subject, n), Type: model.EventOrderPaid, Subject: subject,
		Data: []byte(`{ "b": 1.50, "a":"<&>\u00e9é" }`), CreatedAt: storetest.Epoch(),
	}
}

// orderWith is an order of an age with n events.
func orderWith(id string, age time.Duration, n int) model.Order {
	o := model.Order{ID: id, Amount: 1, CreatedAt: storetest.Epoch().Add(-age), Version: 1}
	for i := range n {
		o.Outbox = append(o.Outbox, event(id, i))
	}
	return o
}

func insert(t *testing.T, s Stores, o model.Order) {
	t.Helper()
	if err := s.Orders.InsertOrder(context.Background(), o); err != nil {
		t.Fatalf("insert %s: %v", o.ID, err)
	}
}

func get(t *testing.T, s Stores, id string) model.Order {
	t.Helper()
	o, err := s.Orders.Order(context.Background(), id)
	if err != nil {
		t.Fatalf("order %s: %v", id, err)
	}
	return o
}

func acknowledge(t *testing.T, s Stores) {
	insert(t, s, orderWith("order-1", 0, 3))
	insert(t, s, orderWith("order-2", time.Minute, 0))
	events := orderWith("order-1", 0, 3).Outbox
	wantPending(t, s.OrderOutbox, 10, events...)

	for range 2 {
		mustAcknowledge(t, s.OrderOutbox, events[1])
		wantPending(t, s.OrderOutbox, 10, events[0], events[2])
	}
	mustAcknowledge(t, s.OrderOutbox, event("order-2", 0))
	mustAcknowledge(t, s.OrderOutbox, event("order-of-nobody", 0))
	wantPending(t, s.OrderOutbox, 10, events[0], events[2])

	o := get(t, s, "order-1")
	if !reflect.DeepEqual(o.Outbox, []model.Event{events[0], events[2]}) || o.Amount != 1 {
		t.Errorf("the order after an acknowledgement: %+v", o)
	}
	mustAcknowledge(t, s.OrderOutbox, events[0])
	mustAcknowledge(t, s.OrderOutbox, events[2])
	wantPending(t, s.OrderOutbox, 10)
	if o := get(t, s, "order-1"); len(o.Outbox) != 0 {
		t.Errorf("the outbox of the order is not empty: %v", o.Outbox)
	}
}

func pendingOrder(t *testing.T, s Stores) {
	insert(t, s, orderWith("order-c", time.Minute, 1))
	insert(t, s, orderWith("order-a", 0, 2))
	insert(t, s, orderWith("order-d", time.Hour, 2))
	insert(t, s, orderWith("order-b", 2*time.Hour, 0))
	oldestFirst := slices.Concat(
		orderWith("order-d", 0, 2).Outbox, orderWith("order-c", 0, 1).Outbox, orderWith("order-a", 0, 2).Outbox)
	wantPending(t, s.OrderOutbox, 0)
	wantPending(t, s.OrderOutbox, 1, oldestFirst[:2]...)
	wantPending(t, s.OrderOutbox, 2, oldestFirst[:3]...)
	wantPending(t, s.OrderOutbox, 3, oldestFirst...)
	wantPending(t, s.OrderOutbox, 100, oldestFirst...)
	wantPending(t, s.UserOutbox, 100)

	// What is done must not stand in the way of what waits.
	mustAcknowledge(t, s.OrderOutbox, oldestFirst[0])
	mustAcknowledge(t, s.OrderOutbox, oldestFirst[1])
	wantPending(t, s.OrderOutbox, 1, oldestFirst[2])
}

func userOutbox(t *testing.T, s Stores) {
	want := model.User{
		ID: "user-1", Phone: "8613800000000", CreatedAt: storetest.Epoch(), Outbox: []model.Event{event("user-1", 0), event("user-1", 1)},
	}
	if created, err := s.Users.InsertUser(context.Background(), want); err != nil || !created {
		t.Fatalf("insert: created %v, error %v", created, err)
	}
	wantPending(t, s.OrderOutbox, 10)
	wantPending(t, s.UserOutbox, 10, want.Outbox...)
	mustAcknowledge(t, s.OrderOutbox, want.Outbox[0]) // of another outbox: nothing to do
	wantPending(t, s.UserOutbox, 10, want.Outbox...)
	mustAcknowledge(t, s.UserOutbox, want.Outbox[0])
	wantPending(t, s.UserOutbox, 10, want.Outbox[1])

	got, err := s.Users.User(context.Background(), "user-1")
	want.Outbox, want.Version = want.Outbox[1:], got.Version
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("the user after an acknowledgement, error %v:\n got %+v\nwant %+v", err, got, want)
	}
}

func mustAcknowledge(t *testing.T, b webhook.Outbox, e model.Event) {
	t.Helper()
	if err := b.AcknowledgeEvent(context.Background(), e); err != nil {
		t.Fatalf("acknowledge %s: %v", e.ID, err)
	}
}

func wantPending(t *testing.T, b webhook.Outbox, limit int, want ...model.Event) {
	t.Helper()
	got, err := b.PendingEvents(context.Background(), limit)
	if err != nil || len(got) != len(want) || len(want) > 0 && !reflect.DeepEqual(got, want) {
		t.Errorf("pending, limit %d, error %v:\n got %+v\nwant %+v", limit, err, got, want)
	}
}
