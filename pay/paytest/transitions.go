package paytest

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/model/storetest"
	"wxhub/pay"
	"wxhub/wx"
)

// What may follow what, written out by hand and not derived from the tables of package
// pay. A status may also stay.
var (
	mayOrder = map[model.OrderStatus][]model.OrderStatus{
		model.OrderCreated:           {model.OrderPending, model.OrderPaid, model.OrderClosed},
		model.OrderPending:           {model.OrderPaid, model.OrderClosed},
		model.OrderPaid:              {model.OrderPartiallyRefunded, model.OrderRefunded},
		model.OrderPartiallyRefunded: {model.OrderRefunded},
		model.OrderClosed:            {model.OrderPaid},
	}
	mayPayment = map[model.PaymentStatus][]model.PaymentStatus{
		model.PaymentCreated: {model.PaymentPending, model.PaymentPaid, model.PaymentDuplicate, model.PaymentLate, model.PaymentClosed, model.PaymentFailed, model.PaymentReversing},
		model.PaymentPending: {model.PaymentPaid, model.PaymentDuplicate, model.PaymentLate, model.PaymentClosed, model.PaymentReversing},
		model.PaymentClosed:  {model.PaymentPaid, model.PaymentDuplicate, model.PaymentLate, model.PaymentReversing},
		model.PaymentFailed:  {model.PaymentPaid, model.PaymentDuplicate, model.PaymentLate},
		// paid only when WeChat Pay refuses to take it back
		model.PaymentReversing: {model.PaymentClosed, model.PaymentPaid, model.PaymentDuplicate, model.PaymentLate},
	}
	mayRefund = map[model.RefundStatus][]model.RefundStatus{
		model.RefundCreated:    {model.RefundProcessing, model.RefundSucceeded, model.RefundClosed, model.RefundAbnormal, model.RefundFailed},
		model.RefundProcessing: {model.RefundSucceeded, model.RefundClosed, model.RefundAbnormal},
		model.RefundAbnormal:   {model.RefundSucceeded, model.RefundClosed},
		model.RefundFailed:     {model.RefundProcessing, model.RefundSucceeded, model.RefundClosed, model.RefundAbnormal},
	}
)

// weChat says one thing about everything.
type weChat struct {
	pay.WeChatPay
	payment wx.TradeState
	refund  wx.RefundStatus
	refusal error // of every call that changes something
	o       model.Order
	sibling string // the id of an order that is paid together with o
}

func (w weChat) said() wx.Transaction {
	p := w.o.Payments[0]
	return wx.Transaction{
		Trade: wx.Trade{MerchantID: w.o.MerchantID, OutTradeNo: p.OutTradeNo}, AppID: p.AppID, State: w.payment, TransactionID: "4200",
		Amount: w.o.Amount, Currency: w.o.Currency, SuccessTime: storetest.Epoch(),
	}
}

func (w weChat) saidOfRefund() wx.RefundState {
	r := w.o.Refunds[0]
	return wx.RefundState{
		Trade: wx.Trade{MerchantID: w.o.MerchantID, OutTradeNo: r.OutTradeNo}, OutRefundNo: r.ID, RefundID: "5030", Status: w.refund,
		Amount: r.Amount, Total: w.o.Amount, SuccessTime: storetest.Epoch(),
	}
}

func (w weChat) Reopen(context.Context, string, func(string) string, []byte, time.Time) (wx.Notification, error) {
	if w.refund != "" {
		s := w.saidOfRefund()
		return wx.Notification{ID: "n", Refund: &s}, nil
	}
	if w.sibling != "" {
		t := w.saidTogether()
		return wx.Notification{ID: "n", Combined: &t}, nil
	}
	t := w.said()
	return wx.Notification{ID: "n", Transaction: &t}, nil
}

func (w weChat) Query(context.Context, wx.Trade) (wx.Transaction, error) { return w.said(), nil }

func (w weChat) QueryCode(context.Context, wx.CodeTrade) (wx.Transaction, error) {
	return w.said(), nil
}

func (w weChat) PayCode(context.Context, wx.CodePayment) (wx.Transaction, error) {
	return w.said(), w.refusal
}

func (w weChat) ReverseCode(context.Context, wx.CodeTrade) error { return w.refusal }

func (w weChat) Close(context.Context, wx.Trade) error { return w.refusal }

func (w weChat) Prepay(context.Context, wx.Prepay) (string, error) {
	return "weixin://wxpay/x", w.refusal
}

func (w weChat) Refund(context.Context, wx.RefundRequest) (wx.RefundState, error) {
	return wx.RefundState{}, wx.ErrTimeout
}

func (w weChat) QueryRefund(context.Context, wx.Trade, string) (wx.RefundState, error) {
	return w.saidOfRefund(), nil
}

// transitions: whatever an order, its payment and its refund are, whatever WeChat Pay says of
// them and whatever anybody asks for, the store holds nothing afterwards that may not follow
// what it held before. Every pair of a status here and a status that WeChat Pay tells of is
// tried, and of the other acts one of every so many.
func transitions(t *testing.T, s Store, every int) {
	ctx := context.Background()
	n, tried := 0, 0
	acts := map[string]func(*pay.Service, model.Order){
		"notify":  func(p *pay.Service, o model.Order) { _ = p.Notify(ctx, o.MerchantID, nil, nil, storetest.Epoch()) },
		"refresh": func(p *pay.Service, o model.Order) { _, _ = p.Refresh(ctx, o.ID) },
		"close":   func(p *pay.Service, o model.Order) { _, _ = p.Close(ctx, o.ID, pay.Caller{Backend: true}) },
		"prepay": func(p *pay.Service, o model.Order) {
			_, _ = p.Prepay(ctx, pay.PrepayRequest{OrderID: o.ID, Method: model.MethodNative, Caller: pay.Caller{Backend: true}})
		},
		"refund": func(p *pay.Service, o model.Order) {
			_, _, _ = p.Refund(ctx, o.ID, pay.RefundRequest{Amount: 1}, pay.IdempotencyKey{})
		},
		"sweep": func(p *pay.Service, _ model.Order) { _, _ = p.Sweep(ctx); _, _ = p.ChaseCodes(ctx) },
	}
	try := func(w weChat, act string, late bool) {
		if n++; n%every != 0 && act != "notify" {
			return
		}
		tried++
		w.o.ID = fmt.Sprintf("01JV%022d", n)
		w.o.Payments[0].OutTradeNo = w.o.ID + "01"
		for i := range w.o.Refunds {
			w.o.Refunds[i].ID, w.o.Refunds[i].OutTradeNo = w.o.ID+"R001", w.o.ID+"01"
		}
		insert(t, s, w.o)
		before := get(t, s, w.o.ID)
		now := func() time.Time { return storetest.Epoch().Add(20 * time.Minute) }
		acts[act](pay.New(pay.Options{
			Orders: s, Idempotency: s, WeChat: w, CodePay: w, RefundLate: late, SweepEvery: time.Second, PublicURL: "https://shop.example",
			Merchants: []pay.Merchant{{ID: w.o.MerchantID}}, Apps: []pay.App{{ID: "wxapp", Kind: model.MiniProgram}},
			Now: now, IDs: model.IDs{Now: now, Entropy: rand.Reader}, Log: slog.New(slog.DiscardHandler),
		}), w.o)
		after := get(t, s, w.o.ID)
		wantLawful(t, fmt.Sprintf("%s while WeChat Pay says %s%s (%v)", act, w.payment, w.refund, w.refusal), before, after)
		after.CheckAt = time.Time{} // let it rest, or the next sweep finds it
		if err := s.ReplaceOrder(ctx, after); err != nil {
			t.Fatal(err)
		}
	}
	defer func() { t.Logf("%d transitions tried", tried) }()
	states := []wx.TradeState{wx.TradeNotPay, wx.TradeSuccess, wx.TradeRefund, wx.TradeClosed, wx.TradeRevoked, wx.TradeUserPaying, wx.TradePayError}
	for _, order := range model.OrderStatuses {
		for _, payment := range model.PaymentStatuses {
			for _, state := range states {
				for _, act := range []string{"notify", "refresh", "close", "prepay", "refund", "sweep"} {
					refusals := []error{nil, wx.ErrTradePaid}
					if act == "notify" || act == "refresh" {
						refusals = refusals[:1]
					}
					for _, refusal := range refusals {
						try(weChat{payment: state, refusal: refusal, o: somewhere(order, payment)}, act, n%2 == 0)
					}
				}
			}
		}
	}
	for _, order := range []model.OrderStatus{model.OrderPaid, model.OrderPartiallyRefunded, model.OrderRefunded} {
		for _, refund := range model.RefundStatuses {
			for _, state := range []wx.RefundStatus{wx.RefundProcessing, wx.RefundSuccess, wx.RefundClosed, wx.RefundAbnormal} {
				for _, act := range []string{"notify", "sweep"} {
					o := somewhere(order, model.PaymentPaid)
					o.Refunds = []model.Refund{{Amount: 3, Status: refund, CreatedAt: storetest.Epoch()}}
					try(weChat{refund: state, o: o}, act, false)
				}
			}
		}
	}
}

// somewhere is an order in the middle of its life.
func somewhere(order model.OrderStatus, payment model.PaymentStatus) model.Order {
	at := storetest.Epoch()
	p := model.Payment{ID: "p", Method: model.MethodNative, AppID: "wxapp", Status: payment, NotifyURL: "https://shop.example/v1/notify/wechat-pay/1900000001", CreatedAt: at}
	if payment == model.PaymentReversing {
		p.Method, p.NotifyURL, p.ReversedAt = model.MethodCode, "", at
	}
	return model.Order{
		MerchantID: "1900000001", Status: order, Amount: 9, Currency: model.CNY, Description: "tea", Payments: []model.Payment{p},
		CreatedAt: at, ExpiresAt: at.Add(time.Hour), CheckAt: at, Version: 1,
	}
}

func wantLawful(t *testing.T, what string, before, after model.Order) {
	t.Helper()
	where := fmt.Sprintf("order %s, payment %s: %s", before.Status, before.Payments[0].Status, what)
	wantMove(t, where, before.Status, after.Status, mayOrder)
	for i, p := range before.Payments {
		wantMove(t, where, p.Status, after.Payments[i].Status, mayPayment)
	}
	for i, r := range before.Refunds {
		wantMove(t, where+", refund "+string(r.Status), r.Status, after.Refunds[i].Status, mayRefund)
	}
	if after.Amount != before.Amount || after.AmountRefunded < before.AmountRefunded {
		t.Errorf("%s: amounts %d and %d became %d and %d", where, before.Amount, before.AmountRefunded, after.Amount, after.AmountRefunded)
	}
	if after.Version == before.Version && !reflect.DeepEqual(after, before) {
		t.Errorf("%s: it changed under its version", where)
	}
}

func wantMove[S ~string](t *testing.T, where string, from, to S, may map[S][]S) {
	t.Helper()
	if from != to && !slices.Contains(may[from], to) {
		t.Errorf("%s: %s became %s", where, from, to)
	}
}
