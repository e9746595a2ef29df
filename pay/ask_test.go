package pay_test

import (
	"context"
	"strings"
	"testing"

	"wxhub/model"
	"wxhub/wx"
)

// TestAskPaymentOverrulesWhatIsBelievedHere: closed here, paid at WeChat Pay.
func TestAskPaymentOverrulesWhatIsBelievedHere(t *testing.T) {
	w, ctx := newWorld(t), context.Background()
	number := w.prepay(t, w.create(t, nil).ID, alice, appOne).Payment.OutTradeNo
	o, _, err := w.FindPayment(ctx, number)
	if err != nil {
		t.Fatal(err)
	}
	o.Status, o.Payments[0].Status = model.OrderClosed, model.PaymentClosed
	if err := w.store.ReplaceOrder(ctx, o); err != nil {
		t.Fatal(err)
	}
	if o, err = w.AskPayment(ctx, number); err != nil || o.Status != model.OrderClosed {
		t.Errorf("not paid: %s, %v", o.Status, err)
	}
	w.platform.pays(number)
	for range 3 {
		if o, err = w.AskPayment(ctx, number); err != nil || o.Status != model.OrderPaid || events(o, model.EventOrderPaid) != 1 {
			t.Errorf("paid: %+v, %v", o, err)
		}
	}
	w.platform.fail["query"] = wx.ErrBusy
	_, err = w.AskPayment(ctx, number)
	wantCode(t, err, "wechat_unavailable")
}

func TestAskRefundLearnsHowItEnded(t *testing.T) {
	w, ctx := newWorld(t), context.Background()
	r, err := w.refund(w.paidOrder(t).ID, 300)
	if err != nil {
		t.Fatal(err)
	}
	w.platform.ends(r.ID, wx.RefundSuccess)
	for range 3 {
		o, err := w.AskRefund(ctx, r.ID)
		if err != nil || o.AmountRefunded != 300 || o.Refunds[0].Status != model.RefundSucceeded || events(o, model.EventRefundSucceeded) != 1 {
			t.Errorf("%+v, %v", o, err)
		}
	}
	delete(w.platform.refunds, r.ID) // and WeChat Pay forgetting it takes nothing back
	if o, err := w.AskRefund(ctx, r.ID); err != nil || o.AmountRefunded != 300 {
		t.Errorf("%+v, %v", o, err)
	}
}

func TestAskAboutNothingOfOurs(t *testing.T) {
	w, ctx := newWorld(t), context.Background()
	o := w.create(t, nil)
	for _, number := range []string{"", "shop-1", o.ID, o.ID + "01", strings.Repeat("0", 26) + "01"} {
		_, _, err := w.FindPayment(ctx, number)
		wantCode(t, err, "payment_unknown")
		_, err = w.AskPayment(ctx, number)
		wantCode(t, err, "payment_unknown")
		_, err = w.AskRefund(ctx, number)
		wantCode(t, err, "refund_not_found")
	}
	if n := w.platform.count("query") + w.platform.count("query_refund"); n != 0 {
		t.Errorf("WeChat Pay was asked %d times", n)
	}
}
