package webhooktest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/model/storetest"
)

// sample is a delivery with something in every field, as it is stored.
func sample(id string, dueAt time.Time) model.Delivery {
	return model.Delivery{
		ID: id, Endpoint: "https://shop.example/hooks?a=1&b=2", Event: event("order-1", 0), Status: model.DeliveryPending,
		Attempts: 2, DueAt: dueAt, LastError: "502 坏网关", CreatedAt: storetest.Epoch(), Version: 1,
	}
}

func add(t *testing.T, s Stores, d model.Delivery) {
	t.Helper()
	if err := s.Deliveries.AddDelivery(context.Background(), d); err != nil {
		t.Fatalf("add %s: %v", d.ID, err)
	}
}

func wantDelivery(t *testing.T, s Stores, want model.Delivery) {
	t.Helper()
	got, err := s.Deliveries.Delivery(context.Background(), want.ID)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("delivery, error %v:\n got %+v\nwant %+v", err, got, want)
	}
}

func addTwice(t *testing.T, s Stores) {
	first := sample("delivery-1", storetest.Epoch())
	first.Version = 5 // whatever the caller says, a new delivery is Version 1
	add(t, s, first)
	done := sample("delivery-1", storetest.Epoch())
	done.Status, done.Attempts = model.DeliveryDelivered, 3
	if err := s.Deliveries.ReplaceDelivery(context.Background(), done); err != nil {
		t.Fatalf("replace: %v", err)
	}
	add(t, s, sample("delivery-1", storetest.Epoch())) // handed over again: must not start anew
	done.Version = 2
	wantDelivery(t, s, done)
}

func missingAndStale(t *testing.T, s Stores) {
	d := sample("delivery-1", storetest.Epoch())
	add(t, s, d)
	if _, err := s.Deliveries.Delivery(context.Background(), "delivery-2"); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("delivery: got %v, want ErrNotFound", err)
	}
	if err := s.Deliveries.ReplaceDelivery(context.Background(), sample("delivery-2", storetest.Epoch())); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("replace: got %v, want ErrNotFound", err)
	}
	for _, version := range []int64{-1, 0, 2} {
		old := sample("delivery-1", storetest.Epoch().Add(time.Hour))
		old.Version = version
		if err := s.Deliveries.ReplaceDelivery(context.Background(), old); !errors.Is(err, model.ErrStale) {
			t.Errorf("replace with version %d of 1: got %v, want ErrStale", version, err)
		}
	}
	wantDelivery(t, s, d)

	d.LastError = "\xff\xfe\x00" // an endpoint may answer any bytes
	if err := s.Deliveries.ReplaceDelivery(context.Background(), d); err != nil {
		t.Errorf("an unreadable answer of an endpoint must not stop its delivery: %v", err)
	}
	if got, err := s.Deliveries.Delivery(context.Background(), d.ID); err != nil || got.Version != 2 {
		t.Errorf("after the unreadable answer: version %d, error %v", got.Version, err)
	}
}

func due(t *testing.T, s Stores) {
	now := storetest.Epoch()
	for i, late := range []time.Duration{time.Second, time.Hour, 0, -time.Millisecond, time.Hour, time.Minute, 2 * time.Hour} {
		add(t, s, sample(fmt.Sprintf("delivery-%d", i), now.Add(-late)))
	}
	for id, status := range map[string]model.DeliveryStatus{
		"delivery-5": model.DeliveryDelivered, "delivery-6": model.DeliveryDead,
	} {
		d := sample(id, now.Add(-24*time.Hour))
		d.Status = status
		if err := s.Deliveries.ReplaceDelivery(context.Background(), d); err != nil {
			t.Fatalf("replace: %v", err)
		}
	}
	longestFirst := []string{"delivery-1", "delivery-4", "delivery-0", "delivery-2"}
	for _, limit := range []int{0, 1, 3, 100} {
		want := longestFirst[:min(limit, len(longestFirst))]
		if got := dueIDs(t, s, now, limit); !slices.Equal(got, want) {
			t.Errorf("due, limit %d: got %v, want %v", limit, got, want)
		}
	}
}

func dueIDs(t *testing.T, s Stores, now time.Time, limit int) (ids []string) {
	t.Helper()
	deliveries, err := s.Deliveries.DueDeliveries(context.Background(), now, limit)
	if err != nil {
		t.Fatalf("due: %v", err)
	}
	for _, d := range deliveries {
		ids = append(ids, d.ID)
	}
	return ids
}
