package paytest

import (
	"context"
	"fmt"
	"math"
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

func duePayments(t *testing.T, s Store) {
	now := storetest.Epoch()
	pays := func(id string, late time.Duration, ps ...model.Payment) {
		o := model.Order{ID: id, Payments: ps}
		if late != never {
			o.CheckAt = now.Add(-late)
		}
		insert(t, s, o)
	}
	code, native := model.MethodCode, model.MethodNative
	pays("order-0", time.Second, model.Payment{Method: native, Status: model.PaymentPending})
	pays("order-1", time.Second, model.Payment{Method: code, Status: model.PaymentPending})
	pays("order-2", time.Hour, model.Payment{Method: code, Status: model.PaymentClosed}, model.Payment{Method: code, Status: model.PaymentReversing})
	pays("order-3", time.Hour, model.Payment{Method: code, Status: model.PaymentClosed}, model.Payment{Method: native, Status: model.PaymentPending})
	pays("order-4", -time.Millisecond, model.Payment{Method: code, Status: model.PaymentPending})
	pays("order-5", never, model.Payment{Method: code, Status: model.PaymentPending})
	pays("order-6", time.Hour)
	pays("order-7", 0, model.Payment{Method: code, Status: model.PaymentPaid}, model.Payment{Method: code, Status: model.PaymentCreated})

	open := []model.PaymentStatus{model.PaymentCreated, model.PaymentPending, model.PaymentReversing}
	for _, c := range []struct {
		method model.Method
		in     []model.PaymentStatus
		limit  int
		want   []string
	}{
		{code, open, 100, []string{"order-2", "order-1", "order-7"}},
		{code, open, 2, []string{"order-2", "order-1"}},
		{code, open, 0, nil},
		{code, nil, 100, nil},
		{code, []model.PaymentStatus{model.PaymentReversing}, 100, []string{"order-2"}},
		{native, open, 100, []string{"order-3", "order-0"}},
		{model.MethodApp, open, 100, nil},
	} {
		got, err := s.DuePayments(context.Background(), now, c.method, c.in, c.limit)
		if err != nil {
			t.Fatalf("due payments: %v", err)
		}
		if ids := idsOf(got); !slices.Equal(ids, c.want) {
			t.Errorf("due payments by %s in %v, limit %d: got %v, want %v", c.method, c.in, c.limit, ids, c.want)
		}
	}
}

// never is no time at all.
const never = time.Duration(math.MinInt64)
