package pay_test

import (
	"context"
	"sync"
	"testing"

	"wxhub/model"
	"wxhub/pay"
	"wxhub/wx"
)

// Two devices of one person prepay one order at the same time, through two apps. Only
// one attempt may be left that WeChat takes money for.
func TestConcurrentPrepaysThroughTwoAppsLeaveOneLiveAttempt(t *testing.T) {
	for range 20 {
		w := newWorld(t)
		o := w.create(t, nil)
		var wg sync.WaitGroup
		for i := range 6 {
			app := []string{appOne, appTwo}[i%2]
			wg.Go(func() {
				_, err := w.Prepay(context.Background(), by(o.ID, alice, app))
				if err != nil && model.AsError(err).Kind != model.KindConflict {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		payable := 0
		for _, p := range w.order(t, o.ID).Payments {
			if w.platform.pays(p.OutTradeNo) {
				payable++
			}
		}
		if payable > 1 {
			t.Fatalf("WeChat took money for %d attempts of one order", payable)
		}
	}
}

// While WeChat answers a prepay, the order is paid through another attempt: the answer
// must not be handed to the payer.
func TestAnInvokeIsNotGivenForAnOrderThatWasPaidMeanwhile(t *testing.T) {
	w := newWorld(t)
	o := w.create(t, nil)
	first := w.prepay(t, o.ID, alice, appOne)
	w.platform.meanwhile = func() {
		w.platform.meanwhile = nil
		w.platform.trades[first.Payment.OutTradeNo].state = wx.TradeSuccess // paid although being closed
		go func() { _ = w.notify(first.Payment.OutTradeNo) }()
		for w.order(t, o.ID).Status != model.OrderPaid {
		}
	}
	_, err := w.Prepay(context.Background(), by(o.ID, alice, appTwo))
	wantCode(t, err, "order_paid")
}

// Every notification was lost and an operator refunded one fen in WeChat's console: the
// payment is a payment all the same.
func TestAPaymentThatWasPartlyRefundedElsewhereIsStillFound(t *testing.T) {
	w := newWorld(t)
	p := w.prepay(t, w.create(t, nil).ID, alice, appOne)
	w.platform.pays(p.Payment.OutTradeNo)
	w.platform.trades[p.Payment.OutTradeNo].state = wx.TradeRefund
	o, err := w.Refresh(context.Background(), p.Order.ID)
	if err != nil || o.Status != model.OrderPaid || events(o, model.EventOrderPaid) != 1 {
		t.Errorf("got %+v, %v", o, err)
	}
}

// An answer that nobody signed says that WeChat does not know a number which it gave a
// prepay_id for. It is believed only when a query says so too.
func TestAPendingPaymentIsNotForgottenOnOneUnsignedWord(t *testing.T) {
	w := newWorld(t)
	p := w.prepay(t, w.create(t, nil).ID, alice, appOne)
	w.platform.fail["close"] = wx.ErrTradeUnknown
	_, err := w.Close(context.Background(), p.Order.ID, pay.Caller{Backend: true})
	wantCode(t, err, "wechat_unavailable")
	if o := w.order(t, p.Order.ID); o.Payments[0].Status != model.PaymentPending {
		t.Errorf("the attempt is %s", o.Payments[0].Status)
	}
}

// WeChat asks to slow down: the sweep stops asking and comes back.
func TestSweepSlowsDownWhenAsked(t *testing.T) {
	w := newWorld(t)
	for range 60 {
		w.prepay(t, w.create(t, nil).ID, alice, appOne)
	}
	w.pass(pay.DefaultExpiry / 2)
	w.platform.always = wx.ErrRateLimited
	if n, err := w.Sweep(context.Background()); n != 0 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if n := w.platform.count("query"); n > 16 {
		t.Errorf("WeChat was asked %d times after it had asked to slow down", n)
	}
	w.platform.always = nil
	for range 3 {
		w.pass(pay.DefaultExpiry / 8)
		if _, err := w.Sweep(context.Background()); err != nil {
			t.Error(err)
		}
	}
	if n := w.platform.count("query"); n < 60 {
		t.Errorf("only %d of 60 orders were asked for afterwards", n)
	}
}

// The first try got through with its answer lost, the second is refused: the number is
// closed at WeChat before it is given up here.
func TestARefusedNumberIsClosedBeforeItIsGivenUp(t *testing.T) {
	w := newWorld(t)
	o := w.create(t, nil)
	w.platform.lost = true
	_, err := w.Prepay(context.Background(), by(o.ID, alice, appOne))
	wantCode(t, err, "wechat_timeout")
	w.platform.fail["prepay"] = wx.ErrRejected
	_, err = w.Prepay(context.Background(), by(o.ID, alice, appOne))
	wantCode(t, err, "wechat_rejected")
	got := w.order(t, o.ID)
	if got.Payments[0].Status != model.PaymentFailed || w.platform.pays(got.Payments[0].OutTradeNo) {
		t.Errorf("the attempt is %s, and WeChat may still take money for it", got.Payments[0].Status)
	}
}

// WeChat refuses the first who tries: the order is still anybody's.
func TestARefusedPrepayBindsNobody(t *testing.T) {
	w := newWorld(t)
	o := w.create(t, nil)
	w.platform.fail["prepay"] = wx.ErrRejected
	_, err := w.Prepay(context.Background(), by(o.ID, alice, appOne))
	wantCode(t, err, "wechat_rejected")
	w.prepay(t, o.ID, bob, appOne)
	_, err = w.Prepay(context.Background(), by(o.ID, alice, appOne))
	wantCode(t, err, "not_your_order")
}

// Two people try to pay one order that is nobody's: it becomes that of one, and only
// that one can pay it.
func TestConcurrentPrepaysOfTwoPeopleBindOne(t *testing.T) {
	for range 20 {
		w := newWorld(t)
		o := w.create(t, nil)
		var wg sync.WaitGroup
		for i := range 6 {
			user := []string{alice, bob}[i%2]
			wg.Go(func() { _, _ = w.Prepay(context.Background(), by(o.ID, user, appOne)) })
		}
		wg.Wait()
		got := w.order(t, o.ID)
		for _, p := range got.Payments {
			payer := map[string]string{"o-a1": alice, "o-b1": bob}[p.OpenID]
			if w.platform.pays(p.OutTradeNo) && payer != got.UserID {
				t.Fatalf("%s can pay the order of %s", payer, got.UserID)
			}
		}
	}
}

// meddler lets something happen after a prepay has read the order and before it acts.
type meddler struct {
	pay.Payers
	before func()
}

func (m *meddler) OpenID(ctx context.Context, userID, appID string) (string, error) {
	if f := m.before; f != nil {
		m.before = nil
		f()
	}
	return m.Payers.OpenID(ctx, userID, appID)
}

// The order becomes alice's while bob's prepay is under way. Bob is refused, and alice's
// payment is as good as before.
func TestAStrangersPrepayDoesNotCloseThePayersPayment(t *testing.T) {
	w := newWorld(t)
	o := w.create(t, nil)
	var alices pay.Prepaid
	w.Payers = &meddler{Payers: w.Payers, before: func() { alices = w.prepay(t, o.ID, alice, appOne) }}
	_, err := w.Prepay(context.Background(), by(o.ID, bob, appOne))
	wantCode(t, err, "not_your_order")
	if got := w.order(t, o.ID); got.UserID != alice || got.Payments[0].Status != model.PaymentPending {
		t.Errorf("got %+v", got)
	}
	if !w.platform.pays(alices.Payment.OutTradeNo) || w.platform.count("close") != 0 {
		t.Error("the payment was closed at WeChat Pay")
	}
}
