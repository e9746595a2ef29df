package pay

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/wx"
)

// What each verified state does to a payment by code in each status, written out by hand. The
// letters are the status that it has afterwards: P pending, $ paid, C closed, R reversing; '.'
// is no change. Neither row that follows a decision to take back has a '$'.
func TestEveryStateOnEveryPaymentByCode(t *testing.T) {
	states := []wx.TradeState{wx.TradeNotPay, wx.TradeUserPaying, wx.TradeSuccess, wx.TradeRefund, wx.TradeClosed, wx.TradeRevoked, wx.TradePayError, "NEW"}
	matrix := map[model.PaymentStatus]string{
		//                       NOTPAY USERPAYING SUCCESS REFUND CLOSED REVOKED PAYERROR other
		model.PaymentCreated:   "PP$$CC..",
		model.PaymentPending:   "..$$CC..",
		model.PaymentPaid:      "........",
		model.PaymentDuplicate: "........",
		model.PaymentLate:      "........",
		model.PaymentClosed:    "..R.....",
		model.PaymentFailed:    "..$$....",
		model.PaymentReversing: "...CCC..",
	}
	letters := map[byte]model.PaymentStatus{'P': model.PaymentPending, '$': model.PaymentPaid, 'C': model.PaymentClosed, 'R': model.PaymentReversing}
	s := New(Options{Now: time.Now, IDs: model.IDs{Now: time.Now, Entropy: rand.Reader}, Log: slog.New(slog.DiscardHandler)})
	if len(matrix) != len(model.PaymentStatuses) {
		t.Fatal("a status is missing from the table")
	}
	for status, row := range matrix {
		for i, state := range states {
			p := model.Payment{OutTradeNo: "n", Method: model.MethodCode, Status: status, CreatedAt: s.now()}
			o := model.Order{ID: "o", Status: model.OrderPending, Amount: 5, Payments: []model.Payment{p}}
			if status == model.PaymentPaid || status == model.PaymentDuplicate {
				o.Status = model.OrderPaid
			}
			told := func() {}
			err := s.settleCode(context.Background(), &o, &o.Payments[0], wx.Transaction{State: state, TransactionID: "t"}, &told)
			want, changes := letters[row[i]]
			if !changes {
				want = status
			}
			if got := o.Payments[0].Status; got != want || changes != (err == nil) || err != nil && !errors.Is(err, errNothingToDo) {
				t.Errorf("%s, %s: got %s, %v; want %s", status, state, got, err, want)
			}
			if paid := o.Status == model.OrderPaid; paid != (want == model.PaymentPaid || want == model.PaymentDuplicate) {
				t.Errorf("%s, %s: the order is %s", status, state, o.Status)
			}
		}
	}
}

// Every moment of a payment's life has its next look, and it is never far off.
func TestWhenAPaymentByCodeIsLookedAt(t *testing.T) {
	began := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	at := func(seconds float64) time.Time { return began.Add(time.Duration(seconds * float64(time.Second))) }
	live := model.Payment{Status: model.PaymentPending, CreatedAt: began}
	for now, want := range map[float64]float64{-30: 5, 0: 5, 4.9: 5, 5: 10, 7: 10, 44.9: 45, 45: 50, 3601: 3605} {
		if got := codeCheck(live, at(now)); !got.Equal(at(want)) {
			t.Errorf("after %v s: %v", now, got.Sub(began))
		}
	}
	for _, c := range []struct{ decided, now, want float64 }{
		{1, 1, 15}, {1, 14, 15}, {45, 45, 48}, {45, 57, 60}, {45, 65, 70}, {45, 3600, 3660},
	} {
		p := model.Payment{Status: model.PaymentReversing, CreatedAt: began, ReversedAt: at(c.decided)}
		if got := codeCheck(p, at(c.now)); !got.Equal(at(c.want)) {
			t.Errorf("decided after %v s, after %v s: %v", c.decided, c.now, got.Sub(began))
		}
	}
}
