package reconcile_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/pay"
	"wxhub/pay/reconcile"
	"wxhub/wx/sandbox"
)

// sellTogether makes two orders that are paid together at WeChat Pay; nobody tells us.
func (w *town) sellTogether() pay.CombinedPrepaid {
	w.t.Helper()
	ctx, backend := context.Background(), pay.Caller{Backend: true}
	var ids []string
	for _, amount := range []model.Fen{100, 23} {
		o, err := w.pay.Create(ctx, pay.CreateRequest{MerchantID: w.merchant, Amount: amount, Description: "tea"}, pay.IdempotencyKey{})
		if err != nil {
			w.t.Fatal(err)
		}
		ids = append(ids, o.ID)
	}
	c, err := w.pay.Combine(ctx, ids, backend, pay.IdempotencyKey{})
	if err != nil {
		w.t.Fatal(err)
	}
	p, err := w.pay.PrepayCombined(ctx, pay.PrepayRequest{OrderID: c.ID, Method: model.MethodNative, Caller: backend})
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.platform.Pay(p.Invoke.CodeURL, w.payer, sandbox.PaySuccess); err != nil {
		w.t.Fatal(err)
	}
	return p
}

// The bill has a row for each order, by its own numbers. Those that nobody told us of are asked
// for by the number of the whole, and settled.
func TestOrdersPaidTogetherInTheBill(t *testing.T) {
	ctx := context.Background()
	w := newTown(t)
	known, unheard := w.sellTogether(), w.sellTogether()
	if _, err := w.pay.Refresh(ctx, known.Members[0].ID); err != nil {
		t.Fatal(err)
	}
	w.pass(26 * time.Hour)
	s := reconcile.New(reconcile.Options{
		Store: w.store, Payments: w.pay, Bills: w.gateway, Accounts: []reconcile.Account{{MerchantID: w.merchant}}, Now: w.now,
		Log: slog.New(slog.DiscardHandler),
	})
	if _, err := s.Run(ctx, reconcile.Request{MerchantID: w.merchant, Date: w.date}); err != nil {
		t.Fatal(err)
	}
	found, err := w.store.ListDifferences(ctx, model.DifferenceFilter{MerchantID: w.merchant, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	numbers := map[string]bool{unheard.Members[0].Payments[0].OutTradeNo: true, unheard.Members[1].Payments[0].OutTradeNo: true}
	for _, d := range found {
		if d.Status != model.DifferenceRepaired || !numbers[d.Number] {
			t.Errorf("found %+v", d)
		}
	}
	if len(found) == 0 {
		t.Error("the bill did not bring what nobody told us of")
	}
	for _, m := range append(known.Members, unheard.Members...) {
		if o, err := w.pay.Order(ctx, m.ID); err != nil || o.Status != model.OrderPaid {
			t.Errorf("%s is %s, %v", m.ID, o.Status, err)
		}
	}
}
