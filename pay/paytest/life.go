package paytest

import (
	"context"
	"errors"
	"slices"
	"testing"

	"wxhub/model"
	"wxhub/model/storetest"
)

func cancelled(t *testing.T, s Store) {
	stored := sample("order-1")
	stored.Version = 1
	insert(t, s, stored)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()

	changed := stored
	changed.Amount = 1
	calls := map[string]func() error{
		"InsertOrder":  func() error { return s.InsertOrder(ctx, sample("order-2")) },
		"Order":        func() error { _, err := s.Order(ctx, "order-1"); return err },
		"ReplaceOrder": func() error { return s.ReplaceOrder(ctx, changed) },
		"ListOrders":   func() error { _, err := s.ListOrders(ctx, model.OrderFilter{Limit: 1}); return err },
		"DueOrders":    func() error { _, err := s.DueOrders(ctx, storetest.Epoch(), 1); return err },
		"DuePayments": func() error {
			_, err := s.DuePayments(ctx, storetest.Epoch(), model.MethodCode, model.PaymentStatuses, 1)
			return err
		},
		"ClaimOrder": func() error { _, _, err := s.ClaimOrder(ctx, claim("order-1")); return err },
	}
	for name, call := range calls {
		if err := call(); !errors.Is(err, model.ErrUnavailable) || !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v, want ErrUnavailable because of the cancelled context", name, err)
		}
	}
	wantOrder(t, s, stored)
	if got := listed(t, s, model.OrderFilter{}); !slices.Equal(got, []string{"order-1"}) {
		t.Errorf("orders after the cancelled calls: %v", got)
	}
	wantClaim(t, s, claim("order-3"), claim("order-3"), true)
}

func reopen(t *testing.T, db Database) {
	s := db(t)
	first, second := sample("order-1"), sample("order-2")
	insert(t, s, first)
	insert(t, s, second)
	first.Version, first.Amount = 1, 5
	if err := s.ReplaceOrder(context.Background(), first); err != nil {
		t.Fatalf("replace: %v", err)
	}
	wantClaim(t, s, claim("order-1"), claim("order-1"), true)
	if err := s.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}

	s = storetest.Open(t, db, Store.Close)
	first.Version, second.Version = 2, 1
	wantOrder(t, s, first)
	wantOrder(t, s, second)
	wantClaim(t, s, claim("order-2"), claim("order-1"), false)
	if _, err := refundOne(s, "order-1"); err != nil {
		t.Errorf("refund after reopening: %v", err)
	}
}
