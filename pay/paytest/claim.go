package paytest

import (
	"context"
	"testing"

	"wxhub/model"
	"wxhub/model/storetest"
)

// claim is a claim of one key, with the order that its caller would make.
func claim(orderID string) model.IdempotentOrder {
	o := sample(orderID)
	o.Version = 1
	return model.IdempotentOrder{Key: "key-1", BodyHash: "hash of " + orderID, Order: o, CreatedAt: storetest.Epoch()}
}

func claimTwice(t *testing.T, s Store) {
	wantClaim(t, s, claim("order-1"), claim("order-1"), true)
	wantClaim(t, s, claim("order-2"), claim("order-1"), false)

	other := claim("order-2")
	other.Key = "key-2"
	wantClaim(t, s, other, other, true)

	// The claim is the first answer for ever, whatever becomes of the order.
	insert(t, s, claim("order-1").Order)
	if _, err := refundOne(s, "order-1"); err != nil {
		t.Fatalf("refund: %v", err)
	}
	wantClaim(t, s, claim("order-3"), claim("order-1"), false)
}

func wantClaim(t *testing.T, s Store, asked, want model.IdempotentOrder, wantCreated bool) {
	t.Helper()
	got, created, err := s.ClaimOrder(context.Background(), asked)
	if err != nil || created != wantCreated {
		t.Errorf("claim: created %v, want %v, error %v", created, wantCreated, err)
	}
	if !storetest.Same(got, want) {
		t.Errorf("the claim that stands:\n got %+v\nwant %+v", got, want)
	}
}
