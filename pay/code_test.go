package pay_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/pay"
	"wxhub/wx"
)

const (
	codeOne = "134567890123456789"
	codeTwo = "101234567890123456"
)

func byCode(order, code string) pay.PrepayRequest {
	return pay.PrepayRequest{OrderID: order, Method: model.MethodCode, AppID: appOne, Caller: pay.Caller{Backend: true}, Code: pay.Code{AuthCode: model.Secret(code)}}
}

func (w *world) scan(t testing.TB, id, code string) pay.Prepaid {
	t.Helper()
	p, err := w.Prepay(context.Background(), byCode(id, code))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// chase lets seconds go by, with a look at the payments by code in each.
func (w *world) chase(t testing.TB, seconds int) {
	t.Helper()
	for range seconds {
		w.pass(time.Second)
		if _, err := w.ChaseCodes(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
}

// payment is the last payment of an order, as it stands.
func (w *world) payment(t testing.TB, id string) model.Payment {
	t.Helper()
	all := w.order(t, id).Payments
	return all[len(all)-1]
}

func (w *world) wantPayment(t testing.TB, id string, want model.PaymentStatus) {
	t.Helper()
	if got := w.payment(t, id); got.Status != want {
		t.Fatalf("the payment is %s, want %s; history: %+v", got.Status, want, w.order(t, id).History)
	}
}

func TestACodeIsChargedAtOnce(t *testing.T) {
	w := newWorld(t)
	o := w.create(t, func(r *pay.CreateRequest) { r.Attach = "table 4" })
	got := w.scan(t, o.ID, codeOne)
	if got.Order.Status != model.OrderPaid || got.Payment.Status != model.PaymentPaid || got.Payment.TransactionID == "" || got.Invoke != (pay.Invoke{}) {
		t.Errorf("got %+v", got)
	}
	if o := w.order(t, o.ID); events(o, model.EventOrderPaid) != 1 || o.UserID != "" || w.platform.count("query") != 0 {
		t.Errorf("got %+v", o)
	}
	if again := w.scan(t, o.ID, codeOne); again.Payment != got.Payment || w.platform.count("pay_code") != 1 {
		t.Errorf("the same code again: %+v", again)
	}
	_, err := w.Prepay(context.Background(), byCode(o.ID, codeTwo))
	wantCode(t, err, "order_paid")
	w.chase(t, 60)
	if n := w.platform.count("query") + w.platform.count("reverse"); n != 0 {
		t.Errorf("a paid order was asked about %d times", n)
	}
}

// The code itself is nowhere in the store.
func TestTheCodeIsNotStored(t *testing.T) {
	w := newWorld(t)
	o := w.create(t, nil)
	w.platform.codes.password = true
	w.scan(t, o.ID, codeOne)
	if text := fmt.Sprintf("%+v", w.order(t, o.ID)); strings.Contains(text, codeOne) {
		t.Error(text)
	}
	for _, suffix := range []string{"", "-wal"} {
		raw, err := os.ReadFile(w.file + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(raw), codeOne) {
			t.Errorf("the payer's code is in pay.db%s", suffix)
		}
	}
}

// The payer enters a password: the payment is asked about after 5 seconds and every 5 from
// then on, however rarely orders are swept.
func TestAPasswordIsWaitedFor(t *testing.T) {
	w := newWorld(t)
	w.SweepEvery = time.Hour
	o := w.create(t, nil)
	w.platform.codes.password = true
	got := w.scan(t, o.ID, codeOne)
	if got.Order.Status != model.OrderPending || got.Payment.Status != model.PaymentPending {
		t.Errorf("got %+v", got)
	}
	w.chase(t, 4)
	if n := w.platform.count("query"); n != 0 {
		t.Errorf("asked %d times in 4 seconds", n)
	}
	w.chase(t, 16)
	if n := w.platform.count("query"); n < 3 || n > 4 {
		t.Errorf("asked %d times in 20 seconds", n)
	}
	w.platform.pays(got.Payment.OutTradeNo)
	w.chase(t, 6)
	if o := w.order(t, o.ID); o.Status != model.OrderPaid || events(o, model.EventOrderPaid) != 1 || w.platform.count("reverse") != 0 {
		t.Errorf("got %+v", o)
	}
}

// Nobody enters it: within a minute the payment is taken back, and another code can be tried.
func TestAPaymentThatNobodyFinishesIsTakenBack(t *testing.T) {
	w := newWorld(t)
	o := w.create(t, nil)
	w.platform.codes.password = true
	w.scan(t, o.ID, codeOne)
	w.chase(t, 44)
	if w.platform.count("reverse") != 0 {
		t.Error("it was taken back before 45 seconds had gone by")
	}
	w.chase(t, 4)
	w.wantPayment(t, o.ID, model.PaymentClosed)
	if o := w.order(t, o.ID); o.Status != model.OrderPending || events(o, model.EventOrderClosed) != 0 {
		t.Errorf("got %+v", o)
	}
	_, err := w.Prepay(context.Background(), byCode(o.ID, codeOne))
	wantCode(t, err, "auth_code_invalid")
	w.platform.codes.password = false
	if got := w.scan(t, o.ID, codeTwo); got.Order.Status != model.OrderPaid || len(got.Order.Payments) != 2 {
		t.Errorf("got %+v", got)
	}
}

// What came of the call is not known: it is asked about, never made again.
func TestALostAnswerIsAskedAbout(t *testing.T) {
	for _, arrived := range []bool{true, false} {
		w := newWorld(t)
		o := w.create(t, nil)
		if w.platform.lost = arrived; !arrived {
			w.platform.fail["pay_code"] = wx.ErrTimeout
		}
		got := w.scan(t, o.ID, codeOne)
		if got.Payment.Status != model.PaymentCreated {
			t.Errorf("got %+v", got)
		}
		if w.scan(t, o.ID, codeOne); w.platform.count("pay_code") != 1 {
			t.Error("the code was sent twice")
		}
		if arrived {
			w.chase(t, 6)
			w.wantPayment(t, o.ID, model.PaymentPaid)
			continue
		}
		w.chase(t, 14)
		if w.wantPayment(t, o.ID, model.PaymentCreated); w.platform.count("reverse") != 0 {
			t.Error("taken back before 15 seconds had gone by")
		}
		w.chase(t, 3)
		w.wantPayment(t, o.ID, model.PaymentClosed)
	}
}

// Repeating the request asks, too, once it is time to.
func TestTheSameCodeAgainAsksHowThePaymentStands(t *testing.T) {
	w := newWorld(t)
	o := w.create(t, nil)
	w.platform.codes.password = true
	first := w.scan(t, o.ID, codeOne)
	w.platform.pays(first.Payment.OutTradeNo)
	w.pass(6 * time.Second)
	if got := w.scan(t, o.ID, codeOne); got.Order.Status != model.OrderPaid || got.Payment.OutTradeNo != first.Payment.OutTradeNo {
		t.Errorf("got %+v", got)
	}
}

func TestRefusalsReachTheCaller(t *testing.T) {
	for _, refusal := range []*model.Error{wx.ErrAuthCode, wx.ErrPayerCannot, wx.ErrRejected, wx.ErrTradeDiffers, wx.ErrTradeClosed, wx.ErrRateLimited} {
		w := newWorld(t)
		o := w.create(t, nil)
		w.platform.fail["pay_code"] = wx.Refused(refusal, model.Upstream{Service: "wechat_pay", Code: "WHY", Message: "因为"})
		_, err := w.Prepay(context.Background(), byCode(o.ID, codeOne))
		wantCode(t, err, refusal.Code)
		if u := model.AsError(err).Upstream; u == nil || u.Message != "因为" {
			t.Errorf("%s: WeChat's words are lost: %+v", refusal.Code, u)
		}
		w.wantPayment(t, o.ID, model.PaymentFailed)
		if w.platform.count("query") != 1 {
			t.Errorf("%s: believed without asking", refusal.Code)
		}
		if refusal == wx.ErrRateLimited { // nothing was carried out, so the code is as good as before
			w.scan(t, o.ID, codeOne)
		} else {
			w.scan(t, o.ID, codeTwo) // at once, with another code
		}
		if got := w.order(t, o.ID); got.Status != model.OrderPaid || len(got.Payments) != 2 {
			t.Errorf("%s: got %+v", refusal.Code, got)
		}
	}
}

// A refusal is not always signed. What a verified answer says has the last word.
func TestARefusalIsOverruledByWhatWeChatPaySays(t *testing.T) {
	for state, want := range map[wx.TradeState]model.PaymentStatus{
		wx.TradeSuccess: model.PaymentPaid, wx.TradeUserPaying: model.PaymentPending,
	} {
		w := newWorld(t)
		o := w.create(t, nil)
		w.CodePay = refusing{w.platform, wx.ErrRejected}
		w.platform.codes.password = state == wx.TradeUserPaying
		if got := w.scan(t, o.ID, codeOne); got.Payment.Status != want {
			t.Errorf("got %+v", got)
		}
	}
	w := newWorld(t)
	o := w.create(t, nil)
	w.CodePay = refusing{w.platform, wx.ErrRejected}
	w.platform.fail["query"] = wx.ErrTimeout
	_, err := w.Prepay(context.Background(), byCode(o.ID, codeOne))
	wantCode(t, err, "wechat_unavailable")
	w.wantPayment(t, o.ID, model.PaymentCreated)
	w.chase(t, 6)
	w.wantPayment(t, o.ID, model.PaymentPaid)
}

// refusing does what it is asked and says that it did not.
type refusing struct {
	*platform
	err error
}

func (r refusing) PayCode(ctx context.Context, p wx.CodePayment) (wx.Transaction, error) {
	return wx.Transaction{}, errors.Join(r.err, discard(r.platform.PayCode(ctx, p)))
}

func discard(wx.Transaction, error) error { return nil }

func TestOneCodeSentManyTimesIsOnePayment(t *testing.T) {
	for range 10 {
		w := newWorld(t)
		o := w.create(t, nil)
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				if _, err := w.Prepay(context.Background(), byCode(o.ID, codeOne)); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := w.platform.count("pay_code"); n != 1 || len(w.order(t, o.ID).Payments) != 1 {
			t.Fatalf("%d calls, %+v", n, w.order(t, o.ID).Payments)
		}
	}
}

// Two devices scan two payers for one order at the same time.
func TestTwoCodesAtOnceAreOnePayment(t *testing.T) {
	for range 20 {
		w := newWorld(t)
		o := w.create(t, nil)
		var wg sync.WaitGroup
		for i := range 4 {
			wg.Go(func() {
				_, err := w.Prepay(context.Background(), byCode(o.ID, []string{codeOne, codeTwo}[i%2]))
				if err != nil && model.AsError(err).Kind != model.KindConflict {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if len(w.platform.codes.used) != 1 {
			t.Fatalf("%d payers were charged", len(w.platform.codes.used))
		}
	}
}

// While a payer enters a password, nobody else pays the order, by whatever method.
func TestAPaymentInProgressIsNotDisturbed(t *testing.T) {
	w := newWorld(t)
	o := w.create(t, nil)
	w.platform.codes.password = true
	first := w.scan(t, o.ID, codeOne)
	for name, r := range map[string]pay.PrepayRequest{"code": byCode(o.ID, codeTwo), "mini-program": by(o.ID, alice, appOne)} {
		_, err := w.Prepay(context.Background(), r)
		if wantCode(t, err, "payment_in_progress"); len(w.order(t, o.ID).Payments) != 1 {
			t.Errorf("%s: a second payment was opened", name)
		}
	}
	w.platform.pays(first.Payment.OutTradeNo)
	_, err := w.Prepay(context.Background(), by(o.ID, alice, appOne))
	wantCode(t, err, "order_paid")
	if o := w.order(t, o.ID); o.Status != model.OrderPaid {
		t.Errorf("got %+v", o)
	}
}

// A code is scanned while a prepay is open: that one is closed first.
func TestAnOpenPrepayIsClosedBeforeACodeIsCharged(t *testing.T) {
	w := newWorld(t)
	o := w.create(t, nil)
	open := w.prepay(t, o.ID, alice, appOne)
	if got := w.scan(t, o.ID, codeOne); got.Order.Status != model.OrderPaid || got.Order.UserID != alice {
		t.Errorf("got %+v", got)
	}
	if w.platform.pays(open.Payment.OutTradeNo) {
		t.Error("the prepay can still be paid")
	}
}

func TestWhoMayChargeACodeAndWhich(t *testing.T) {
	w := newWorld(t)
	o := w.create(t, nil)
	r := byCode(o.ID, codeOne)
	r.Caller = pay.Caller{UserID: alice, AppID: appOne}
	_, err := w.Prepay(context.Background(), r)
	wantCode(t, err, "api_key_required")
	for _, bad := range []string{"", "1", codeOne[:17], codeOne + "0", "16" + codeOne[2:], "28" + codeOne[2:], codeOne[:17] + "x", codeOne + "\n", "１34567890123456789"} {
		if _, err := w.Prepay(context.Background(), byCode(o.ID, bad)); model.CodeOf(err) != "invalid_input" || strings.Contains(err.Error(), "34567890") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if len(w.order(t, o.ID).Payments) != 0 || len(w.platform.calls) != 0 {
		t.Error("something was done all the same")
	}
	w.CodePay = nil
	w.Service = pay.New(w.Options)
	_, err = w.Prepay(context.Background(), byCode(o.ID, codeOne))
	wantCode(t, err, "method_not_available")
}
