package pay_test

import (
	"context"
	"testing"

	"wxhub/model"
	"wxhub/pay"
	"wxhub/wx"
)

// A payment that comes after its order was closed is money all the same: by policy it
// settles the order or is given back, and it is never swallowed.
func TestPaymentOfAClosedOrder(t *testing.T) {
	for name, refund := range map[string]bool{"accepted": false, "refunded": true} {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			w := newWorld(t)
			w.RefundLate = refund
			p := w.prepay(t, w.create(t, nil).ID, alice, appOne)
			if _, err := w.Close(ctx, p.Order.ID, pay.Caller{Backend: true}); err != nil {
				t.Fatal(err)
			}
			w.platform.trades[p.Payment.OutTradeNo].state = wx.TradeNotPay // paid although closed
			w.platform.pays(p.Payment.OutTradeNo)
			for range 3 {
				if err := w.notify(p.Payment.OutTradeNo); err != nil {
					t.Fatal(err)
				}
			}
			o := w.order(t, p.Order.ID)
			if !refund {
				if o.Status != model.OrderPaid || o.Payments[0].Status != model.PaymentPaid || len(o.Refunds) != 0 || events(o, model.EventOrderPaid) != 1 {
					t.Errorf("got %+v", o)
				}
				return
			}
			if o.Status != model.OrderClosed || o.Payments[0].Status != model.PaymentLate || len(o.Refunds) != 1 || events(o, model.EventOrderPaid) != 0 {
				t.Fatalf("got %+v", o)
			}
			for _, end := range []wx.RefundStatus{"", wx.RefundSuccess} {
				if end != "" {
					w.platform.ends(o.Refunds[0].ID, end)
				}
				w.pass(w.SweepEvery)
				if _, err := w.Sweep(ctx); err != nil {
					t.Fatal(err)
				}
			}
			o = w.order(t, o.ID)
			if r := o.Refunds[0]; r.Status != model.RefundSucceeded || r.Amount != o.Amount || !r.Automatic || o.Status != model.OrderClosed || o.AmountRefunded != 0 {
				t.Errorf("got %+v", o)
			}
			if len(w.platform.refunds) != 1 || !o.CheckAt.IsZero() {
				t.Errorf("%d refunds at WeChat; checked again at %v", len(w.platform.refunds), o.CheckAt)
			}
		})
	}
}
