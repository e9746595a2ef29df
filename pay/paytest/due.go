package paytest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/model/storetest"
)

func due(t *testing.T, s Store) {
	now := storetest.Epoch()
	for i, late := range []time.Duration{
		3 * time.Second, time.Hour, 0, -time.Millisecond, 2 * time.Second, time.Hour, 50 * 365 * 24 * time.Hour,
	} {
		insert(t, s, model.Order{ID: fmt.Sprintf("order-%d", i), CheckAt: now.Add(-late)})
	}
	insert(t, s, model.Order{ID: "order-never"})

	longestFirst := []string{"order-6", "order-1", "order-5", "order-0", "order-4", "order-2"}
	for _, limit := range []int{0, 1, 3, 6, 100} {
		want := longestFirst[:min(limit, len(longestFirst))]
		if got := dueIDs(t, s, now, limit); !slices.Equal(got, want) {
			t.Errorf("due, limit %d: got %v, want %v", limit, got, want)
		}
	}
	if got := dueIDs(t, s, now.Add(time.Millisecond), 100); len(got) != 7 {
		t.Errorf("due a millisecond later: got %v, want order-3 too", got)
	}

	// A job that looked at an order moves it on, and out of the way of the others.
	oldest := get(t, s, "order-6")
	oldest.CheckAt = now.Add(time.Hour)
	if err := s.ReplaceOrder(context.Background(), oldest); err != nil {
		t.Fatalf("replace: %v", err)
	}
	if got := dueIDs(t, s, now, 2); !slices.Equal(got, longestFirst[1:3]) {
		t.Errorf("due after one moved on: got %v, want %v", got, longestFirst[1:3])
	}
}

func dueIDs(t *testing.T, s Store, now time.Time, limit int) []string {
	t.Helper()
	orders, err := s.DueOrders(context.Background(), now, limit)
	if err != nil {
		t.Fatalf("due: %v", err)
	}
	return idsOf(orders)
}
