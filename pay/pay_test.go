package pay_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/pay"
	"wxhub/wx"
)

func TestPrepayThenNotificationMakesItPaid(t *testing.T) {
	w := newWorld(t)
	o := w.create(t, nil)
	p := w.prepay(t, o.ID, alice, appOne)
	if p.Order.Status != model.OrderPending || p.Order.UserID != alice || p.Invoke.JSAPI.Package != "prepay_id=prepay-"+p.Payment.OutTradeNo {
		t.Fatalf("got %+v", p)
	}
	if n := p.Payment.OutTradeNo; len(n) < 6 || len(n) > 32 {
		t.Errorf("out_trade_no %q is not 6–32 characters", n)
	}
	w.platform.pays(p.Payment.OutTradeNo)
	if err := w.notify(p.Payment.OutTradeNo); err != nil {
		t.Fatal(err)
	}
	o = w.order(t, o.ID)
	if o.Status != model.OrderPaid || o.Payments[0].Status != model.PaymentPaid || o.Payments[0].TransactionID == "" || o.PaidAt.IsZero() {
		t.Errorf("got %+v", o)
	}
	if events(o, model.EventOrderPaid) != 1 {
		t.Errorf("outbox %+v", o.Outbox)
	}
}

func TestFiftyCopiesOfOneNotificationMakeOneTransition(t *testing.T) {
	w := newWorld(t)
	p := w.prepay(t, w.create(t, nil).ID, alice, appOne)
	w.platform.pays(p.Payment.OutTradeNo)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if err := w.notify(p.Payment.OutTradeNo); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	o := w.order(t, p.Order.ID)
	if o.Status != model.OrderPaid || events(o, model.EventOrderPaid) != 1 || o.Version != p.Order.Version+1 {
		t.Errorf("status %s, %d events, version %d after %d", o.Status, events(o, model.EventOrderPaid), o.Version, p.Order.Version)
	}
}

func TestNotificationThatDoesNotMatchChangesNothing(t *testing.T) {
	w := newWorld(t)
	p := w.prepay(t, w.create(t, nil).ID, alice, appOne)
	good := wx.Transaction{
		Trade: wx.Trade{MerchantID: merchantID, OutTradeNo: p.Payment.OutTradeNo}, AppID: appOne, TransactionID: "t",
		State: wx.TradeSuccess, Amount: 990, Currency: "CNY", SuccessTime: time.Now(),
	}
	for name, c := range map[string]struct {
		change func(*wx.Transaction)
		code   string
	}{
		"another merchant":     {func(x *wx.Transaction) { x.MerchantID = "1900000002" }, "payment_mismatch"},
		"another app":          {func(x *wx.Transaction) { x.AppID = appTwo }, "payment_mismatch"},
		"one fen less":         {func(x *wx.Transaction) { x.Amount-- }, "payment_mismatch"},
		"one fen more":         {func(x *wx.Transaction) { x.Amount++ }, "payment_mismatch"},
		"another currency":     {func(x *wx.Transaction) { x.Currency = "USD" }, "payment_mismatch"},
		"another number":       {func(x *wx.Transaction) { x.OutTradeNo = x.OutTradeNo[:26] + "02" }, "payment_unknown"},
		"not a number of ours": {func(x *wx.Transaction) { x.OutTradeNo = "20260102" }, "payment_unknown"},
		"no such order":        {func(x *wx.Transaction) { x.OutTradeNo = strings.Repeat("0", 26) + "01" }, "payment_unknown"},
		"not paid":             {func(x *wx.Transaction) { x.State = wx.TradeNotPay }, "notification_malformed"},
		"refunded":             {func(x *wx.Transaction) { x.State = wx.TradeRefund }, "notification_malformed"},
	} {
		t.Run(name, func(t *testing.T) {
			x := good
			c.change(&x)
			w.platform.next = wx.Notification{EventType: "TRANSACTION.SUCCESS", Transaction: &x}
			wantCode(t, w.notify("any"), c.code)
			if o := w.order(t, p.Order.ID); o.Version != p.Order.Version {
				t.Errorf("the order changed: %+v", o)
			}
		})
	}
	w.platform.next = wx.Notification{}
	wantCode(t, w.notify(""), "notification_unverified")
}

func TestPrepayAgainReturnsTheOpenPayment(t *testing.T) {
	w := newWorld(t)
	o := w.create(t, nil)
	first := w.prepay(t, o.ID, alice, appOne)
	again := w.prepay(t, o.ID, alice, appOne)
	if again.Payment.OutTradeNo != first.Payment.OutTradeNo || len(again.Order.Payments) != 1 || w.platform.count("prepay") != 1 {
		t.Errorf("%d payments, %d calls", len(again.Order.Payments), w.platform.count("prepay"))
	}
	w.pass(111 * time.Minute) // the prepay_id is about to die: the same number is asked for anew
	if third := w.prepay(t, o.ID, alice, appOne); third.Payment.OutTradeNo != first.Payment.OutTradeNo || w.platform.count("prepay") != 2 {
		t.Errorf("got %+v", third.Payment)
	}
}

func TestPrepayThroughAnotherAppClosesTheFirst(t *testing.T) {
	w := newWorld(t)
	o := w.create(t, nil)
	first := w.prepay(t, o.ID, alice, appOne)
	second := w.prepay(t, o.ID, alice, appTwo)
	if first.Payment.OutTradeNo == second.Payment.OutTradeNo || second.Payment.AppID != appTwo || second.Payment.OpenID != "o-a2" {
		t.Errorf("got %+v", second.Payment)
	}
	if second.Order.Payments[0].Status != model.PaymentClosed || w.platform.pays(first.Payment.OutTradeNo) {
		t.Error("the first attempt can still be paid")
	}
}

// The answer to a prepay gets lost: the retry uses the same number, so there is
// never a second live one.
func TestLostAnswerIsAskedForWithTheSameNumber(t *testing.T) {
	w := newWorld(t)
	o := w.create(t, nil)
	w.platform.lost = true
	_, err := w.Prepay(context.Background(), by(o.ID, alice, appOne))
	wantCode(t, err, "wechat_timeout")
	if got := w.order(t, o.ID); len(got.Payments) != 1 || got.Payments[0].Status != model.PaymentCreated {
		t.Fatalf("the number was not stored before the call: %+v", got)
	}
	p := w.prepay(t, o.ID, alice, appOne)
	if len(w.platform.trades) != 1 || len(p.Order.Payments) != 1 {
		t.Errorf("%d numbers at WeChat Pay", len(w.platform.trades))
	}
}

func TestRefusedPrepayTakesANewNumber(t *testing.T) {
	for name, c := range map[string]struct {
		refusal error
		retried bool // within the same call
	}{
		"rejected":        {wx.ErrRejected, false},
		"number differs":  {wx.ErrTradeDiffers, true},
		"number is spent": {wx.ErrTradeClosed, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			o := w.create(t, nil)
			w.platform.fail["prepay"] = c.refusal
			p, err := w.Prepay(context.Background(), by(o.ID, alice, appOne))
			if !c.retried {
				wantCode(t, err, model.CodeOf(c.refusal))
				p = w.prepay(t, o.ID, alice, appOne)
			} else if err != nil {
				t.Fatal(err)
			}
			if len(p.Order.Payments) != 2 || p.Payment.OutTradeNo != p.Order.Payments[1].OutTradeNo {
				t.Errorf("got %+v", p.Order.Payments)
			}
		})
	}
}

func TestWhoMayPrepay(t *testing.T) {
	w := newWorld(t)
	free := w.create(t, nil)
	alices := w.create(t, func(r *pay.CreateRequest) { r.UserID = alice })
	other := w.create(t, func(r *pay.CreateRequest) { r.MerchantID = "1900000002" })
	backend := func(order, app string) pay.PrepayRequest {
		return pay.PrepayRequest{OrderID: order, Method: model.MethodMiniProgram, AppID: app, Caller: pay.Caller{Backend: true}}
	}
	code := by(free.ID, alice, appOne)
	code.Method = model.MethodCode
	for name, c := range map[string]struct {
		request pay.PrepayRequest
		code    string // "" is allowed
	}{
		"another user":                   {by(alices.ID, bob, appOne), "not_your_order"},
		"no openid in that app":          {by(free.ID, bob, appTwo), "payer_has_no_openid"},
		"an app that is no mini-program": {by(free.ID, alice, "wx-oa"), "invalid_input"},
		"an unknown app":                 {by(free.ID, alice, "wx-none"), "invalid_input"},
		"an app of another merchant":     {by(other.ID, alice, appOne), "invalid_input"},
		"no such order":                  {by(strings.Repeat("0", 26), alice, appOne), "order_not_found"},
		"not an order id":                {by("../x", alice, appOne), "order_not_found"},
		"a code, by the payer":           {code, "api_key_required"},
		"backend, nobody to pay":         {backend(free.ID, appOne), "payer_required"},
		"backend, no app":                {backend(alices.ID, ""), "invalid_input"},
		"backend, for the payer":         {backend(alices.ID, appOne), ""},
		"the payer":                      {by(alices.ID, alice, appOne), ""},
	} {
		t.Run(name, func(t *testing.T) {
			calls := w.platform.count("prepay")
			_, err := w.Prepay(context.Background(), c.request)
			if c.code == "" && err != nil {
				t.Error(err)
			}
			if c.code != "" {
				wantCode(t, err, c.code)
				if w.platform.count("prepay") != calls {
					t.Error("WeChat Pay was asked all the same")
				}
			}
		})
	}
	w.prepay(t, free.ID, bob, appOne)
	_, err := w.Prepay(context.Background(), by(free.ID, alice, appOne))
	wantCode(t, err, "not_your_order") // the first who prepaid is the payer
}

func TestCloseIsFinalAtWeChatFirst(t *testing.T) {
	w := newWorld(t)
	backend := pay.Caller{Backend: true}
	p := w.prepay(t, w.create(t, nil).ID, alice, appOne)
	_, err := w.Close(context.Background(), p.Order.ID, pay.Caller{UserID: bob})
	wantCode(t, err, "not_your_order")

	w.platform.fail["close"] = wx.ErrTimeout
	_, err = w.Close(context.Background(), p.Order.ID, backend)
	wantCode(t, err, "wechat_timeout")
	if o := w.order(t, p.Order.ID); o.Status != model.OrderPending {
		t.Fatalf("closed here, but not at WeChat Pay: %s", o.Status)
	}
	for range 2 {
		o, err := w.Close(context.Background(), p.Order.ID, pay.Caller{UserID: alice})
		if err != nil || o.Status != model.OrderClosed || events(o, model.EventOrderClosed) != 1 {
			t.Fatalf("got %+v, %v", o, err)
		}
	}
	if w.platform.pays(p.Payment.OutTradeNo) {
		t.Error("a closed payment was paid")
	}
	_, err = w.Prepay(context.Background(), by(p.Order.ID, alice, appOne))
	wantCode(t, err, "order_closed")
}

func TestCloseOfAPaidOrderFindsThePayment(t *testing.T) {
	w := newWorld(t)
	p := w.prepay(t, w.create(t, nil).ID, alice, appOne)
	w.platform.pays(p.Payment.OutTradeNo) // and every notification is lost
	_, err := w.Close(context.Background(), p.Order.ID, pay.Caller{Backend: true})
	wantCode(t, err, "order_paid")
	if o := w.order(t, p.Order.ID); o.Status != model.OrderPaid || events(o, model.EventOrderPaid) != 1 {
		t.Errorf("got %+v", o)
	}
}

// The payment wins the race against the close: the money is not swallowed.
func TestPaymentAfterCloseIsKept(t *testing.T) {
	w := newWorld(t)
	p := w.prepay(t, w.create(t, nil).ID, alice, appOne)
	if _, err := w.Close(context.Background(), p.Order.ID, pay.Caller{Backend: true}); err != nil {
		t.Fatal(err)
	}
	w.platform.trades[p.Payment.OutTradeNo].state = wx.TradeSuccess
	if err := w.notify(p.Payment.OutTradeNo); err != nil {
		t.Fatal(err)
	}
	if o := w.order(t, p.Order.ID); o.Status != model.OrderPaid || events(o, model.EventOrderPaid) != 1 {
		t.Errorf("got %+v", o)
	}
}

func TestSecondPaymentIsADuplicate(t *testing.T) {
	w := newWorld(t)
	o := w.create(t, nil)
	first := w.prepay(t, o.ID, alice, appOne)
	second := w.prepay(t, o.ID, alice, appTwo)
	w.platform.trades[first.Payment.OutTradeNo].state = wx.TradeSuccess // paid although closed
	w.platform.pays(second.Payment.OutTradeNo)
	for _, n := range []string{second.Payment.OutTradeNo, first.Payment.OutTradeNo, first.Payment.OutTradeNo} {
		if err := w.notify(n); err != nil {
			t.Fatal(err)
		}
	}
	o = w.order(t, o.ID)
	if o.Payments[0].Status != model.PaymentDuplicate || o.Payments[1].Status != model.PaymentPaid || events(o, model.EventOrderPaid) != 1 {
		t.Errorf("got %+v", o.Payments)
	}
}

func TestSweepFindsLostPaymentsAndClosesTheExpired(t *testing.T) {
	w := newWorld(t)
	paid := w.prepay(t, w.create(t, nil).ID, alice, appOne)
	w.platform.pays(paid.Payment.OutTradeNo) // no notification ever comes
	left := w.prepay(t, w.create(t, nil).ID, bob, appOne)
	never := w.create(t, nil)
	sweep := func(want int) {
		t.Helper()
		if n, err := w.Sweep(context.Background()); err != nil || n != want {
			t.Fatalf("swept %d, want %d (%v)", n, want, err)
		}
	}
	sweep(0)
	w.pass(31 * time.Second)
	sweep(2)
	if o := w.order(t, paid.Order.ID); o.Status != model.OrderPaid || !o.CheckAt.IsZero() {
		t.Errorf("got %+v", o)
	}
	w.pass(pay.DefaultExpiry + time.Minute)
	sweep(2)
	for _, id := range []string{left.Order.ID, never.ID} {
		if o := w.order(t, id); o.Status != model.OrderClosed || events(o, model.EventOrderClosed) != 1 {
			t.Errorf("got %+v", o)
		}
	}
	sweep(0)
	_, err := w.Prepay(context.Background(), by(never.ID, alice, appOne))
	wantCode(t, err, "order_closed")
}

// An order that nobody pays is closed a minute after its expiry and a sweep, however often
// it was asked for in that minute.
func TestTheExpiredAreClosedInTime(t *testing.T) {
	w := newWorld(t)
	w.SweepEvery = time.Second
	o := w.create(t, func(r *pay.CreateRequest) { r.ExpiresIn = pay.MinExpiry })
	w.prepay(t, o.ID, alice, appOne)
	for end := o.ExpiresAt.Add(time.Minute + 3*time.Second); w.order(t, o.ID).Status != model.OrderClosed; w.pass(time.Second) {
		if w.Now().After(end) {
			t.Fatal("it is still open")
		}
		if _, err := w.Sweep(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAnExpiredOrderIsNotPayable(t *testing.T) {
	w := newWorld(t)
	o := w.create(t, func(r *pay.CreateRequest) { r.ExpiresIn = time.Minute })
	w.pass(time.Minute)
	_, err := w.Prepay(context.Background(), by(o.ID, alice, appOne))
	wantCode(t, err, "order_expired")
}
