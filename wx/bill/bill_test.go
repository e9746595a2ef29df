package bill_test

import (
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/wx"
	"wxhub/wx/bill"
)

// The headers that are documented, of today and of before (PROTOCOL §2.7).
const (
	headAll = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额," +
		"微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
	headSuccess = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额," +
		"商品名称,商户数据包,手续费,费率,订单金额,费率备注"
	headRefund = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额," +
		"退款申请时间,退款成功时间,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
	headOld = "交易时间,公众账号ID,商户号,子商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,总金额,企业红包金额," +
		"微信退款单号,商户退款单号,退款金额,企业红包退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率"
	totals = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"

	paidRow = "`2019-02-19 05:01:46,`wx1,`1900000001,`0,`,`4200000281201902197034,`order-1,`oOPENID,`JSAPI,`SUCCESS,`CMB_DEBIT,`CNY,`12.00,`0.34," +
		"`0,`0,`0.00,`0.00,`,`,`tea, green,`a`b,`0.07404,`0.60%,`12.34,`0.00,`"
	refundRow = "`2019-02-19 06:00:00,`wx1,`1900000001,`0,`,`4200000281201902197034,`order-1,`oOPENID,`JSAPI,`REFUND,`CMB_DEBIT,`CNY,`0.00,`0.00," +
		"`5000000971,`refund-1,`1.20,`0.00,`ORIGINAL,`PROCESSING,`tea, green,`a`b,`-0.00720,`0.60%,`0.00,`1.23,`"
	bothTotals = "`2,`12.00,`1.20,`0.00,`0.06684,`12.34,`1.23"
)

func lines(l ...string) string { return strings.Join(l, "\n") + "\n" }

func trades(t *testing.T, text string) (rows []wx.TradeRow, err error) {
	t.Helper()
	err = bill.Trades(strings.NewReader(text), func(r wx.TradeRow) error { rows = append(rows, r); return nil })
	return rows, err
}

// both are the rows that paidRow and refundRow stand for.
func both() []wx.TradeRow {
	return []wx.TradeRow{{
		At: time.Date(2019, 2, 18, 21, 1, 46, 0, time.UTC), MerchantID: "1900000001", TransactionID: "4200000281201902197034", OutTradeNo: "order-1",
		State: wx.RowPaid, Amount: 1234, Settled: 1200, Currency: "CNY", Fee: 7404,
	}, {
		At: time.Date(2019, 2, 18, 22, 0, 0, 0, time.UTC), MerchantID: "1900000001", TransactionID: "4200000281201902197034", OutTradeNo: "order-1",
		State: wx.RowRefund, Currency: "CNY", RefundID: "5000000971", OutRefundNo: "refund-1", RefundAmount: 123, RefundSettled: 120, RefundState: "PROCESSING", Fee: -720,
	}}
}

func withoutPlaces(rows []wx.TradeRow) []wx.TradeRow {
	for i := range rows {
		rows[i].Line, rows[i].End = 0, 0
	}
	return rows
}

func TestTradesOfTypeAll(t *testing.T) {
	plain := lines(headAll, paidRow, refundRow, totals, bothTotals)
	for name, text := range map[string]string{
		"LF":                 plain,
		"BOM":                "\ufeff" + plain,
		"CRLF":               "\ufeff" + strings.ReplaceAll(plain, "\n", "\r\n"),
		"blank lines":        strings.ReplaceAll(plain, "\n", "\r\n\r\n"),
		"no last line break": strings.TrimSuffix(plain, "\n"),
	} {
		t.Run(name, func(t *testing.T) {
			rows, err := trades(t, text)
			if err != nil {
				t.Fatal(err)
			}
			if rows[0].Line < 2 || rows[1].End <= rows[0].End || rows[1].End >= int64(len(text)) {
				t.Errorf("places: %+v", rows)
			}
			if got := withoutPlaces(rows); !reflect.DeepEqual(got, both()) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// TestColumnsAreFoundByName turns the columns round and adds one that nobody knows.
func TestColumnsAreFoundByName(t *testing.T) {
	turned := func(line, separator, first string) string {
		cells := strings.Split(strings.TrimPrefix(line, "`"), separator)
		out := first
		for i := len(cells) - 1; i >= 0; i-- {
			out += separator + cells[i]
		}
		if separator == ",`" {
			return "`" + out
		}
		return out
	}
	rows, err := trades(t, lines(turned(headAll, ",", "新的列"), turned(paidRow, ",`", "x"), turned(refundRow, ",`", ""),
		turned(totals, ",", "新的总数"), turned(bothTotals, ",`", "9")))
	if err != nil || !reflect.DeepEqual(withoutPlaces(rows), both()) {
		t.Errorf("got %+v, error %v", rows, err)
	}
}

func TestOtherShapes(t *testing.T) {
	paid := "`2019-02-19 05:01:46,`wx1,`1900000001,`1900000301,`,`42,`order-1,`o,`JSAPI,`SUCCESS,`CMB,`CNY,`12.00,`0.34,`tea,`,`0.07404,`0.60%,`12.34,`"
	refund := "`2018-08-20 14:40:09,`wx1,`1900000001,`0,`,`42,`order-1,`o,`NATIVE,`REFUND,`CFT,`CNY,`0.00,`0.00,`2018-08-21 18:13:10,`2018-08-21 18:13:12," +
		"`50,`refund-1,`0.01,`0.00,`ORIGINAL,`SUCCESS,`tea,`,`0.00000,`1.00%,`0.00,`0.01,`"
	old := "`2014-11-10 16:33:45,`wx1,`10000100,`0,`1000,`1001,`1415640626,`o,`MICROPAY,`SUCCESS,`CFT,`CNY,`0.01,`0.0,`0,`0,`0,`0,`,`,`test,`,`0,`0.60%"
	for name, c := range map[string]struct {
		text string
		want wx.TradeRow
	}{
		"SUCCESS": {lines(headSuccess, paid, totals, "`1,`12.00,`0.00,`0.00,`0.07404,`12.34,`0.00"),
			wx.TradeRow{SubMerchantID: "1900000301", State: wx.RowPaid, Amount: 1234, Settled: 1200}},
		"REFUND": {lines(headRefund, refund, totals, "`1,`0.00,`0.01,`0.00,`0.00000,`0.00,`0.01"),
			wx.TradeRow{State: wx.RowRefund, RefundAmount: 1, RefundSettled: 1, RefundState: "SUCCESS"}},
		"before coupons": {lines(headOld, old, "总交易单数,总交易额,总退款金额,总企业红包退款金额,手续费总金额", "`1,`0.01,`0.0,`0.0,`0"),
			wx.TradeRow{State: wx.RowPaid, Amount: 1, Settled: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			rows, err := trades(t, c.text)
			if err != nil || len(rows) != 1 {
				t.Fatalf("%d rows, error %v", len(rows), err)
			}
			r := rows[0]
			got := wx.TradeRow{SubMerchantID: r.SubMerchantID, State: r.State, Amount: r.Amount, Settled: r.Settled,
				RefundAmount: r.RefundAmount, RefundSettled: r.RefundSettled, RefundState: r.RefundState}
			if got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestEmptyBill(t *testing.T) {
	rows, err := trades(t, "\ufeff"+lines(headAll, totals, "`0,`0.00,`0.00,`0.00,`0.00000,`0.00,`0.00"))
	if err != nil || len(rows) != 0 {
		t.Errorf("%d rows, error %v", len(rows), err)
	}
}

// TestRefused has one row for each way in which a bill is not what it should be, and says where.
func TestRefused(t *testing.T) {
	replaced := func(old, with string) string {
		text := lines(headAll, paidRow, refundRow, totals, bothTotals)
		if !strings.Contains(text, old) {
			t.Fatalf("there is no %q", old)
		}
		return strings.Replace(text, old, with, 1)
	}
	for name, c := range map[string]struct{ text, says string }{
		"nothing":                {"", "line 1: the bill is empty"},
		"a header alone":         {lines(headAll), "before its totals"},
		"cut between rows":       {lines(headAll, paidRow), "before its totals"},
		"cut before the totals":  {lines(headAll, paidRow, totals), "before its totals"},
		"an error page":          {"<html>\n", "line 1, column 交易时间: the header has no such column"},
		"a column is missing":    {replaced("商户订单号", "订单号"), "column 商户订单号"},
		"a cell too few":         {replaced("`oOPENID,", ""), "line 2: 26 cells, the header has 27"},
		"a cell too many":        {replaced("`oOPENID,", "`oOPENID,`x,"), "line 2: 28 cells"},
		"scientific notation":    {replaced("`12.34", "`1.234E+1"), "line 2, column 订单金额: not an amount"},
		"no amount":              {replaced("`12.34", "`"), "line 2, column 订单金额: a payment without an amount"},
		"an amount of letters":   {replaced("`12.34", "`secret"), "line 2, column 订单金额: not an amount"},
		"a comma in an amount":   {replaced("`12.34", "`12,34"), "line 2, column 订单金额: not an amount"},
		"half a fen":             {replaced("`12.34", "`12.345"), "line 2, column 订单金额: less than a fen"},
		"a very large amount":    {replaced("`12.34", "`9999999999999"), "line 2, column 订单金额: not an amount"},
		"no time":                {replaced("`2019-02-19 05:01:46", "`"), "line 2, column 交易时间"},
		"a time that is not one": {replaced("2019-02-19 05:01:46", "2019-02-30 05:01:46"), "line 2, column 交易时间"},
		"an unknown state":       {replaced("`SUCCESS", "`secret"), "line 2, column 交易状态: a state that nobody knows"},
		"no number":              {replaced("`order-1", "`0"), "line 2"},
		"one row short":          {replaced(refundRow+"\n", ""), "line 4, column 总交易单数: the rows do not add up"},
		"a fen was changed":      {replaced("`12.34", "`12.35"), "column 订单总金额: the rows do not add up"},
		"fees were changed":      {replaced("`0.07404", "`7.07404"), "column 手续费总金额: the rows do not add up"},
		"a total is missing":     {replaced("`2,`12.00", "`2,`"), "column 应结订单总金额: the total is missing"},
		"totals too few":         {replaced(",`12.34,`1.23\n", "\n"), "line 5: 5 totals"},
		"more behind the totals": {lines(headAll, paidRow, refundRow, totals, bothTotals, paidRow), "something follows"},
		"a line without an end":  {lines(headAll) + strings.Repeat("`secret", 20_000), "line 2: the line is too long"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := trades(t, c.text)
			if !errors.Is(err, wx.ErrBillUnreadable) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %v, want one that says %q", err, c.says)
			}
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("the error shows what stands in the bill: %v", err)
			}
		})
	}
}

// TestReaderThatBreaksOff: what was read before is not a bill.
func TestReaderThatBreaksOff(t *testing.T) {
	broken := errors.New("the disk is gone")
	text := lines(headAll, paidRow)
	r := &brokenReader{strings.NewReader(text), broken}
	if err := bill.Trades(r, func(wx.TradeRow) error { return nil }); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	stop := errors.New("enough")
	if err := bill.Trades(strings.NewReader(text), func(wx.TradeRow) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("error %v", err)
	}
}

type brokenReader struct {
	r   *strings.Reader
	err error
}

func (b *brokenReader) Read(p []byte) (int, error) {
	if b.r.Len() == 0 {
		return 0, b.err
	}
	return b.r.Read(p)
}

func TestFlows(t *testing.T) {
	head := "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额（元）,账户结余（元）,资金变更提交申请人,备注,业务凭证号"
	in := "`2018-02-01 13:00:00,`42,`FUND-1,`交易,`交易,`收入,`1.00,`2.00,`system,`缺货, 多件,`order-1"
	out := "`2018-02-01 04:21:23,`50,`19,`退款,`退款,`支出,`0.02,`0.17,`1601959334API,`退款总金额0.01元;含手续费0.00元,`REF42"
	sums := "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额"
	for _, h := range []string{head, strings.NewReplacer("（", "(", "）", ")").Replace(head)} {
		var rows []wx.FlowRow
		text := lines(h, in, out, sums, "`2.0,`1.0,`1.00,`1.0,`0.02")
		if err := bill.Flows(strings.NewReader(text), func(r wx.FlowRow) error { rows = append(rows, r); return nil }); err != nil {
			t.Fatal(err)
		}
		want := wx.FlowRow{
			At: time.Date(2018, 1, 31, 20, 21, 23, 0, time.UTC), BusinessNo: "50", FlowNo: "19", Name: "退款", Type: "退款", Amount: 2, Balance: 17, Voucher: "REF42",
		}
		got := rows[1]
		got.Line, got.End = 0, 0
		if len(rows) != 2 || got != want || !rows[0].In || rows[0].Amount != 100 {
			t.Errorf("got %+v", rows)
		}
	}
	for name, text := range map[string]string{
		"income":    lines(head, in, out, sums, "`2,`1,`1.01,`1,`0.02"),
		"outgo":     lines(head, in, out, sums, "`2,`1,`1.00,`1,`0.03"),
		"counts":    lines(head, in, out, sums, "`2,`2,`1.00,`0,`0.02"),
		"rows":      lines(head, in, out, sums, "`3,`1,`1.00,`1,`0.02"),
		"direction": lines(head, strings.Replace(in, "收入", "secret", 1), sums, "`1,`1,`1.00,`0,`0"),
		"amount":    lines(head, strings.Replace(in, "`1.00", "`1.001", 1), sums, "`1,`1,`1.00,`0,`0"),
		"shape":     lines(headAll, totals, "`0,`0.00,`0.00,`0.00,`0.00000,`0.00,`0.00"),
		"no totals": lines(head, in),
	} {
		err := bill.Flows(strings.NewReader(text), func(wx.FlowRow) error { return nil })
		if !errors.Is(err, wx.ErrBillUnreadable) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestFileIsReadTwiceAndGone(t *testing.T) {
	f, err := os.CreateTemp(t.TempDir(), "bill")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(lines(headAll, paidRow, refundRow, totals, bothTotals)); err != nil {
		t.Fatal(err)
	}
	b, err := bill.Spooled(f)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		n := 0
		if err := b.Trades(func(wx.TradeRow) error { n++; return nil }); err != nil || n != 2 {
			t.Errorf("%d rows, error %v", n, err)
		}
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(f.Name()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file is still there: %v", err)
	}
}

func TestFeeIsRoundedToFen(t *testing.T) {
	for fee, want := range map[wx.Fee]model.Fen{0: 0, 499: 0, 500: 1, 1499: 1, -499: 0, -500: -1, 7404: 7} {
		if got := fee.Fen(); got != want {
			t.Errorf("%d is %d fen, want %d", fee, got, want)
		}
	}
}
