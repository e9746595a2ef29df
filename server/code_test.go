package server_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/pay"
	"wxhub/wx"
)

// PayCode charges a code at once, but for one that begins with 15: its payer is asked for a
// password.
func (w *wechat) PayCode(_ context.Context, r wx.CodePayment) (wx.Transaction, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.enter("pay_code"); err != nil {
		return wx.Transaction{}, err
	}
	t := &trade{asked: wx.Prepay{Trade: r.Trade, AppID: r.AppID, Amount: r.Amount, Currency: r.Currency}, state: wx.TradeSuccess, paid: model.Instant(time.Now())}
	if strings.HasPrefix(r.AuthCode.Reveal(), "15") {
		t.state = wx.TradeUserPaying
	}
	w.trades[r.OutTradeNo] = t
	return t.transaction(r.OutTradeNo), nil
}

func (w *wechat) QueryCode(ctx context.Context, t wx.CodeTrade) (wx.Transaction, error) {
	return w.Query(ctx, t.Trade)
}

func (w *wechat) ReverseCode(context.Context, wx.CodeTrade) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.enter("reverse")
}

const (
	goodCode     = "134567890123456789"
	passwordCode = "154567890123456789"
)

func codeBody(code string) string {
	return fmt.Sprintf(`{"method":"code","app_id":%q,"auth_code":%q,"store_id":"S7","device_id":"till-2","client_ip":"203.0.113.9"}`, miniApp, code)
}

type byCode struct {
	Order   pay.OrderView
	Payment pay.PaymentView
	Invoke  *struct{}
}

// A code is charged: the order is the answer, there is nothing to invoke.
func TestPayByCode(t *testing.T) {
	w := newWorld(t)
	o := w.create(t, orderBody)
	path := "/v1/orders/" + o.ID + "/prepay"
	first := w.post(t, path, ordersKey, codeBody(goodCode), "Idempotency-Key: a")
	got := decode[byCode](t, first, 200)
	if got.Order.Status != "paid" || got.Payment.Method != "code" || got.Payment.Status != "paid" || got.Payment.TransactionID == "" || strings.Contains(string(first.Body), "invoke") {
		t.Errorf("got %s", first.Body)
	}
	if again := w.post(t, path, ordersKey, codeBody(goodCode)); string(again.Body) != string(first.Body) || w.wechat.count("pay_code") != 1 {
		t.Errorf("the same code again: %s", again.Body)
	}
	wantProblem(t, w.post(t, path, ordersKey, codeBody("114567890123456789")), 409, "order_paid")
}

func TestPayByCodeWithAPassword(t *testing.T) {
	w := newWorld(t)
	o := w.create(t, orderBody)
	path := "/v1/orders/" + o.ID + "/prepay"
	got := decode[byCode](t, w.post(t, path, ordersKey, codeBody(passwordCode)), 200)
	if got.Order.Status != "pending" || got.Payment.Status != "pending" || got.Invoke != nil {
		t.Errorf("got %+v", got)
	}
	wantProblem(t, w.post(t, path, ordersKey, codeBody(goodCode)), 409, "payment_in_progress")
	wantProblem(t, w.post(t, path, w.login(t, "alice").Token, `{"method":"mini_program"}`), 409, "payment_in_progress")
	wantProblem(t, w.post(t, "/v1/orders/"+o.ID+"/close", ordersKey, ""), 409, "payment_in_progress")
	now := decode[pay.OrderView](t, w.get(t, "/v1/orders/"+o.ID, ordersKey), 200)
	if len(now.Payments) != 1 || now.Payments[0].Status != "reversing" {
		t.Errorf("got %+v", now)
	}
	steps := decode[pay.TimelineView](t, w.get(t, "/v1/orders/"+o.ID+"/timeline", ordersKey), 200).Steps
	if last := steps[len(steps)-1]; last.What != "reversal_decided" {
		t.Errorf("got %+v", steps)
	}
}

// What WeChat Pay says against a code reaches the caller; the code reaches nobody.
func TestRefusedCodes(t *testing.T) {
	for _, c := range []struct {
		refusal *model.Error
		status  int
	}{{wx.ErrAuthCode, 422}, {wx.ErrPayerCannot, 409}, {wx.ErrRejected, 502}, {wx.ErrRateLimited, 429}} {
		w := newWorld(t)
		o := w.create(t, orderBody)
		w.wechat.next("pay_code", wx.Refused(c.refusal, model.Upstream{Service: "wechat_pay", Code: "AUTHCODEEXPIRE", Message: "101 付款码已过期，请刷新再试"}))
		a := w.post(t, "/v1/orders/"+o.ID+"/prepay", ordersKey, codeBody(goodCode))
		if wantProblem(t, a, c.status, c.refusal.Code); !strings.Contains(string(a.Body), "请刷新再试") {
			t.Errorf("WeChat Pay's words are lost: %s", a.Body)
		}
	}
}

func TestTheCodeIsInNoLogAndNoAnswer(t *testing.T) {
	w := newWorld(t)
	var answers []answer
	for _, code := range []string{goodCode, passwordCode} {
		for _, failure := range []error{nil, wx.ErrTimeout, wx.ErrAuthCode, wx.ErrForged, model.ErrUnavailable} {
			if failure != nil {
				w.wechat.next("pay_code", failure)
			}
			o := w.create(t, orderBody)
			answers = append(answers, w.post(t, "/v1/orders/"+o.ID+"/prepay", ordersKey, codeBody(code)), w.get(t, "/v1/orders/"+o.ID+"/timeline", ordersKey))
		}
	}
	answers = append(answers, w.post(t, "/v1/orders/x/prepay", ordersKey, codeBody(goodCode)), w.post(t, "/v1/orders/x/prepay", ordersKey, codeBody(goodCode+"0")))
	for _, a := range answers {
		if strings.Contains(string(a.Body), goodCode) || strings.Contains(string(a.Body), passwordCode) || a.Status == http.StatusInternalServerError {
			t.Errorf("%d: %s", a.Status, a.Body)
		}
	}
	if text := w.log.String(); strings.Contains(text, goodCode) || strings.Contains(text, passwordCode) {
		t.Error("a payer's code is in the log")
	}
}
