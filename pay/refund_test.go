package pay_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/pay"
	"wxhub/wx"
)

// paidOrder is an order of 990 fen that alice has paid.
func (w *world) paidOrder(t testing.TB) model.Order {
	t.Helper()
	o := w.create(t, nil)
	p := w.prepay(t, o.ID, alice, appOne)
	if !w.platform.pays(p.Payment.OutTradeNo) {
		t.Fatal("WeChat does not take the money")
	}
	if err := w.notify(p.Payment.OutTradeNo); err != nil {
		t.Fatal(err)
	}
	return w.order(t, o.ID)
}

func (w *world) refund(id string, amount model.Fen) (model.Refund, error) {
	_, r, err := w.Refund(context.Background(), id, pay.RefundRequest{Amount: amount}, pay.IdempotencyKey{})
	return r, err
}

// told has the platform notify about a refund.
func (w *world) told(t testing.TB, s wx.RefundState) error {
	t.Helper()
	w.platform.mu.Lock()
	w.platform.next = wx.Notification{EventType: "REFUND." + string(s.Status), Refund: &s}
	w.platform.mu.Unlock()
	err := w.notify("refund")
	w.platform.mu.Lock()
	w.platform.next = wx.Notification{}
	w.platform.mu.Unlock()
	return err
}

func TestARefundSucceedsOnce(t *testing.T) {
	w := newWorld(t)
	o := w.paidOrder(t)
	r, err := w.refund(o.ID, 300)
	if err != nil || r.Status != model.RefundProcessing || r.RefundID == "" {
		t.Fatalf("got %+v, %v", r, err)
	}
	done := w.platform.ends(r.ID, wx.RefundSuccess)
	for range 3 {
		if err := w.told(t, done); err != nil {
			t.Fatal(err)
		}
	}
	got := w.order(t, o.ID)
	if got.Status != model.OrderPartiallyRefunded || got.AmountRefunded != 300 || events(got, model.EventRefundSucceeded) != 1 || got.Refunds[0].SucceededAt.IsZero() {
		t.Errorf("got %+v", got)
	}
	rest, err := w.refund(o.ID, 690)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.told(t, w.platform.ends(rest.ID, wx.RefundSuccess)); err != nil {
		t.Fatal(err)
	}
	if got := w.order(t, o.ID); got.Status != model.OrderRefunded || got.AmountRefunded != 990 || events(got, model.EventRefundSucceeded) != 2 {
		t.Errorf("got %+v", got)
	}
}

func TestRefundsThatAreRefused(t *testing.T) {
	w := newWorld(t)
	unpaid, paid := w.create(t, nil), w.paidOrder(t)
	for name, c := range map[string]struct {
		id     string
		amount model.Fen
		reason string
		code   string
	}{
		"nothing":            {paid.ID, 0, "", "invalid_input"},
		"less than nothing":  {paid.ID, -1, "", "invalid_input"},
		"more than there is": {paid.ID, 991, "", "refund_exceeds_payment"},
		"not paid":           {unpaid.ID, 1, "", "order_not_paid"},
		"no such order":      {"01ARZ3NDEKTSV4RRFFQ69G5FAV", 1, "", "order_not_found"},
		"a long reason":      {paid.ID, 1, fmt.Sprintf("%081d", 0), "invalid_input"},
	} {
		_, _, err := w.Refund(context.Background(), c.id, pay.RefundRequest{Amount: c.amount, Reason: c.reason}, pay.IdempotencyKey{})
		if model.CodeOf(err) != c.code {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if w.platform.count("refund") != 0 || len(w.order(t, paid.ID).Refunds) != 0 {
		t.Error("something was asked for, or stored")
	}
}

// Twenty at once from two processes: together they give back what was paid and no more.
func TestManyPartialRefundsNeverExceedThePayment(t *testing.T) {
	w := newWorld(t)
	o := w.paidOrder(t)
	other := newWorldOn(w.store) // another process
	other.Service.WeChat = w.platform
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			from := w.Service
			if i%2 == 1 {
				from = other.Service
			}
			_, _, err := from.Refund(context.Background(), o.ID, pay.RefundRequest{Amount: 99}, pay.IdempotencyKey{})
			if err != nil && model.CodeOf(err) != "refund_exceeds_payment" {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := w.order(t, o.ID); len(got.Refunds) != 10 || w.platform.total(o.ID) != 990 {
		t.Errorf("%d refunds, %d fen", len(got.Refunds), w.platform.total(o.ID))
	}
}

// The answer of WeChat Pay is lost. The refund goes on under its number, and is one.
func TestARefundWhoseAnswerIsLostIsOneRefund(t *testing.T) {
	for _, failure := range []error{wx.ErrTimeout, wx.ErrBusy, wx.ErrForged} {
		w := newWorld(t)
		o := w.paidOrder(t)
		if errors.Is(failure, wx.ErrTimeout) {
			w.platform.lost = true // it took effect
		} else {
			w.platform.fail["refund"] = failure // it did not
		}
		r, err := w.refund(o.ID, 500)
		if err != nil || r.Status != model.RefundCreated {
			t.Fatalf("%v: got %+v, %v", failure, r, err)
		}
		w.pass(time.Minute)
		for range 3 {
			if _, err := w.Sweep(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
		got := w.order(t, o.ID)
		if len(got.Refunds) != 1 || got.Refunds[0].Status != model.RefundProcessing || w.platform.total(o.ID) != 500 {
			t.Errorf("%v: got %+v, %d fen", failure, got.Refunds, w.platform.total(o.ID))
		}
		w.platform.ends(r.ID, wx.RefundSuccess) // and the notification is lost too
		w.pass(2 * time.Hour)
		if _, err := w.Sweep(context.Background()); err != nil {
			t.Fatal(err)
		}
		if got := w.order(t, o.ID); got.AmountRefunded != 500 || got.Refunds[0].Status != model.RefundSucceeded {
			t.Errorf("%v: got %+v", failure, got)
		}
	}
}

func TestARefundThatWeChatRefusesFails(t *testing.T) {
	w := newWorld(t)
	o := w.paidOrder(t)
	w.platform.fail["refund"] = wx.Refused(wx.ErrRejected, model.Upstream{Service: "wechat_pay", Code: "NO_AUTH", Message: "无权限"})
	r, err := w.refund(o.ID, 990)
	if !errors.Is(err, wx.ErrRejected) || r.Status != model.RefundFailed || r.LastError != "NO_AUTH: 无权限" {
		t.Fatalf("got %+v, %v", r, err)
	}
	if got := w.order(t, o.ID); got.Status != model.OrderPaid || events(got, model.EventRefundFailed) != 1 {
		t.Errorf("got %+v", got)
	}
	if again, err := w.refund(o.ID, 990); err != nil || again.ID == r.ID { // the failed one holds nothing
		t.Errorf("got %+v, %v", again, err)
	}
}

// The merchant's balance is empty: the refund waits for money, under its number.
func TestARefundWaitsForTheBalance(t *testing.T) {
	w := newWorld(t)
	o := w.paidOrder(t)
	w.platform.fail["refund"] = wx.Refused(wx.ErrBalance, model.Upstream{Service: "wechat_pay", Code: "NOT_ENOUGH", Message: "余额不足"})
	r, err := w.refund(o.ID, 990)
	if !errors.Is(err, wx.ErrBalance) || r.Status != model.RefundCreated || r.LastError == "" {
		t.Fatalf("got %+v, %v", r, err)
	}
	w.pass(time.Minute)
	if _, err := w.Sweep(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := w.order(t, o.ID); got.Refunds[0].Status != model.RefundProcessing || got.Refunds[0].LastError != "" {
		t.Errorf("got %+v", got.Refunds)
	}
}

func TestClosedAndAbnormalRefunds(t *testing.T) {
	for _, c := range []struct {
		says wx.RefundStatus
		is   model.RefundStatus
		free bool // whether the money may be given back in another way
	}{{wx.RefundClosed, model.RefundClosed, true}, {wx.RefundAbnormal, model.RefundAbnormal, false}} {
		w := newWorld(t)
		o := w.paidOrder(t)
		r, err := w.refund(o.ID, 990)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.told(t, w.platform.ends(r.ID, c.says)); err != nil {
			t.Fatal(err)
		}
		got := w.order(t, o.ID)
		if got.Status != model.OrderPaid || got.Refunds[0].Status != c.is || events(got, model.EventRefundFailed) != 1 || got.AmountRefunded != 0 {
			t.Errorf("%s: got %+v", c.says, got)
		}
		if _, err := w.refund(o.ID, 1); (err == nil) != c.free {
			t.Errorf("%s: another refund: %v", c.says, err)
		}
		if err := w.told(t, w.platform.ends(r.ID, wx.RefundProcessing)); err != nil { // older news
			t.Errorf("%s: %v", c.says, err)
		}
		if got := w.order(t, o.ID); got.Refunds[0].Status != c.is {
			t.Errorf("%s: went back to %s", c.says, got.Refunds[0].Status)
		}
	}
}

// Signed by WeChat Pay, and not about our refund: nothing changes.
func TestRefundStatementsMustMatch(t *testing.T) {
	w := newWorld(t)
	o := w.paidOrder(t)
	r, err := w.refund(o.ID, 300)
	if err != nil {
		t.Fatal(err)
	}
	good := w.platform.ends(r.ID, wx.RefundSuccess)
	for name, c := range map[string]struct {
		change func(*wx.RefundState)
		code   string
	}{
		"another merchant":     {func(s *wx.RefundState) { s.MerchantID = "1900000002" }, "payment_mismatch"},
		"a sub merchant":       {func(s *wx.RefundState) { s.SubMerchantID = "1900000301" }, "payment_mismatch"},
		"another payment":      {func(s *wx.RefundState) { s.OutTradeNo = s.OutTradeNo[:26] + "02" }, "payment_mismatch"},
		"one fen more":         {func(s *wx.RefundState) { s.Amount++ }, "payment_mismatch"},
		"another total":        {func(s *wx.RefundState) { s.Total++ }, "payment_mismatch"},
		"another number":       {func(s *wx.RefundState) { s.OutRefundNo = s.OutRefundNo[:27] + "002" }, "payment_unknown"},
		"not a number of ours": {func(s *wx.RefundState) { s.OutRefundNo = "20260102" }, "payment_unknown"},
		"another refund_id":    {func(s *wx.RefundState) { s.RefundID = "x" }, "payment_mismatch"},
		"a status unheard of":  {func(s *wx.RefundState) { s.Status = "MAYBE" }, "payment_unknown"},
	} {
		s := good
		c.change(&s)
		if err := w.told(t, s); model.CodeOf(err) != c.code {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if got := w.order(t, o.ID); got.AmountRefunded != 0 || got.Refunds[0].Status != model.RefundProcessing {
		t.Errorf("got %+v", got)
	}
}

func TestARepeatedRefundRequestIsOneRefund(t *testing.T) {
	w := newWorld(t)
	o := w.paidOrder(t)
	key := pay.IdempotencyKey{Scope: "key:shop", Key: "k1"}
	ask := func(amount model.Fen, key pay.IdempotencyKey) (model.Refund, error) {
		_, r, err := w.Refund(context.Background(), o.ID, pay.RefundRequest{Amount: amount}, key)
		return r, err
	}
	first, err := ask(100, key)
	if err != nil {
		t.Fatal(err)
	}
	again, err := ask(100, key)
	if err != nil || again.ID != first.ID {
		t.Errorf("got %+v, %v", again, err)
	}
	_, err = ask(101, key)
	wantCode(t, err, "idempotency_conflict")
	if other, err := ask(100, pay.IdempotencyKey{Scope: "key:other", Key: "k1"}); err != nil || other.ID == first.ID {
		t.Errorf("another backend's key: %+v, %v", other, err)
	}
	if w.platform.total(o.ID) != 200 {
		t.Errorf("%d fen were given back", w.platform.total(o.ID))
	}
}

// A second payment of an order gives itself back, once, and the order stays paid.
func TestADuplicateIsGivenBackByItself(t *testing.T) {
	w := newWorld(t)
	o := w.create(t, nil)
	first := w.prepay(t, o.ID, alice, appOne)
	w.platform.mu.Lock()
	w.platform.trades[first.Payment.OutTradeNo].state = wx.TradeNotPay
	w.platform.mu.Unlock()
	second := w.prepay(t, o.ID, alice, appTwo) // closes the first
	w.platform.mu.Lock()
	w.platform.trades[first.Payment.OutTradeNo].state = wx.TradeNotPay // the payer was faster than the close
	w.platform.mu.Unlock()
	for _, p := range []pay.Prepaid{second, first} {
		if !w.platform.pays(p.Payment.OutTradeNo) {
			t.Fatal("WeChat does not take the money")
		}
		for range 2 {
			if err := w.notify(p.Payment.OutTradeNo); err != nil {
				t.Fatal(err)
			}
		}
	}
	for range 3 {
		w.pass(time.Minute)
		if _, err := w.Sweep(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	got := w.order(t, o.ID)
	if len(got.Refunds) != 1 || !got.Refunds[0].Automatic || got.Refunds[0].OutTradeNo != first.Payment.OutTradeNo || w.platform.total(o.ID) != 990 {
		t.Fatalf("got %+v", got.Refunds)
	}
	if err := w.told(t, w.platform.ends(got.Refunds[0].ID, wx.RefundSuccess)); err != nil {
		t.Fatal(err)
	}
	if got := w.order(t, o.ID); got.Status != model.OrderPaid || got.AmountRefunded != 0 || events(got, model.EventRefundSucceeded) != 1 {
		t.Errorf("got %+v", got)
	}
	if _, err := w.refund(o.ID, 990); err != nil { // what settled the order can still be given back
		t.Error(err)
	}
}
