package bill_test

import (
	"errors"
	"strings"
	"testing"

	"wxhub/wx"
	"wxhub/wx/bill"
)

// FuzzTrades: whatever comes, it is a bill or is refused with an error that shows nothing of it.
func FuzzTrades(f *testing.F) {
	f.Add(lines(headAll, paidRow, refundRow, totals, bothTotals))
	f.Add("\ufeff" + strings.ReplaceAll(lines(headRefund, totals, "`0,`0,`0,`0,`0,`0,`0"), "\n", "\r\n"))
	f.Add(lines("商户号,交易时间,微信订单号,商户订单号,交易状态,订单金额", "`1,`2019-02-19 05:01:46,`2,`3,`SUCCESS,`0.01", "总交易单数,订单总金额", "`1,`0.01"))
	f.Fuzz(func(t *testing.T, text string) {
		var sum, refunds int64
		err := bill.Trades(strings.NewReader(text), func(r wx.TradeRow) error {
			if r.Amount < 0 || r.State == wx.RowPaid && (r.Amount == 0 || r.OutTradeNo == "") || r.Line < 2 || r.End > int64(len(text)) {
				t.Errorf("row %+v", r)
			}
			sum, refunds = sum+int64(r.Amount), refunds+int64(r.RefundAmount)
			return nil
		})
		if err != nil && !errors.Is(err, wx.ErrBillUnreadable) {
			t.Errorf("error %v", err)
		}
		if err != nil && len(text) > 40 && strings.Contains(err.Error(), text) {
			t.Error("the error shows the bill")
		}
	})
}

// FuzzFlows is the same for fund-flow bills.
func FuzzFlows(f *testing.F) {
	f.Add(lines("记账时间,微信支付业务单号,资金流水单号,收支类型,收支金额(元)", "`2018-02-01 04:21:23,`5,`1,`支出,`0.02", "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额", "`1,`0,`0,`1,`0.02"))
	f.Fuzz(func(t *testing.T, text string) {
		err := bill.Flows(strings.NewReader(text), func(wx.FlowRow) error { return nil })
		if err != nil && !errors.Is(err, wx.ErrBillUnreadable) {
			t.Errorf("error %v", err)
		}
	})
}
