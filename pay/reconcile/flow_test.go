package reconcile_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/pay"
	"wxhub/pay/reconcile"
	"wxhub/wx"
	"wxhub/wx/bill"
	"wxhub/wx/sandbox"
)

// moves writes a row of the fund-flow bill.
func (w *world) moves(at time.Time, number, kind string, in bool, amount model.Fen) {
	way := "支出"
	if in {
		way = "收入"
	}
	w.flows = append(w.flows, flow{in, amount, "`" + strings.Join([]string{
		at.In(reconcile.China).Format(time.DateTime), number, number + "1", kind, kind, way, amount.String(), "0.00", "system", "", "0",
	}, ",`") + "\r\n"})
}

type flow struct {
	in     bool
	amount model.Fen
	row    string
}

// FundFlowBill is what moves wrote, of the day that this world has.
func (w *world) FundFlowBill(context.Context, wx.BillRequest) (wx.Bill, error) {
	w.t.Helper()
	if w.flowFails != nil {
		return nil, w.flowFails
	}
	if len(w.flows) == 0 {
		return bill.Empty{}, nil
	}
	text := "\ufeff记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号\r\n"
	var n [2]int
	var sums [2]model.Fen
	for _, f := range w.flows {
		text += f.row
		side := 1
		if f.in {
			side = 0
		}
		n[side]++
		sums[side] += f.amount
	}
	text += fmt.Sprintf("资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额\r\n`%d,`%d,`%s,`%d,`%s\r\n", len(w.flows), n[0], sums[0], n[1], sums[1])
	path := filepath.Join(w.dir, "flow.csv")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
	return bill.Open(path)
}

// flowRun compares the day with both bills, and lists what is open.
func (w *world) flowRun() (model.Statement, []string) {
	w.t.Helper()
	s := w.service()
	s.FundFlow = true
	st, err := s.Run(context.Background(), reconcile.Request{MerchantID: shop, Date: date})
	if err != nil {
		w.t.Fatal(err)
	}
	var open []string
	err = s.Differences(context.Background(), model.DifferenceFilter{MerchantID: shop, Status: model.DifferenceOpen}, func(d model.Difference) error {
		open = append(open, fmt.Sprintf("%s %s %d/%d", d.Kind, d.Number, d.BillAmount, d.OurAmount))
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	slices.Sort(open)
	return st, open
}

// settles is a payment that the trade bill and the books have.
func (w *world) settles(amount model.Fen, at time.Time, change func(*wx.TradeRow)) model.Order {
	o := w.put(w.order(shop, amount, at))
	w.pays(o, change)
	return o
}

func TestTheAccountHasWhatWasPaid(t *testing.T) {
	fee := func(fen int64) func(*wx.TradeRow) { return func(r *wx.TradeRow) { r.Fee = wx.Fee(fen * 1000) } }
	coupon := func(r *wx.TradeRow) { r.Settled = 700 }
	midnight := noon.Add(12 * time.Hour)
	for name, c := range map[string]struct {
		at     time.Time
		change func(*wx.TradeRow)
		flow   func(w *world, number string)
		want   string // kind, moved and ours; "" for none
	}{
		"the same": {noon, nil, func(w *world, n string) { w.moves(noon, n, "交易", true, 1000) }, ""},
		"the fee by itself": {noon, fee(6), func(w *world, n string) {
			w.moves(noon, n, "交易", true, 1000)
			w.moves(noon, n, "扣除交易手续费", false, 6)
		}, ""},
		"net of the fee":        {noon, fee(6), func(w *world, n string) { w.moves(noon, n, "交易", true, 994) }, ""},
		"in two rows":           {noon, nil, func(w *world, n string) { w.moves(noon, n, "交易", true, 400); w.moves(noon, n, "交易", true, 600) }, ""},
		"a coupon":              {noon, coupon, func(w *world, n string) { w.moves(noon, n, "交易", true, 700) }, ""},
		"more than with coupon": {noon, coupon, func(w *world, n string) { w.moves(noon, n, "交易", true, 1000) }, "flow_amount 1000/1000"},
		"nothing":               {noon, nil, func(*world, string) {}, "flow_missing 0/1000"},
		"it left":               {noon, nil, func(w *world, n string) { w.moves(noon, n, "交易", false, 1000) }, "flow_missing 0/1000"},
		"more":                  {noon, nil, func(w *world, n string) { w.moves(noon, n, "交易", true, 1001) }, "flow_amount 1001/1000"},
		"less than the fee":     {noon, fee(6), func(w *world, n string) { w.moves(noon, n, "交易", true, 992) }, "flow_amount 992/1000"},
		"twice": {noon, nil, func(w *world, n string) {
			w.moves(noon, n, "交易", true, 1000)
			w.moves(noon, n, "交易", true, 1000)
		}, "flow_amount 2000/1000"},
		"just before midnight": {midnight.Add(-time.Minute), nil, func(*world, string) {}, ""},
		"an hour before":       {midnight.Add(-time.Hour), nil, func(*world, string) {}, "flow_missing 0/1000"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, t.TempDir())
			o := w.settles(1000, c.at, c.change)
			w.moves(noon, "4200000000000000000000000000", "提现", false, 77700) // normal business
			w.moves(noon, "4200000000000000000000000001", "交易", true, 5)      // another system's
			c.flow(w, o.Payments[0].TransactionID)
			st, open := w.flowRun()
			var want []string
			if c.want != "" {
				kind, amounts, _ := strings.Cut(c.want, " ")
				want = []string{kind + " " + o.Payments[0].OutTradeNo + " " + amounts}
			}
			if !slices.Equal(open, want) || st.Open != int64(len(want)) {
				t.Errorf("%q, want %q; %+v", open, want, st)
			}
			if st.FlowRows != int64(len(w.flows)) || st.FlowOut.Amount < 77700 {
				t.Errorf("%+v", st)
			}
		})
	}
}

func TestTheAccountLostWhatWasGivenBack(t *testing.T) {
	for name, c := range map[string]struct {
		moved model.Fen
		want  string
	}{
		"the same": {300, ""}, "net of the fee": {298, ""}, "nothing": {0, "flow_missing 0/300"}, "more": {301, "flow_amount 301/300"}, "less": {290, "flow_amount 290/300"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, t.TempDir())
			o := w.put(refunded(w.order(shop, 1000, noon), 300, noon, noon.Add(time.Minute)))
			w.pays(o, nil)
			r := o.Refunds[0]
			w.gives(o, r, func(row *wx.TradeRow) { row.Fee = -2000 })
			w.moves(noon, o.Payments[0].TransactionID, "交易", true, 1000)
			if c.moved > 0 {
				w.moves(noon, r.RefundID, "退款", false, c.moved)
			}
			_, open := w.flowRun()
			var want []string
			if c.want != "" {
				kind, amounts, _ := strings.Cut(c.want, " ")
				want = []string{kind + " " + r.ID + " " + amounts}
			}
			if !slices.Equal(open, want) {
				t.Errorf("%q, want %q", open, want)
			}
		})
	}
}

// What the trade bill and the books do not agree about is said once, and not of the account too.
func TestTheAccountIsNotBlamedForWhatTheBillSays(t *testing.T) {
	w := newWorld(t, t.TempDir())
	w.settles(1000, noon, func(r *wx.TradeRow) { r.Amount, r.Settled = 900, 900 })
	stranger := w.order(shop, 500, noon)
	w.pays(stranger, nil) // nobody put it into the books
	shared := w.order(shop, 800, noon)
	shared.ProfitSharing = true
	shared = w.put(shared)
	w.pays(shared, nil) // frozen: in the account at another time
	_, open := w.flowRun()
	if len(open) != 2 || !strings.HasPrefix(open[0], "amount ") || !strings.HasPrefix(open[1], "unknown_here ") {
		t.Errorf("%q", open)
	}
}

// A difference of the account lives as the others do; a run that does not look at the account leaves it alone.
func TestLifeOfAFlowDifference(t *testing.T) {
	w := newWorld(t, t.TempDir())
	o := w.settles(1000, noon, nil)
	if _, open := w.flowRun(); len(open) != 1 {
		t.Fatalf("%q", open)
	}
	w.run(shop, "")
	found := w.found(model.DifferenceFilter{MerchantID: shop})
	id := found[label(model.DiffFlowMissing, model.EntryPayment, o.Payments[0].OutTradeNo, model.DifferenceOpen)].ID
	if id == "" {
		t.Fatalf("after a run without the account: %+v", found)
	}
	if _, err := w.service().Resolve(context.Background(), id, "booked by hand"); err != nil {
		t.Fatal(err)
	}
	if _, open := w.flowRun(); len(open) != 0 {
		t.Errorf("resolved, and open again: %q", open)
	}
	w.moves(noon, o.Payments[0].TransactionID, "交易", true, 1)
	if _, open := w.flowRun(); len(open) != 1 || !strings.HasPrefix(open[0], "flow_amount") {
		t.Errorf("%q", open)
	}
	w.flows = nil
	w.moves(noon, o.Payments[0].TransactionID, "交易", true, 1000)
	if _, open := w.flowRun(); len(open) != 0 {
		t.Errorf("%q", open)
	}
	s := w.service()
	s.FundFlow = true
	w.flowFails = wx.ErrBillNotReady
	if _, err := s.Run(context.Background(), reconcile.Request{MerchantID: shop, Date: date}); model.CodeOf(err) != "bill_not_ready" {
		t.Errorf("%v", err)
	}
	w.flowFails = nil
	w.moves(noon.AddDate(0, 0, 1), "42", "交易", true, 1)
	if _, err := s.Run(context.Background(), reconcile.Request{MerchantID: shop, Date: date}); model.CodeOf(err) != "bill_unreadable" {
		t.Errorf("with the account of another day: %v", err)
	}
}

// The sandbox's account against the books, through everything that production has: fees and refunds net of them are no difference.
func TestTheSandboxsAccountAgainstTheBooks(t *testing.T) {
	ctx := context.Background()
	w := newTown(t)
	var refunds []string
	for i := range 30 {
		id := w.sell(model.Fen(1000 + 333*i))
		if _, err := w.pay.Refresh(ctx, id); err != nil {
			t.Fatal(err)
		}
		if i%3 == 0 {
			_, r, err := w.pay.Refund(ctx, id, pay.RefundRequest{Amount: model.Fen(500 + i)}, pay.IdempotencyKey{})
			if err != nil {
				t.Fatal(err)
			}
			refunds = append(refunds, r.ID)
		}
	}
	w.pass(time.Minute)
	for _, id := range refunds {
		if _, err := w.pay.AskRefund(ctx, id); err != nil {
			t.Fatal(err)
		}
	}
	w.pass(26 * time.Hour)
	s := reconcile.New(reconcile.Options{
		Store: w.store, Payments: w.pay, Bills: w.gateway, Accounts: []reconcile.Account{{MerchantID: w.merchant}}, Now: w.now,
		Log: slog.New(slog.DiscardHandler), FundFlow: true,
	})
	if _, err := w.platform.AddFault(sandbox.Fault{Match: "/v3/bill/fundflowbill", Kind: "signtest", Times: 1}); err != nil {
		t.Fatal(err)
	}
	st, err := s.Run(ctx, reconcile.Request{MerchantID: w.merchant, Date: w.date})
	if err != nil || st.Open != 0 || len(st.Differences) != 0 {
		t.Fatalf("%+v %v", st, err)
	}
	if st.FlowRows < 70 || st.FlowIn.Amount != st.BillPayments.Amount || st.FlowIn.Count != 30 {
		t.Errorf("%+v", st)
	}
}
