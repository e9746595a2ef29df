package paytest

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/model/storetest"
	"wxhub/pay"
	"wxhub/wx"
)

var mayCombined = map[model.CombinedStatus][]model.CombinedStatus{
	model.CombinedReserving: {model.CombinedAsked, model.CombinedClosed},
	model.CombinedAsked:     {model.CombinedClosed},
}

// PrepayCombined and the rest say the one thing of orders paid together: weChat.o and its sibling.
func (w weChat) PrepayCombined(context.Context, wx.CombinedPrepay) (string, error) {
	return "weixin://wxpay/x", w.refusal
}

func (w weChat) QueryCombined(context.Context, string, string) (wx.CombinedTransaction, error) {
	return w.saidTogether(), nil
}

func (w weChat) CloseCombined(context.Context, wx.CombinedTrade, []wx.Trade) error { return w.refusal }

func (w weChat) InvokeCombinedApp(string, string, string) (wx.AppInvoke, error) {
	return wx.AppInvoke{}, nil
}

func (w weChat) saidTogether() wx.CombinedTransaction {
	p := w.o.Payments[0]
	out := wx.CombinedTransaction{MerchantID: w.o.MerchantID, OutTradeNo: p.CombineOutTradeNo, Parts: []wx.Transaction{w.said(), w.said()}}
	out.Parts[1].OutTradeNo = w.sibling + "01"
	return out
}

// transitionsTogether is transitions for two orders that have been prepaid together, wherever
// they and their combined order are in their lives. One of every so many cases is tried.
func transitionsTogether(t *testing.T, s Store, every int) {
	n, tried := 0, 0
	defer func() { t.Logf("%d transitions tried", tried) }()
	for _, order := range []model.OrderStatus{model.OrderCreated, model.OrderPending, model.OrderPaid, model.OrderClosed} {
		for _, payment := range model.PaymentStatuses {
			for _, whole := range model.CombinedStatuses {
				for _, state := range []wx.TradeState{wx.TradeNotPay, wx.TradeSuccess, wx.TradeRefund, wx.TradeClosed} {
					for act := range actsTogether {
						for _, refusal := range []error{nil, wx.ErrTradePaid} {
							if n++; n%every != 0 || payment == model.PaymentReversing {
								continue
							}
							w := weChat{payment: state, refusal: refusal, o: somewhere(order, payment)}
							tried++
							tryTogether(t, s, w, whole, act, n)
						}
					}
				}
			}
		}
	}
}

// actsTogether are what anybody may do with one order or both.
var actsTogether = []func(context.Context, *pay.Service, model.Order, string){
	func(ctx context.Context, p *pay.Service, o model.Order, _ string) {
		_ = p.Notify(ctx, o.MerchantID, nil, nil, storetest.Epoch())
	},
	func(ctx context.Context, p *pay.Service, o model.Order, _ string) { _, _ = p.Refresh(ctx, o.ID) },
	func(ctx context.Context, p *pay.Service, o model.Order, _ string) {
		_, _ = p.Close(ctx, o.ID, pay.Caller{Backend: true})
	},
	func(ctx context.Context, p *pay.Service, o model.Order, _ string) {
		_, _ = p.Prepay(ctx, pay.PrepayRequest{OrderID: o.ID, Method: model.MethodNative, Caller: pay.Caller{Backend: true}})
	},
	func(ctx context.Context, p *pay.Service, _ model.Order, id string) {
		_, _ = p.PrepayCombined(ctx, pay.PrepayRequest{OrderID: id, Method: model.MethodNative, Caller: pay.Caller{Backend: true}})
	},
	func(ctx context.Context, p *pay.Service, _ model.Order, id string) {
		_, _ = p.CloseCombined(ctx, id, pay.Caller{Backend: true})
	},
	func(ctx context.Context, p *pay.Service, _ model.Order, _ string) { _, _ = p.Sweep(ctx) },
}

func tryTogether(t *testing.T, s Store, w weChat, whole model.CombinedStatus, act, n int) {
	t.Helper()
	ctx := context.Background()
	c := model.CombinedOrder{ID: fmt.Sprintf("01JW%022d", 3*n), MerchantID: w.o.MerchantID}
	number := c.ID + "C01"
	w.o.ID, w.sibling = fmt.Sprintf("01JW%022d", 3*n+1), fmt.Sprintf("01JW%022d", 3*n+2)
	w.o.Payments[0].CombineOutTradeNo = number
	c.Orders = []string{w.o.ID, w.sibling}
	c.Payments = []model.CombinedPayment{{
		OutTradeNo: number, Method: model.MethodNative, AppID: "wxapp", NotifyURL: w.o.Payments[0].NotifyURL, Status: whole, PrepayID: "weixin://wxpay/x",
	}}
	if created, err := s.AddCombinedOrder(ctx, c); err != nil || !created {
		t.Fatal(created, err)
	}
	for _, id := range c.Orders {
		o := w.o
		o.ID, o.Payments = id, []model.Payment{w.o.Payments[0]}
		o.Payments[0].OutTradeNo = id + "01"
		insert(t, s, o)
	}
	w.o.Payments[0].OutTradeNo = w.o.ID + "01"
	before := []model.Order{get(t, s, w.o.ID), get(t, s, w.sibling)}
	now := func() time.Time { return storetest.Epoch().Add(20 * time.Minute) }
	actsTogether[act](ctx, pay.New(pay.Options{
		Orders: s, Idempotency: s, Combined: s, WeChat: w, Together: w, SweepEvery: time.Second, PublicURL: "https://shop.example",
		Merchants: []pay.Merchant{{ID: w.o.MerchantID}}, Apps: []pay.App{{ID: "wxapp", Kind: model.MiniProgram}},
		Now: now, IDs: model.IDs{Now: now, Entropy: rand.Reader}, Log: slog.New(slog.DiscardHandler),
	}), w.o, c.ID)
	what := fmt.Sprintf("act %d while WeChat Pay says %s (%v) and the whole is %s", act, w.payment, w.refusal, whole)
	for _, o := range before {
		after := get(t, s, o.ID)
		wantLawful(t, what, o, after)
		after.CheckAt = time.Time{} // let it rest, or the next sweep finds it
		if err := s.ReplaceOrder(ctx, after); err != nil {
			t.Fatal(err)
		}
	}
	after, err := s.CombinedOrder(ctx, c.ID)
	if err != nil {
		t.Fatal(err)
	}
	wantMove(t, what, whole, after.Payments[0].Status, mayCombined)
}
