package pay_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wxhub/model"
	"wxhub/model/sqlitestore"
	"wxhub/pay"
	"wxhub/wx"
)

// mortal is a store whose process may die before or after each write.
type mortal struct {
	*sqlitestore.Store
	platform *platform
}

func (m mortal) ReplaceOrder(ctx context.Context, o model.Order) error {
	m.platform.point()
	err := m.Store.ReplaceOrder(ctx, o)
	m.platform.point()
	return err
}

// Random lives of one order that is paid by codes and otherwise: passwords entered, late or
// never, lost answers, refusals, closes, reversals repeated and refused, and the process dying
// before and after every write and every call. In the end no payment was both taken back and
// fulfilled, nobody paid for nothing, and no payment is undecided.
func TestNoPaymentIsBothTakenBackAndFulfilled(t *testing.T) {
	store, err := sqlitestore.Open(context.Background(), filepath.Join(t.TempDir(), "pay.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	rapid.Check(t, func(r *rapid.T) {
		w := newWorldOn(store)
		w.Orders = mortal{store, w.platform}
		ctx := context.Background()
		o, err := w.Create(ctx, pay.CreateRequest{MerchantID: merchantID, Amount: 990, Description: "tea"}, pay.IdempotencyKey{})
		if err != nil {
			r.Fatal(err)
		}
		for range rapid.IntRange(1, 30).Draw(r, "steps") {
			w.platform.codes.password = rapid.Bool().Draw(r, "password")
			if rapid.IntRange(0, 3).Draw(r, "dies") == 0 {
				w.platform.codes.crash = rapid.IntRange(1, 14).Draw(r, "at point")
			}
			alone(w.codeStep(ctx, r, o.ID))
			w.platform.codes.crash = 0
			w.auditCodes(r, o.ID, false)
		}
		w.platform.codes.recall, w.platform.codes.lost = 0, false
		w.settleDown(ctx, r, o.ID)
		w.audit(r, o.ID)
		w.auditCodes(r, o.ID, true)
	})
}

// codeStep draws one thing to do.
func (w *world) codeStep(ctx context.Context, r *rapid.T, id string) func() {
	number := func() string {
		o, err := w.Order(ctx, id)
		if err != nil {
			r.Fatal(err)
		}
		if len(o.Payments) == 0 {
			return "none"
		}
		return rapid.SampledFrom(o.Payments).Draw(r, "payment").OutTradeNo
	}
	switch rapid.SampledFrom([]string{"code", "code", "prepay", "pay", "pay", "fail", "notify", "close", "refresh", "sweep", "tick", "tick", "tick", "tick", "lose", "lose the reversal's", "refuse", "recall"}).Draw(r, "step") {
	case "code":
		code := rapid.SampledFrom([]string{codeOne, codeTwo, "150000000000000000", "110000000000000000"}).Draw(r, "code")
		return func() { _, _ = w.Prepay(ctx, byCode(id, code)) }
	case "prepay":
		return func() { _, _ = w.Prepay(ctx, by(id, alice, appOne)) }
	case "pay":
		n := number()
		return func() { w.platform.pays(n) }
	case "fail":
		if t := w.platform.trades[number()]; t != nil && t.state == wx.TradeUserPaying {
			t.state = wx.TradePayError
		}
	case "notify":
		n := number()
		if t := w.platform.trades[n]; t != nil && !t.paid.IsZero() { // it may be old news by now
			return func() { _ = w.notifyOf(n, *t) }
		}
	case "close":
		return func() { _, _ = w.Close(ctx, id, pay.Caller{Backend: true}) }
	case "refresh":
		return func() { _, _ = w.Refresh(ctx, id) }
	case "sweep":
		return func() { _, _ = w.Sweep(ctx) }
	case "tick":
		w.pass(time.Duration(rapid.SampledFrom([]int{1, 5, 16, 46, 600}).Draw(r, "seconds")) * time.Second)
		return func() { _, _ = w.ChaseCodes(ctx) }
	case "lose":
		w.platform.lost = true
	case "lose the reversal's":
		w.platform.codes.lost = true
	case "refuse":
		call := rapid.SampledFrom([]string{"pay_code", "query", "reverse", "reverse", "close"}).Draw(r, "call")
		refusals := []error{wx.ErrTimeout, wx.ErrBusy, wx.ErrForged, wx.ErrRejected, wx.ErrRateLimited}
		if call == "reverse" { // what a query says to it is true: two lies at once are believed
			refusals = append(refusals, wx.ErrTradeUnknown, wx.ErrTradeClosed)
		}
		w.platform.fail[call] = rapid.SampledFrom(refusals).Draw(r, "refusal")
	case "recall":
		w.platform.codes.recall = rapid.IntRange(1, 3).Draw(r, "times")
	}
	return func() {}
}

// notifyOf sends the notification that WeChat Pay once made of a payment.
func (w *world) notifyOf(number string, t trade) error {
	t.state = wx.TradeSuccess
	tx := t.transaction(number)
	w.platform.mu.Lock()
	w.platform.next = wx.Notification{ID: "n", EventType: "TRANSACTION.SUCCESS", Transaction: &tx}
	w.platform.mu.Unlock()
	defer func() {
		w.platform.mu.Lock()
		w.platform.next = wx.Notification{}
		w.platform.mu.Unlock()
	}()
	return w.notify(number)
}

// auditCodes holds at every moment: what was taken back is not fulfilled. In the end, what is
// decided here is what WeChat Pay has.
func (w *world) auditCodes(r *rapid.T, id string, end bool) {
	o := w.found(r, id)
	for _, p := range o.Payments {
		t := w.platform.trades[p.OutTradeNo]
		fulfilled := p.Status == model.PaymentPaid || p.Status == model.PaymentDuplicate
		if t != nil && t.reversed && fulfilled {
			r.Fatalf("%s was taken back, and is %s", p.OutTradeNo, p.Status)
		}
		if end && p.Method == model.MethodCode && p.Status != model.PaymentClosed && p.Status != model.PaymentFailed && !fulfilled {
			r.Fatalf("%s is still %s", p.OutTradeNo, p.Status)
		}
	}
	for code, number := range w.platform.codes.used {
		if t := w.platform.trades[number]; end && t.state == wx.TradeSuccess && o.Status != model.OrderPaid && o.Status != model.OrderRefunded {
			r.Fatalf("code %s was charged, and the order is %s", code, o.Status)
		}
	}
}
