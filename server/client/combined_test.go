package client_test

import (
	"testing"

	"wxhub/server/client"
	"wxhub/wx/sandbox"
)

func TestOrdersPaidTogether(t *testing.T) {
	b := start(t)
	ctx, combined := t.Context(), must[client.CombinedOrder](t)
	var ids []string
	for range 2 {
		o := must[client.Order](t)(b.hub.CreateOrder(ctx, client.NewOrder{MerchantID: b.merchant, Amount: 7, Description: "tea"}))
		ids = append(ids, o.ID)
	}
	c := combined(b.hub.Combine(ctx, client.NewCombinedOrder{Orders: ids, IdempotencyKey: "k"}))
	if again := combined(b.hub.Combine(ctx, client.NewCombinedOrder{Orders: ids, IdempotencyKey: "k"})); again.ID != c.ID || c.Amount != 14 {
		t.Errorf("got %+v and %+v", c, again)
	}
	p := must[client.CombinedPrepaid](t)(b.hub.PrepayCombined(ctx, c.ID, client.CombinedPrepay{Method: client.Native}))
	payer, err := b.Sandbox.CreateUser("payer")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Sandbox.Pay(p.CodeURL(), payer.ID, sandbox.PaySuccess); err != nil || p.H5URL() != "" {
		t.Fatal(err)
	}
	if got := combined(b.hub.RefreshCombinedOrder(ctx, c.ID)); got.Status != client.OrderPaid || got.Orders[1].Payments[0].CombineOutTradeNo != p.Payment.CombineOutTradeNo {
		t.Errorf("got %+v", got)
	}
	if _, err := b.hub.CloseCombinedOrder(ctx, c.ID); !client.IsCode(err, "order_paid") {
		t.Errorf("got %v", err)
	}
	if got := combined(b.hub.CombinedOrder(ctx, c.ID)); got.Payments[0].Status != "paid" {
		t.Errorf("got %+v", got)
	}
}
