package paytest

import (
	"context"
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"

	"wxhub/model"
	"wxhub/model/storetest"
)

func roundTripOrders(t *testing.T, s Store) {
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		o := AnyOrder().Draw(t, "order")
		o.ID = fmt.Sprintf("%s-%d", o.ID, n)
		if err := s.InsertOrder(context.Background(), o); err != nil {
			t.Fatalf("insert: %v", err)
		}
		o.Version = 1
		wantOrder(t, s, o)

		changed := AnyOrder().Draw(t, "changed order")
		changed.ID, changed.Version = o.ID, 1
		if err := s.ReplaceOrder(context.Background(), changed); err != nil {
			t.Fatalf("replace: %v", err)
		}
		changed.Version = 2
		wantOrder(t, s, changed)
	})
	insert(t, s, model.Order{ID: "rich", Amount: math.MaxInt64, AmountRefunded: math.MaxInt64})
	if o := get(t, s, "rich"); o.Amount != math.MaxInt64 || o.AmountRefunded != math.MaxInt64 {
		t.Errorf("the largest amount came back as %d, %d", o.Amount, o.AmountRefunded)
	}
}

// tester is what *testing.T and *rapid.T have in common.
type tester interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

func wantOrder(t tester, s Store, want model.Order) {
	t.Helper()
	got, err := s.Order(context.Background(), want.ID)
	if err != nil {
		t.Fatalf("order: %v", err)
	}
	if !storetest.Same(got, want) {
		t.Errorf("stored and read differ:\n got %#v\nwant %#v", got, want)
	}
}

func roundTripClaims(t *testing.T, s Store) {
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		want := AnyClaim().Draw(t, "claim")
		want.Key = fmt.Sprintf("%s-%d", want.Key, n)
		for _, first := range []bool{true, false} {
			got, created, err := s.ClaimOrder(context.Background(), want)
			if err != nil || created != first {
				t.Fatalf("claim: created %v, want %v, error %v", created, first, err)
			}
			if !storetest.Same(got, want) {
				t.Errorf("claimed and read differ:\n got %#v\nwant %#v", got, want)
			}
		}
	})
}
