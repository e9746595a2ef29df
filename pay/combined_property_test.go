package pay_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wxhub/model"
	"wxhub/model/sqlitestore"
	"wxhub/pay"
	"wxhub/wx"
)

// Random lives of three orders that are paid alone and in three combinations: prepays through
// two apps, payments, notifications or none, closes, lost answers, refusals, refunds, time
// passing, sweeps, and the process dying before and after every write and every call. At
// every moment WeChat takes money for an order in one way at most; in the end the books
// agree order by order: every fen is on one attempt, one settles the order, what came twice
// was given back.
func TestOrdersPaidTogetherAndAloneLoseAndDoubleNothing(t *testing.T) {
	t.Parallel()
	store, err := sqlitestore.Open(context.Background(), filepath.Join(t.TempDir(), "pay.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	rapid.Check(t, func(r *rapid.T) {
		w := newWorldOn(store)
		w.Orders, w.Combined = mortal{store, w.platform}, mortalTogether{store, w.platform}
		ctx := context.Background()
		var ids, wholes []string
		for range 3 {
			o, err := w.Create(ctx, pay.CreateRequest{MerchantID: merchantID, Amount: 990, Description: "tea"}, pay.IdempotencyKey{})
			if err != nil {
				r.Fatal(err)
			}
			ids = append(ids, o.ID)
		}
		for _, of := range [][]string{{ids[0], ids[1]}, {ids[1], ids[2]}, {ids[2], ids[0], ids[1]}} {
			c, err := w.Combine(ctx, of, pay.Caller{Backend: true}, pay.IdempotencyKey{})
			if err != nil {
				r.Fatal(err)
			}
			wholes = append(wholes, c.ID)
		}
		for range rapid.IntRange(1, 25).Draw(r, "steps") {
			if rapid.IntRange(0, 3).Draw(r, "dies") == 0 {
				w.platform.codes.crash = rapid.IntRange(1, 30).Draw(r, "at point")
			}
			alone(w.stepTogether(ctx, r, ids, wholes))
			w.platform.codes.crash = 0
			w.auditWays(r, ids)
		}
		w.settleDown(ctx, r, ids...)
		for _, id := range ids {
			w.audit(r, id)
		}
	})
}

// stepTogether draws one thing to do.
func (w *world) stepTogether(ctx context.Context, r *rapid.T, ids, wholes []string) func() {
	id, whole := rapid.SampledFrom(ids).Draw(r, "order"), rapid.SampledFrom(wholes).Draw(r, "combined order")
	app := rapid.SampledFrom([]string{appOne, appTwo}).Draw(r, "app")
	payment := func() model.Payment {
		o := w.found(r, id)
		if len(o.Payments) == 0 {
			return model.Payment{OutTradeNo: "none"}
		}
		return rapid.SampledFrom(o.Payments).Draw(r, "payment")
	}
	switch rapid.SampledFrom([]string{
		"together", "together", "together", "alone", "pay", "pay", "notify", "notify", "close", "close together", "refresh", "refresh together", "sweep", "refund", "lose", "refuse", "wait",
	}).Draw(r, "step") {
	case "together":
		return func() { _, _ = w.PrepayCombined(ctx, by(whole, alice, app)) }
	case "alone":
		return func() { _, _ = w.Prepay(ctx, by(id, alice, app)) }
	case "pay":
		n := payment().OutTradeNo
		return func() { w.platform.pays(n) }
	case "notify":
		p := payment()
		if t := w.platform.trades[p.OutTradeNo]; t != nil && t.state == wx.TradeSuccess {
			if p.CombineOutTradeNo != "" {
				p.OutTradeNo = p.CombineOutTradeNo
			}
			return func() { _ = w.notify(p.OutTradeNo) }
		}
	case "close":
		return func() { _, _ = w.Close(ctx, id, pay.Caller{Backend: true}) }
	case "close together":
		return func() { _, _ = w.CloseCombined(ctx, whole, pay.Caller{Backend: true}) }
	case "refresh":
		return func() { _, _ = w.Refresh(ctx, id) }
	case "refresh together":
		return func() { _, _ = w.FindCombined(ctx, whole, pay.Caller{Backend: true}, true) }
	case "sweep":
		return func() { _, _ = w.Sweep(ctx) }
	case "refund":
		fen := model.Fen(rapid.IntRange(1, 990).Draw(r, "fen"))
		return func() { _, _ = w.refund(id, fen) }
	case "lose":
		w.platform.lost = true
	case "refuse":
		call := rapid.SampledFrom([]string{"prepay", "query", "close", "prepay_combined", "query_combined", "close_combined", "refund"}).Draw(r, "call")
		w.platform.fail[call] = rapid.SampledFrom([]error{wx.ErrTimeout, wx.ErrBusy, wx.ErrForged, wx.ErrRejected, wx.ErrRateLimited}).Draw(r, "refusal")
	case "wait":
		w.pass(time.Duration(rapid.IntRange(1, 3600).Draw(r, "seconds")) * time.Second)
	}
	return func() {}
}

// auditWays holds at every moment: WeChat takes money for an order in one way at most.
func (w *world) auditWays(r *rapid.T, ids []string) {
	for _, id := range ids {
		var ways []string
		for n, t := range w.platform.trades {
			if strings.HasPrefix(n, id) && t.state == wx.TradeNotPay {
				ways = append(ways, n)
			}
		}
		if len(ways) > 1 {
			r.Fatalf("order %s can be paid in %d ways: %q", id, len(ways), ways)
		}
	}
}
