package reconcile_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/model/sqlitestore"
	"wxhub/pay"
	"wxhub/pay/reconcile"
	"wxhub/wx"
	"wxhub/wx/bill"
)

const (
	shop, rival = "1900000001", "1900000002"
	provider    = "1900000100"
	subOne      = "1900000109"
	subTwo      = "1900000110"
	date        = "2026-03-05"
)

// noon of the day, in China.
var noon = time.Date(2026, 3, 5, 12, 0, 0, 0, reconcile.China)

// weChat knows what it was told; whatever else is asked of it is a mistake of the test.
type weChat struct {
	pay.WeChatPay
	mu      sync.Mutex
	paid    map[string]wx.Transaction
	refunds map[string]wx.RefundState
	away    error
	asked   int
}

func (w *weChat) Query(_ context.Context, t wx.Trade) (wx.Transaction, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked++
	if w.away != nil {
		return wx.Transaction{}, w.away
	}
	if x, ok := w.paid[t.OutTradeNo]; ok {
		return x, nil
	}
	return wx.Transaction{Trade: t, AppID: "wxapp", State: wx.TradeNotPay}, nil
}

func (w *weChat) QueryRefund(_ context.Context, _ wx.Trade, outRefundNo string) (wx.RefundState, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked++
	if x, ok := w.refunds[outRefundNo]; ok && w.away == nil {
		return x, nil
	}
	return wx.RefundState{}, wx.ErrRefundUnknown
}

// world is a store, the payment service on it, and a bill that is being written.
type world struct {
	t      testing.TB
	dir    string
	store  *sqlitestore.Store
	weChat *weChat
	now    time.Time
	log    logBook
	rows   []string
	sums   struct {
		orders, settled, refunds int64
		fees                     wx.Fee
	}
	flows []flow
	// flowFails is what downloading the fund-flow bill gives, instead of what was written.
	flowFails error
	bills     map[string]error // what downloading the bill of a merchant gives, instead of what was written
}

// logBook may be written by several services at once.
type logBook struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logBook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logBook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func newWorld(t testing.TB, dir string) *world {
	t.Helper()
	s, err := sqlitestore.Open(context.Background(), filepath.Join(dir, "wxhub.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return &world{
		t: t, dir: dir, store: s, now: noon.AddDate(0, 0, 1), bills: map[string]error{},
		weChat: &weChat{paid: map[string]wx.Transaction{}, refunds: map[string]wx.RefundState{}},
	}
}

func (w *world) service() *reconcile.Service {
	log := slog.New(slog.NewTextHandler(&w.log, nil))
	now := func() time.Time { return w.now }
	payments := pay.New(pay.Options{
		Orders: w.store, Idempotency: w.store, WeChat: w.weChat, Payers: nobody{}, Now: now, Log: log, SweepEvery: time.Minute,
		IDs: model.IDs{Now: now, Entropy: rand.Reader},
	})
	return reconcile.New(reconcile.Options{
		Store: w.store, Payments: payments, Bills: w, Now: now, Log: log, At: "10:30",
		Accounts: []reconcile.Account{{MerchantID: shop}, {MerchantID: provider, Partner: true, SubMerchants: []string{subOne, subTwo}}},
	})
}

// nobody is a payer without identity.
type nobody struct{ pay.Payers }

func (nobody) Survivor(_ context.Context, id string) (string, error) { return id, nil }

// TradeBill makes the world its own WeChat Pay.
func (w *world) TradeBill(_ context.Context, r wx.BillRequest) (wx.Bill, error) {
	if err, told := w.bills[r.MerchantID]; told {
		if err == nil {
			return bill.Empty{}, nil
		}
		return nil, err
	}
	return w.bill(), nil
}

// order makes one of an amount, with a payment that was made at a time; stored by put.
func (w *world) order(merchant string, amount model.Fen, at time.Time) model.Order {
	id, err := model.IDs{Now: func() time.Time { return at.Add(-time.Minute) }, Entropy: rand.Reader}.New()
	if err != nil {
		w.t.Fatal(err)
	}
	return model.Order{
		ID: id, MerchantID: merchant, Status: model.OrderPaid, Amount: amount, Currency: model.CNY, Description: "two coffees and a cake", Attach: "table 9",
		CreatedAt: model.Instant(at), ExpiresAt: model.Instant(at.Add(time.Hour)), PaidAt: model.Instant(at),
		Payments: []model.Payment{{
			ID: id + "P", OutTradeNo: id + "01", Method: model.MethodMiniProgram, AppID: "wxapp", OpenID: "oOPENID-0123456789-somebody", Status: model.PaymentPaid,
			NotifyURL: "https://shop.example.com/v1/notify/wechat-pay/" + merchant, PrepayID: "wx05120000123456789012345678901234", PrepaidAt: model.Instant(at),
			TransactionID: "42" + id, PaidAt: model.Instant(at), CreatedAt: model.Instant(at),
		}},
		History: []model.Step{
			{At: model.Instant(at), What: "created"}, {At: model.Instant(at), What: "payment_opened", Of: id + "01"}, {At: model.Instant(at), What: "paid", Of: id + "01"},
		},
	}
}

// refunded adds a refund that was made and succeeded at a time.
func refunded(o model.Order, amount model.Fen, made, succeeded time.Time) model.Order {
	o.Refunds = append(o.Refunds, model.Refund{
		ID: fmt.Sprintf("%sR%03d", o.ID, len(o.Refunds)+1), OutTradeNo: o.Payments[0].OutTradeNo, Amount: amount, Status: model.RefundSucceeded,
		RefundID: fmt.Sprintf("50%s%d", o.ID, len(o.Refunds)+1), CreatedAt: model.Instant(made), SucceededAt: model.Instant(succeeded),
	})
	o.Status, o.AmountRefunded = model.OrderPartiallyRefunded, amount
	return o
}

func (w *world) put(o model.Order) model.Order {
	w.t.Helper()
	if err := w.store.InsertOrder(context.Background(), o); err != nil {
		w.t.Fatal(err)
	}
	o.Version = 1
	return o
}

// unpaid takes the payment back out of the books, and WeChat Pay knows of it.
func (w *world) unpaid(o model.Order) model.Order {
	p := &o.Payments[0]
	w.weChat.paid[p.OutTradeNo] = wx.Transaction{
		Trade: wx.Trade{MerchantID: o.MerchantID, SubMerchantID: o.SubMerchantID, OutTradeNo: p.OutTradeNo}, AppID: p.AppID, TransactionID: p.TransactionID,
		State: wx.TradeSuccess, Amount: o.Amount, Currency: o.Currency, SuccessTime: p.PaidAt,
	}
	o.Status, o.PaidAt, p.Status, p.PaidAt, p.TransactionID = model.OrderPending, time.Time{}, model.PaymentPending, time.Time{}, ""
	return o
}

// pays writes the row of a payment into the bill, as the order has it unless changed.
func (w *world) pays(o model.Order, change func(*wx.TradeRow)) {
	p := o.Payments[0]
	at := p.PaidAt
	if at.IsZero() {
		at = noon
	}
	row := wx.TradeRow{
		At: at, MerchantID: o.MerchantID, SubMerchantID: o.SubMerchantID, TransactionID: "42" + o.ID, OutTradeNo: p.OutTradeNo,
		State: wx.RowPaid, Amount: o.Amount, Settled: o.Amount,
	}
	if change != nil {
		change(&row)
	}
	w.write(row)
}

// gives writes the row of a refund.
func (w *world) gives(o model.Order, r model.Refund, change func(*wx.TradeRow)) {
	row := wx.TradeRow{
		At: noon, MerchantID: o.MerchantID, SubMerchantID: o.SubMerchantID, TransactionID: "42" + o.ID, OutTradeNo: r.OutTradeNo,
		State: wx.RowRefund, RefundID: "50" + o.ID + r.ID[len(r.ID)-1:], OutRefundNo: r.ID, RefundAmount: r.Amount, RefundState: wx.RowRefundSuccess,
	}
	if change != nil {
		change(&row)
	}
	w.write(row)
}

const billHead = "\ufeff交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额," +
	"微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注\r\n"

func (w *world) write(r wx.TradeRow) {
	zero := func(s string) string {
		if s == "" {
			return "0"
		}
		return s
	}
	w.sums.orders += int64(r.Amount)
	w.sums.settled += int64(r.Settled)
	w.sums.fees += r.Fee
	w.sums.refunds += int64(r.RefundAmount)
	w.rows = append(w.rows, "`"+strings.Join([]string{
		r.At.In(reconcile.China).Format(time.DateTime), "wxapp", r.MerchantID, zero(r.SubMerchantID), "", r.TransactionID, zero(r.OutTradeNo),
		"oOPENID", "JSAPI", r.State, "OTHERS", "CNY", r.Settled.String(), "0.00", zero(r.RefundID), zero(r.OutRefundNo), r.RefundAmount.String(), "0.00",
		"ORIGINAL", r.RefundState, "two coffees, and a cake", "table 9", feeText(r.Fee), "0.60%", r.Amount.String(), r.RefundAmount.String(), "",
	}, ",`")+"\r\n")
}

// feeText has the five places of fees.
func feeText(f wx.Fee) string {
	sign := ""
	if f < 0 {
		sign, f = "-", -f
	}
	return fmt.Sprintf("%s%d.%05d", sign, f/100_000, f%100_000)
}

// save writes the bill into a file.
func (w *world) save() string {
	w.t.Helper()
	path := filepath.Join(w.dir, "bill.csv")
	f, err := os.Create(path)
	if err != nil {
		w.t.Fatal(err)
	}
	_, _ = f.WriteString(billHead)
	for _, row := range w.rows {
		_, _ = f.WriteString(row)
	}
	orders, refunds := model.Fen(w.sums.orders), model.Fen(w.sums.refunds)
	_, err = fmt.Fprintf(f, "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\r\n`%d,`%s,`%s,`0.00,`%s,`%s,`%s\r\n",
		len(w.rows), model.Fen(w.sums.settled), refunds, feeText(w.sums.fees), orders, refunds)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		w.t.Fatal(err)
	}
	return path
}

func (w *world) bill() wx.Bill {
	w.t.Helper()
	b, err := bill.Open(w.save())
	if err != nil {
		w.t.Fatal(err)
	}
	return b
}

// run compares the day.
func (w *world) run(merchant, sub string) model.Statement {
	w.t.Helper()
	st, err := w.service().Run(context.Background(), reconcile.Request{MerchantID: merchant, SubMerchantID: sub, Date: date})
	if err != nil {
		w.t.Fatal(err)
	}
	return st
}

// found lists the differences as kind, entry, number and status.
func (w *world) found(f model.DifferenceFilter) map[string]model.Difference {
	w.t.Helper()
	out := map[string]model.Difference{}
	err := w.service().Differences(context.Background(), f, func(d model.Difference) error {
		out[label(d.Kind, d.Entry, d.Number, d.Status)] = d
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

func label(kind model.DifferenceKind, entry model.Entry, number string, status model.DifferenceStatus) string {
	return fmt.Sprintf("%s %s %s %s", kind, entry, number, status)
}
