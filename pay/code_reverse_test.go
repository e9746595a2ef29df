package pay_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/pay"
	"wxhub/wx"
)

// reversing is an order whose payment by code is being taken back, which WeChat Pay has not
// confirmed: the first call of reverse got lost on its way.
func (w *world) reversing(t *testing.T) (model.Order, model.Payment) {
	t.Helper()
	o := w.create(t, nil)
	w.platform.codes.password = true
	w.scan(t, o.ID, codeOne)
	w.platform.fail["reverse"] = wx.ErrTimeout
	w.chase(t, 45)
	w.wantPayment(t, o.ID, model.PaymentReversing)
	return w.order(t, o.ID), w.payment(t, o.ID)
}

// The payer finishes just when the payment is being taken back: the reversal refunds it, and
// nothing is delivered.
func TestWhatIsBeingTakenBackIsNotFulfilled(t *testing.T) {
	w := newWorld(t)
	o, p := w.reversing(t)
	w.platform.pays(p.OutTradeNo)
	if err := w.notify(p.OutTradeNo); err != nil {
		t.Error(err)
	}
	if _, err := w.Refresh(context.Background(), o.ID); err != nil {
		t.Error(err)
	}
	w.wantPayment(t, o.ID, model.PaymentReversing)
	if got := w.scan(t, o.ID, codeOne); got.Payment.Status != model.PaymentReversing {
		t.Errorf("got %+v", got.Payment)
	}
	_, err := w.Prepay(context.Background(), byCode(o.ID, codeTwo))
	wantCode(t, err, "payment_in_progress")
	w.chase(t, 4)
	w.wantPayment(t, o.ID, model.PaymentClosed)
	if o := w.order(t, o.ID); o.Status != model.OrderPending || events(o, model.EventOrderPaid) != 0 || !w.platform.trades[p.OutTradeNo].reversed {
		t.Errorf("got %+v", o)
	}
}

// The news of the payment arrive after it was taken back: it is taken back again, to be sure,
// and never fulfilled.
func TestSuccessAfterAReversalIsTakenBackAgain(t *testing.T) {
	for _, took := range []bool{true, false} {
		w := newWorld(t)
		o, p := w.reversing(t)
		w.chase(t, 4)
		w.wantPayment(t, o.ID, model.PaymentClosed)
		trade := w.platform.trades[p.OutTradeNo]
		trade.state, trade.paid = wx.TradeSuccess, model.Instant(time.Now())
		if err := w.notify(p.OutTradeNo); err != nil {
			t.Error(err)
		}
		if took { // the notification was older than the reversal
			trade.state = wx.TradeRefund
		}
		w.wantPayment(t, o.ID, model.PaymentReversing)
		w.chase(t, 4)
		w.wantPayment(t, o.ID, model.PaymentClosed)
		if o := w.order(t, o.ID); o.Status != model.OrderPending || trade.state != wx.TradeRefund {
			t.Errorf("got %+v", o)
		}
	}
}

// WeChat Pay asks to be called again (recall), is silent, or has a fault: the same call until
// it confirms.
func TestAReversalIsRepeatedUntilItIsConfirmed(t *testing.T) {
	w := newWorld(t)
	o, _ := w.reversing(t)
	w.platform.codes.recall = 2
	w.chase(t, 4)
	w.platform.lost = true
	w.chase(t, 8)
	w.wantPayment(t, o.ID, model.PaymentClosed)
	if n := w.platform.count("reverse"); n != 4 && n != 5 {
		t.Errorf("reverse was called %d times", n)
	}
	for _, e := range []error{wx.ErrBusy, wx.ErrForged, wx.ErrRateLimited, model.ErrUnavailable} {
		w := newWorld(t)
		o, _ := w.reversing(t)
		w.platform.fail["reverse"] = e
		w.chase(t, 8)
		w.wantPayment(t, o.ID, model.PaymentClosed)
	}
}

// WeChat Pay refuses to take back. That is believed after a while, and only of what a
// verified answer says to be paid.
func TestARefusedReversal(t *testing.T) {
	for _, c := range []struct {
		state wx.TradeState
		after int // seconds
		want  model.PaymentStatus
	}{
		{wx.TradeSuccess, 6, model.PaymentReversing}, {wx.TradeSuccess, 15, model.PaymentPaid},
		{wx.TradeUserPaying, 30, model.PaymentReversing}, {wx.TradeNotPay, 30, model.PaymentReversing}, {wx.TradePayError, 30, model.PaymentReversing},
		{wx.TradeRevoked, 6, model.PaymentClosed}, {wx.TradeRefund, 6, model.PaymentClosed}, {wx.TradeClosed, 6, model.PaymentClosed},
		{"", 6, model.PaymentReversing}, {"", 15, model.PaymentClosed}, // not known
	} {
		w := newWorld(t)
		o, p := w.reversing(t)
		w.CodePay = irreversible{w.platform}
		if trade := w.platform.trades[p.OutTradeNo]; c.state == "" {
			delete(w.platform.trades, p.OutTradeNo)
		} else {
			trade.state, trade.paid = c.state, model.Instant(time.Now())
		}
		w.chase(t, c.after)
		w.wantPayment(t, o.ID, c.want)
		if paid := w.order(t, o.ID).Status == model.OrderPaid; paid != (c.want == model.PaymentPaid) {
			t.Errorf("%s: the order is %s", c.state, w.order(t, o.ID).Status)
		}
	}
}

// irreversible is a WeChat Pay that refuses to take anything back.
type irreversible struct{ *platform }

func (irreversible) ReverseCode(context.Context, wx.CodeTrade) error { return wx.ErrRejected }

// PAYERROR is not waited for: 15 seconds after the charge it is taken back.
func TestAFailedPaymentEndsEarly(t *testing.T) {
	w := newWorld(t)
	o := w.create(t, nil)
	w.platform.codes.password = true
	p := w.scan(t, o.ID, codeOne).Payment
	w.platform.trades[p.OutTradeNo].state = wx.TradePayError
	w.chase(t, 14)
	w.wantPayment(t, o.ID, model.PaymentPending)
	w.chase(t, 2)
	w.wantPayment(t, o.ID, model.PaymentClosed)
}

// Closing the order takes the payment back instead of closing it, and not within 15 seconds.
func TestClosingAnOrderTakesItsPaymentByCodeBack(t *testing.T) {
	for _, wait := range []time.Duration{time.Second, 20 * time.Second} {
		w := newWorld(t)
		o := w.create(t, nil)
		w.platform.codes.password = true
		w.scan(t, o.ID, codeOne)
		w.pass(wait)
		got, err := w.Close(context.Background(), o.ID, pay.Caller{Backend: true})
		if wait < 15*time.Second {
			wantCode(t, err, "payment_in_progress")
			if w.platform.count("reverse") != 0 {
				t.Error("taken back too early")
			}
			w.chase(t, 15)
			w.wantPayment(t, o.ID, model.PaymentClosed)
			got, err = w.Close(context.Background(), o.ID, pay.Caller{Backend: true})
		}
		if err != nil || got.Status != model.OrderClosed || w.platform.count("close") != 0 || w.platform.count("reverse") != 1 {
			t.Errorf("after %s: %v, %+v", wait, err, got)
		}
	}
}

// The order turns out to be paid when somebody closes it: nothing is taken back.
func TestClosingAnOrderThatWasPaidByCodeKeepsThePayment(t *testing.T) {
	w := newWorld(t)
	o := w.create(t, nil)
	w.platform.codes.password = true
	p := w.scan(t, o.ID, codeOne).Payment
	w.platform.pays(p.OutTradeNo)
	_, err := w.Close(context.Background(), o.ID, pay.Caller{Backend: true})
	wantCode(t, err, "order_paid")
	if w.wantPayment(t, o.ID, model.PaymentPaid); w.platform.count("reverse") != 0 {
		t.Error("the payment was taken back")
	}
}

// An order that expires while a payer enters a password is closed when that has ended.
func TestAnOrderExpiresAfterItsPaymentByCode(t *testing.T) {
	w := newWorld(t)
	o := w.create(t, func(r *pay.CreateRequest) { r.ExpiresIn = pay.MinExpiry })
	w.platform.codes.password = true
	w.pass(50 * time.Second)
	w.scan(t, o.ID, codeOne)
	w.pass(75 * time.Second)
	if _, err := w.Sweep(context.Background()); err != nil {
		t.Fatal(err)
	}
	if w.wantPayment(t, o.ID, model.PaymentPending); w.platform.count("query") != 0 {
		t.Error("the sweep did what is ChaseCodes' to do")
	}
	w.chase(t, 1)
	w.wantPayment(t, o.ID, model.PaymentClosed)
	w.pass(time.Minute)
	if _, err := w.Sweep(context.Background()); err != nil || w.order(t, o.ID).Status != model.OrderClosed || !w.order(t, o.ID).CheckAt.IsZero() {
		t.Errorf("%v, %+v", err, w.order(t, o.ID))
	}
}

// A payment of another channel comes in after all, while a payer enters a password. The
// payment by code is then one too many, whichever way it ends.
func TestAPaymentByCodeOfAnOrderThatWasPaidAnotherWay(t *testing.T) {
	for _, finishes := range []bool{true, false} {
		w := newWorld(t)
		o := w.create(t, nil)
		other := w.prepay(t, o.ID, alice, appOne).Payment.OutTradeNo
		w.platform.codes.password = true
		p := w.scan(t, o.ID, codeOne).Payment
		trade := w.platform.trades[other] // closed, and paid all the same
		trade.state, trade.paid = wx.TradeSuccess, model.Instant(time.Now())
		if err := w.notify(other); err != nil {
			t.Fatal(err)
		}
		want := model.PaymentClosed
		if finishes {
			w.platform.pays(p.OutTradeNo)
			want = model.PaymentDuplicate
		}
		w.chase(t, 50)
		w.wantPayment(t, o.ID, want)
		got := w.order(t, o.ID)
		if got.Status != model.OrderPaid || events(got, model.EventOrderPaid) != 1 || (len(got.Refunds) == 1) != finishes {
			t.Errorf("got %+v", got)
		}
	}
}

// A process that died is carried on for by any other, from what is stored.
func TestAnotherProcessCarriesOn(t *testing.T) {
	w := newWorld(t)
	o := w.create(t, nil)
	w.platform.codes.password = true
	w.scan(t, o.ID, codeOne)
	w.Service = pay.New(w.Options)
	w.pass(time.Hour) // they were all down for long
	w.chase(t, 1)
	w.wantPayment(t, o.ID, model.PaymentClosed)
}

// Many orders that are due do not hide the payments by code among them, and a change of an
// order does not put off the look at one.
func TestPaymentsByCodeAreNotCrowdedOut(t *testing.T) {
	w := newWorld(t)
	for i := range 150 {
		w.create(t, func(r *pay.CreateRequest) { r.ExpiresIn, r.Description = pay.MinExpiry, fmt.Sprint("tea ", i) })
	}
	w.pass(time.Hour)
	o := w.create(t, nil)
	w.platform.codes.password = true
	p := w.scan(t, o.ID, codeOne).Payment
	w.platform.pays(p.OutTradeNo)
	w.pass(4 * time.Second)
	if _, err := w.Prepay(context.Background(), by(o.ID, alice, appTwo)); err == nil {
		t.Error("a second payment was opened")
	}
	w.chase(t, 2)
	w.wantPayment(t, o.ID, model.PaymentPaid)
}
