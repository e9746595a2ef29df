package bill

import (
	"io"

	"wxhub/model"
	"wxhub/wx"
)

const tradeCount = "总交易单数"

// tradeTotals are the totals of a trade bill, of today and of before.
var tradeTotals = []total{
	{"应结订单总金额", []string{"应结订单金额"}, false},
	{"退款总金额", []string{"退款金额"}, false},
	{"充值券退款总金额", []string{"充值券退款金额"}, false},
	{"手续费总金额", []string{"手续费"}, true},
	{"订单总金额", []string{"订单金额"}, false},
	{"申请退款总金额", []string{"申请退款金额"}, false},
	{"总交易额", []string{"总金额"}, false},
	{"总退款金额", []string{"退款金额"}, false},
	{"总代金券或立减优惠退款金额", []string{"代金券或立减优惠退款金额"}, false},
	{"总企业红包退款金额", []string{"企业红包退款金额"}, false},
}

// tradeColumns are where things stand; -1 for what a shape does not have.
type tradeColumns struct {
	at, merchant, sub, transaction, outTradeNo, state, amount, settled, currency, fee int
	refundID, outRefundNo, refundAmount, refundSettled, refundState                   int
}

func (s *sheet) tradeColumns() (c tradeColumns, err error) {
	for _, x := range []struct {
		into  *int
		names []string
	}{
		{&c.at, []string{"交易时间"}},
		{&c.merchant, []string{"商户号"}},
		{&c.transaction, []string{"微信订单号"}},
		{&c.outTradeNo, []string{"商户订单号"}},
		{&c.state, []string{"交易状态"}},
		{&c.amount, []string{"订单金额", "总金额", "应结订单金额"}},
	} {
		if *x.into, err = s.need(x.names...); err != nil {
			return c, err
		}
	}
	c.sub = s.column("特约商户号", "子商户号")
	c.currency, c.fee = s.column("货币种类"), s.column("手续费")
	c.refundID, c.outRefundNo = s.column("微信退款单号"), s.column("商户退款单号")
	c.refundAmount, c.refundState = s.column("申请退款金额", "退款金额"), s.column("退款状态")
	c.settled, c.refundSettled = s.column("应结订单金额"), s.column("退款金额")
	return c, nil
}

// Trades calls each with every row of a trade bill, then checks the totals. Only after it
// has returned nil are the rows to be believed.
//
// Errors: wx.ErrBillUnreadable with line and column; those of r and of each.
func Trades(r io.Reader, each func(wx.TradeRow) error) error {
	s := newSheet(r)
	if err := s.header(); err != nil {
		return err
	}
	c, err := s.tradeColumns()
	if err != nil {
		return err
	}
	sums := s.sums(tradeTotals)
	for {
		more, err := s.row(tradeCount)
		if err != nil {
			return err
		}
		if !more {
			return sums.check(s, tradeCount, map[string]int64{})
		}
		if err := sums.add(s); err != nil {
			return err
		}
		row, err := s.trade(c)
		if err != nil {
			return err
		}
		if err := each(row); err != nil {
			return err
		}
	}
}

func (s *sheet) trade(c tradeColumns) (row wx.TradeRow, err error) {
	row = wx.TradeRow{
		Line: s.line, End: s.end, MerchantID: s.cell(c.merchant), SubMerchantID: s.number(c.sub),
		TransactionID: s.number(c.transaction), OutTradeNo: s.number(c.outTradeNo), State: s.cell(c.state), Currency: s.cell(c.currency),
		RefundID: s.number(c.refundID), OutRefundNo: s.number(c.outRefundNo), RefundState: s.cell(c.refundState),
	}
	if row.At, err = clock(s.cell(c.at)); err != nil {
		return row, s.faultAt(c.at, err.Error())
	}
	amount, err := s.fen(c.amount)
	if err != nil {
		return row, err
	}
	if row.RefundAmount, err = s.fen(c.refundAmount); err != nil {
		return row, err
	}
	settled := amount
	if c.settled >= 0 {
		if settled, err = s.fen(c.settled); err != nil {
			return row, err
		}
	}
	if row.RefundSettled, err = s.fen(c.refundSettled); err != nil {
		return row, err
	}
	if row.Fee, err = yuan(s.cell(c.fee)); err != nil {
		return row, s.faultAt(c.fee, err.Error())
	}
	switch row.State {
	case wx.RowPaid:
		row.Amount, row.Settled = amount, settled
		if row.Amount <= 0 || row.OutTradeNo == "" || row.TransactionID == "" {
			return row, s.faultAt(c.amount, "a payment without an amount or without its numbers")
		}
	case wx.RowRefund:
		if row.RefundAmount <= 0 || row.OutRefundNo == "" && row.RefundID == "" {
			return row, s.faultAt(c.refundAmount, "a refund without an amount or without its number")
		}
	case wx.RowReversed:
		if row.OutTradeNo == "" {
			return row, s.faultAt(c.outTradeNo, "a reversed payment without its number")
		}
	default:
		return row, s.faultAt(c.state, "a state that nobody knows")
	}
	return row, nil
}

func (s *sheet) fen(column int) (out model.Fen, err error) {
	amount, err := yuan(s.cell(column))
	if err == nil {
		out, err = fen(amount)
	}
	if err != nil {
		return 0, s.faultAt(column, err.Error())
	}
	return out, nil
}
