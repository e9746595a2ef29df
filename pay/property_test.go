package pay_test

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wxhub/model"
	"wxhub/model/sqlitestore"
	"wxhub/pay"
	"wxhub/wx"
)

// Random lives of one order: prepays through two apps, payments of any attempt,
// closes, lost answers, refusals, notifications or none, time passing, sweeps. After
// each the books must agree with WeChat's: every fen that WeChat took is on exactly
// one attempt, exactly one attempt settles the order, and one order.paid tells of it.
func TestMoneyIsNeitherLostNorDoubled(t *testing.T) {
	store, err := sqlitestore.Open(context.Background(), filepath.Join(t.TempDir(), "pay.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	rapid.Check(t, func(r *rapid.T) {
		w := newWorldOn(store)
		ctx := context.Background()
		o, err := w.Create(ctx, pay.CreateRequest{MerchantID: merchantID, Amount: 990, Description: "tea"}, pay.IdempotencyKey{})
		if err != nil {
			r.Fatal(err)
		}
		for range rapid.IntRange(1, 25).Draw(r, "steps") {
			w.step(ctx, r, o.ID)
		}
		w.settleDown(ctx, r, o.ID)
		w.audit(r, o.ID)
	})
}

// step does one random thing. Its error is not looked at: whatever a caller is
// told, the books are what counts.
func (w *world) step(ctx context.Context, r *rapid.T, id string) {
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
	switch rapid.SampledFrom([]string{"prepay", "prepay", "pay", "pay", "notify", "close", "refresh", "sweep", "refund", "refund ends", "lose", "refuse", "wait"}).Draw(r, "step") {
	case "prepay":
		_, _ = w.Prepay(ctx, by(id, alice, rapid.SampledFrom([]string{appOne, appTwo}).Draw(r, "app")))
	case "pay":
		w.platform.pays(number())
	case "notify":
		if n := number(); w.platform.trades[n] != nil && !w.platform.trades[n].paid.IsZero() {
			_ = w.notify(n)
		}
	case "close":
		_, _ = w.Close(ctx, id, pay.Caller{Backend: true})
	case "refresh":
		_, _ = w.Refresh(ctx, id)
	case "sweep":
		_, _ = w.Sweep(ctx)
	case "refund":
		_, _ = w.refund(id, model.Fen(rapid.IntRange(1, 990).Draw(r, "fen")))
	case "refund ends":
		o, err := w.Order(ctx, id)
		if err != nil {
			r.Fatal(err)
		}
		for _, x := range o.Refunds {
			if w.platform.refunds[x.ID] != nil && w.platform.refunds[x.ID].state == wx.RefundProcessing {
				w.platform.ends(x.ID, rapid.SampledFrom([]wx.RefundStatus{wx.RefundSuccess, wx.RefundClosed, wx.RefundAbnormal}).Draw(r, "end"))
			}
		}
	case "lose":
		w.platform.lost = true
	case "refuse":
		call := rapid.SampledFrom([]string{"prepay", "query", "close", "refund", "query_refund"}).Draw(r, "call")
		w.platform.fail[call] = rapid.SampledFrom([]error{wx.ErrTimeout, wx.ErrBusy, wx.ErrForged, wx.ErrRejected, wx.ErrRateLimited}).Draw(r, "refusal")
	case "wait":
		w.pass(time.Duration(rapid.IntRange(1, 7200).Draw(r, "seconds")) * time.Second)
	}
}

// settleDown lets the faults end and the sweeps do their work.
func (w *world) settleDown(ctx context.Context, r *rapid.T, ids ...string) {
	w.platform.lost, w.platform.fail = false, map[string]error{}
	for n := range 40 {
		w.pass(time.Hour)
		if n == 20 { // WeChat Pay makes up its mind about what is under way
			for id, x := range w.platform.refunds {
				if x.state == wx.RefundProcessing {
					w.platform.ends(id, wx.RefundSuccess)
				}
			}
		}
		if _, err := w.ChaseCodes(ctx); err != nil {
			r.Fatal(err)
		}
		if _, err := w.Sweep(ctx); err != nil {
			r.Fatal(err)
		}
	}
	for _, id := range ids {
		o, err := w.Order(ctx, id)
		if err != nil || o.Status == model.OrderCreated || o.Status == model.OrderPending || !o.CheckAt.IsZero() {
			r.Fatalf("the order never came to rest: %+v, %v", o, err)
		}
	}
}

func (w *world) audit(r *rapid.T, id string) {
	o, err := w.Order(context.Background(), id)
	if err != nil {
		r.Fatal(err)
	}
	taken, settled := 0, 0
	for n, t := range w.platform.trades {
		if !strings.HasPrefix(n, id) {
			continue // another order's
		}
		if t.kept() {
			taken++
		}
		if t.state == wx.TradeNotPay || t.state == wx.TradeUserPaying {
			r.Fatalf("%s can still be paid", n)
		}
	}
	for _, p := range o.Payments {
		received := p.Status == model.PaymentPaid || p.Status == model.PaymentDuplicate
		if t := w.platform.trades[p.OutTradeNo]; received != (t != nil && t.kept()) {
			r.Fatalf("%s is %s here and otherwise at WeChat", p.OutTradeNo, p.Status)
		}
		if p.Status == model.PaymentPaid {
			settled++
		}
	}
	w.auditRefunds(r, o, taken)
	paid := o.Status == model.OrderPaid || o.Status == model.OrderPartiallyRefunded || o.Status == model.OrderRefunded
	if paid != (taken > 0) || settled != min(taken, 1) || events(o, model.EventOrderPaid) != min(taken, 1) {
		r.Fatalf("WeChat took %d payments; the order is %s with %d settling and %d events", taken, o.Status, settled, events(o, model.EventOrderPaid))
	}
}

// auditRefunds: what was given back is the same in both books, every payment but the one
// that settles the order was given back whole or is in an operator's hands, and no payment
// was given back more than once.
func (w *world) auditRefunds(r *rapid.T, o model.Order, taken int) {
	given := map[string]model.Fen{}
	for id, x := range w.platform.refunds {
		if x.state == wx.RefundSuccess {
			given[x.asked.OutTradeNo] += x.asked.Amount
		}
		if strings.HasPrefix(id, o.ID) && !slices.ContainsFunc(o.Refunds, func(ours model.Refund) bool { return ours.ID == id }) {
			r.Fatalf("WeChat has refund %s, which is not in our books", id)
		}
	}
	back := map[string]model.Fen{}
	for _, x := range o.Refunds {
		if theirs := w.platform.refunds[x.ID]; theirs != nil && refundStates[theirs.state] != x.Status || theirs == nil && x.Status != model.RefundFailed {
			r.Fatalf("refund %s is %s here, at WeChat %+v", x.ID, x.Status, theirs)
		}
		if x.Status == model.RefundSucceeded {
			back[x.OutTradeNo] += x.Amount
		}
	}
	for _, p := range o.Payments {
		if back[p.OutTradeNo] != given[p.OutTradeNo] || back[p.OutTradeNo] > o.Amount {
			r.Fatalf("%s: %d fen given back here, %d at WeChat, of %d", p.OutTradeNo, back[p.OutTradeNo], given[p.OutTradeNo], o.Amount)
		}
		if p.Status == model.PaymentPaid && back[p.OutTradeNo] != o.AmountRefunded {
			r.Fatalf("the order says that %d fen were given back; it was %d", o.AmountRefunded, back[p.OutTradeNo])
		}
		automatic := slices.ContainsFunc(o.Refunds, func(x model.Refund) bool { return x.Automatic && x.OutTradeNo == p.OutTradeNo })
		if (p.Status == model.PaymentDuplicate) != automatic {
			r.Fatalf("%s is %s; given back by itself: %v", p.OutTradeNo, p.Status, automatic)
		}
	}
}

var refundStates = map[wx.RefundStatus]model.RefundStatus{
	wx.RefundSuccess: model.RefundSucceeded, wx.RefundClosed: model.RefundClosed, wx.RefundAbnormal: model.RefundAbnormal,
}
