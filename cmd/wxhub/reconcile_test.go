package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/pay/reconcile"
)

const shopMerchant = "1900000001"

// books is an office with orders and a bill of the day before yesterday, both of which a test writes.
type books struct {
	*office
	day  reconcile.Day
	rows []string
	sum  model.Fen
}

func newBooks(t *testing.T) *books {
	return &books{office: newOffice(t), day: reconcile.DayOf(time.Now()).Before().Before()}
}

// paid makes an order that was paid at noon; there is its row in the bill.
func (b *books) paid(amount model.Fen) model.Order {
	b.t.Helper()
	noon := b.day.From().Add(12 * time.Hour)
	id := b.order("", "tea, green")
	o, err := b.store.Order(b.t.Context(), id)
	if err != nil {
		b.t.Fatal(err)
	}
	o.Amount, o.PaidAt = amount, noon
	o.Payments = []model.Payment{{
		ID: id + "P", OutTradeNo: id + "01", Method: model.MethodNative, AppID: appOne, Status: model.PaymentPaid, TransactionID: "42" + id, PaidAt: noon,
	}}
	if err := b.store.ReplaceOrder(b.t.Context(), o); err != nil {
		b.t.Fatal(err)
	}
	return o
}

func (b *books) row(merchant, transactionID, outTradeNo string, amount model.Fen) {
	b.sum += amount
	b.rows = append(b.rows, fmt.Sprintf("`%s 12:00:00,`%s,`%s,`%s,`SUCCESS,`%s\r\n", b.day, merchant, transactionID, outTradeNo, amount))
}

func (b *books) both(amount model.Fen) {
	o := b.paid(amount)
	b.row(shopMerchant, o.Payments[0].TransactionID, o.Payments[0].OutTradeNo, amount)
}

func (b *books) bill() string {
	b.t.Helper()
	text := "\ufeff交易时间,商户号,微信订单号,商户订单号,交易状态,订单金额\r\n" + strings.Join(b.rows, "") +
		fmt.Sprintf("总交易单数,订单总金额\r\n`%d,`%s\r\n", len(b.rows), b.sum)
	path := filepath.Join(filepath.Dir(b.file), "bill.csv")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		b.t.Fatal(err)
	}
	return path
}

// wxhub runs a command and checks how it ends and what it says.
func (b *books) wxhub(code int, says string, args ...string) (out string) {
	b.t.Helper()
	cmd := command(b.env, append([]string{"--config", b.configFile}, args...)...)
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	_ = cmd.Run() // the tests look at ProcessState
	if cmd.ProcessState == nil {
		b.t.Fatal("wxhub did not run")
	}
	if got := cmd.ProcessState.ExitCode(); got != code || !strings.Contains(stdout.String()+stderr.String(), says) || strings.Contains(stderr.String(), "goroutine") {
		b.t.Errorf("%s: exit code %d, want %d and %q:\n%s%s", strings.Join(args, " "), got, code, says, &stdout, &stderr)
	}
	if strings.Contains(stderr.String(), "\r") {
		b.t.Errorf("a progress bar where there is no terminal: %q", stderr.String())
	}
	return stdout.String()
}

func TestReconcileFromDifferenceToResolution(t *testing.T) {
	b := newBooks(t)
	day := b.day.String()
	b.both(123)
	b.both(123_456)
	compare := []string{"reconcile", "--merchant", shopMerchant, "--date", day, "--file", b.bill()}
	out := b.wxhub(0, "no differences", compare...)
	for _, says := range []string{"2 rows in the bill", "1235.79"} {
		if !strings.Contains(out, says) {
			t.Errorf("%q is not in the summary:\n%s", says, out)
		}
	}
	b.wxhub(0, "none", "differences", "list")

	lost := b.paid(990)
	file := filepath.Join(t.TempDir(), "out.csv")
	out = b.wxhub(3, "1 differences are open", append(compare, "--out", file)...)
	if !strings.Contains(out, "missing_there  1") {
		t.Errorf("summary:\n%s", out)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
	if err != nil || len(lines) != 2 || lines[1][6] != lost.Payments[0].OutTradeNo || lines[1][11] != "9.90" {
		t.Fatalf("CSV, error %v: %q", err, lines)
	}
	id := lines[1][0]
	b.wxhub(3, id, "differences", "list", "--merchant", shopMerchant, "--date", day)
	b.wxhub(2, "note", "differences", "resolve", id, "--note", " ")
	b.wxhub(1, "no such difference", "differences", "resolve", "rd_0", "--note", "done")
	b.wxhub(0, "resolved", "differences", "resolve", id, "--note", "paid out by hand")
	b.wxhub(0, "1 differences, 0 of them open", compare...)
	b.wxhub(0, "none", "differences", "list")
	b.wxhub(0, "paid out by hand", "differences", "list", "--status", "all")
}

// TestReconcileTheAccount: what both sides agree about did not move in the account, until its bill is another.
func TestReconcileTheAccount(t *testing.T) {
	b := newBooks(t)
	b.both(123)
	o := b.paid(990)
	b.row(shopMerchant, o.Payments[0].TransactionID, o.Payments[0].OutTradeNo, 990)
	first := strings.Split(b.rows[0], ",`")[2]
	account := func(fen model.Fen) string {
		row := func(number string, fen model.Fen) string {
			return fmt.Sprintf("`%s 12:00:01,`%s,`%s1,`收入,`%s\r\n", b.day, number, number, fen)
		}
		text := "记账时间,微信支付业务单号,资金流水单号,收支类型,收支金额(元)\r\n" + row(first, 123) + row(o.Payments[0].TransactionID, fen) +
			fmt.Sprintf("资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额\r\n`2,`2,`%s,`0,`0.00\r\n", 123+fen)
		path := filepath.Join(t.TempDir(), "account.csv")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	compare := []string{"reconcile", "--merchant", shopMerchant, "--date", b.day.String(), "--file", b.bill(), "--flow-file"}
	out := b.wxhub(3, "1 differences are open", append(compare, account(99))...)
	if !strings.Contains(out, "flow_amount    1") || !strings.Contains(out, "fund flow: 2 rows, 2.22 yuan in") {
		t.Errorf("summary:\n%s", out)
	}
	b.wxhub(3, "flow_amount payment", "differences", "list")
	b.wxhub(0, "no differences", append(compare, account(990))...)
	b.wxhub(0, "vanished", "differences", "list", "--status", "all")
}

// TestReconcileAsksWeChatPay: the sandbox does not know of the payment that the bill has, so it stays open.
func TestReconcileAsksWeChatPay(t *testing.T) {
	b := newBooks(t)
	o := b.paid(990)
	o.Version++
	b.row(shopMerchant, o.Payments[0].TransactionID, o.Payments[0].OutTradeNo, 990)
	o.Status, o.PaidAt, o.Payments[0].Status, o.Payments[0].PaidAt, o.Payments[0].TransactionID = model.OrderPending, time.Time{}, model.PaymentPending, time.Time{}, ""
	if err := b.store.ReplaceOrder(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	b.wxhub(3, "missing_here", "reconcile", "--merchant", shopMerchant, "--date", b.day.String(), "--file", b.bill())
	if now, err := b.store.Order(t.Context(), o.ID); err != nil || now.Status != model.OrderPending {
		t.Errorf("the bill was believed: %+v, %v", now, err)
	}
}

func TestReconcileRefusals(t *testing.T) {
	b := newBooks(t)
	b.both(1)
	bill, day := b.bill(), b.day.String()
	broken := filepath.Join(t.TempDir(), "broken.csv")
	if err := os.WriteFile(broken, []byte("<html>"), 0o600); err != nil {
		t.Fatal(err)
	}
	today := reconcile.DayOf(time.Now()).String()
	for name, c := range map[string]struct {
		code int
		says string
		args []string
	}{
		"no merchant":      {2, "--merchant", []string{"--date", day}},
		"no date":          {2, "--date", []string{"--merchant", shopMerchant}},
		"not a date":       {2, "2006-01-02", []string{"--merchant", shopMerchant, "--date", "yesterday"}},
		"today":            {2, "over in China", []string{"--merchant", shopMerchant, "--date", today, "--file", bill}},
		"long ago":         {2, "months ago", []string{"--merchant", shopMerchant, "--date", "2020-01-01"}},
		"unknown merchant": {2, "no such merchant", []string{"--merchant", "1900009999", "--date", day, "--file", bill}},
		"sub merchant":     {2, "not a service provider", []string{"--merchant", shopMerchant, "--sub-merchant", "1900000301", "--date", day, "--file", bill}},
		"no such file":     {2, "no such file", []string{"--merchant", shopMerchant, "--date", day, "--file", bill + "x"}},
		"not a bill":       {1, "line 1", []string{"--merchant", shopMerchant, "--date", day, "--file", broken}},
		"of another day":   {1, "another day", []string{"--merchant", shopMerchant, "--date", b.day.Before().String(), "--file", bill}},
		"nowhere to write": {1, "nowhere", []string{"--merchant", shopMerchant, "--date", day, "--file", bill, "--out", filepath.Join(t.TempDir(), "nowhere", "x.csv")}},
	} {
		t.Run(name, func(t *testing.T) { b.wxhub(c.code, c.says, append([]string{"reconcile"}, c.args...)...) })
	}
}

func TestBar(t *testing.T) {
	var out strings.Builder
	b := &bar{w: &out, shown: -1}
	for done := int64(0); done <= 1000; done++ {
		b.show(done, 1000)
	}
	b.show(2000, 1000)
	b.clear()
	if n := strings.Count(out.String(), "["); n != 101 {
		t.Errorf("it was drawn %d times", n)
	}
	if !strings.HasSuffix(strings.TrimRight(out.String(), " \r"), "] 100 %") || strings.Contains(out.String(), "\n") {
		t.Errorf("it ends with %q", out.String()[out.Len()-120:])
	}
	(&bar{}).show(1, 2) // not a terminal
	(&bar{w: &out}).show(1, 0)
}
