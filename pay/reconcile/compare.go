package reconcile

import (
	"context"
	"fmt"
	"time"

	"wxhub/model"
	"wxhub/wx"
)

// listed bounds the differences that one run stores. More of them are not about single
// payments: the bill or the store is the wrong one. The rest is counted.
const listed = 10_000

// nearDay is how far from its day a payment in a bill may be: a bill whose payments are further off
// is that of another day.
const nearDay = 2 * time.Hour

// comparison is one run.
type comparison struct {
	*Service
	Request
	day     Day
	account Account
	bill    wx.Bill
	flow    wx.Bill // the fund-flow bill; nil: not looked at
	table   table
	moved   table // what the trade bill says must have moved: by WeChat Pay's number, what did as print
	sums    totals
	missing []model.Difference // in the books and not in the bill
	lost    map[string]bool    // their numbers
	found   map[string]bool    // ids of what was stored
	unasked int                // calls to WeChat Pay that failed in a row

	flowRows        int64
	flowIn, flowOut model.Sum
}

func newComparison(s *Service, r Request, d Day, a Account, b wx.Bill) *comparison {
	return &comparison{
		Service: s, Request: r, day: d, account: a, bill: b, sums: totals{}, lost: map[string]bool{}, found: map[string]bool{},
	}
}

func (c *comparison) compare(ctx context.Context) error {
	if err := c.bill.Trades(c.take); err != nil {
		return err
	}
	c.table.seal()
	err := c.Store.MovedOrders(ctx, c.MerchantID, c.SubMerchantID, c.day.From(), c.day.Until(), func(o model.Order) error {
		c.look(o)
		return ctx.Err()
	})
	if err != nil {
		return err
	}
	for _, d := range c.missing {
		if err := c.report(ctx, d); err != nil {
			return err
		}
	}
	c.missing = nil
	if err := c.readFlow(); err != nil {
		return err
	}
	if !c.table.unsettled() && c.flow == nil {
		return nil
	}
	return c.bill.Trades(func(row wx.TradeRow) error {
		c.progress(c.bill.Size() + row.End)
		if err := c.judgeRow(ctx, row); err != nil {
			return err
		}
		return c.judgeFlow(ctx, row)
	})
}

func (c *comparison) progress(done int64) {
	if c.Progress != nil {
		c.Progress(done, 2*c.bill.Size())
	}
}

// aboutOf says what a row is about, under which number.
func aboutOf(row wx.TradeRow) (about byte, number string) {
	switch row.State {
	case wx.RowRefund:
		return ofRefund, refundNumber(row)
	case wx.RowReversed:
		return ofReversal, row.OutTradeNo
	}
	return ofPayment, row.OutTradeNo
}

// refundNumber is WeChat Pay's own for a refund that was not asked for with one.
func refundNumber(row wx.TradeRow) string {
	if row.OutRefundNo == "" {
		return row.RefundID
	}
	return row.OutRefundNo
}

// take puts one row of the bill into the table.
func (c *comparison) take(row wx.TradeRow) error {
	if err := c.belongs(row); err != nil {
		return err
	}
	c.progress(row.End)
	print := uint64(toLookAt)
	switch {
	case row.State == wx.RowPaid:
		print = printOf(row.Amount, row.TransactionID, c.sub(row))
	case row.State == wx.RowRefund && row.RefundState == wx.RowRefundSuccess:
		print = printOf(row.RefundAmount, row.RefundID, c.sub(row))
	}
	about, number := aboutOf(row)
	c.table.add(keyOf(about, number), print)
	if c.flow != nil && print != toLookAt {
		c.moved.add(movedKey(about, row), 0)
	}
	c.sums.bill(c.sub(row), row)
	return nil
}

// sub is the sub merchant of a row, as orders have it.
func (c *comparison) sub(row wx.TradeRow) string {
	if !c.account.Partner {
		return ""
	}
	return row.SubMerchantID
}

// belongs refuses a bill that is another's: it would make a difference of every order.
func (c *comparison) belongs(row wx.TradeRow) error {
	reason := ""
	switch off := row.At; {
	case row.MerchantID != c.MerchantID:
		reason = "it is the bill of another merchant"
	case c.SubMerchantID != "" && row.SubMerchantID != c.SubMerchantID:
		reason = "it is the bill of another sub merchant"
	case row.State == wx.RowPaid && (off.Before(c.day.From().Add(-nearDay)) || !off.Before(c.day.Until().Add(nearDay))):
		reason = "it is the bill of another day"
	default:
		return nil
	}
	return wx.ErrBillUnreadable.Because(fmt.Errorf("line %d: %s", row.Line, reason))
}

// paid reports whether an attempt brought money, by our books.
func paid(p model.Payment) bool {
	return p.Status == model.PaymentPaid || p.Status == model.PaymentDuplicate || p.Status == model.PaymentLate
}

// look compares what moved in an order on the day with the table.
func (c *comparison) look(o model.Order) {
	for _, p := range o.Payments {
		if !paid(p) || !c.day.Contains(p.PaidAt) {
			continue
		}
		k := keyOf(ofPayment, p.OutTradeNo)
		if reversal, _ := c.table.find(keyOf(ofReversal, p.OutTradeNo)); reversal != nil {
			if e, _ := c.table.find(k); e == nil {
				c.sums.ourPayment(o) // what there is to say is said of the reversal
				continue
			}
		}
		c.match(k, printOf(o.Amount, p.TransactionID, o.SubMerchantID), func() { c.sums.ourPayment(o) }, ofOurs(o, p))
	}
	for _, r := range o.Refunds {
		if r.Status == model.RefundSucceeded && c.day.Contains(r.CreatedAt) && c.day.Contains(r.SucceededAt) {
			c.match(keyOf(ofRefund, r.ID), printOf(r.Amount, r.RefundID, o.SubMerchantID), func() { c.sums.ourRefund(o, r) }, ofOurRefund(o, r))
		}
	}
}

// match marks an entry of the table. An order that changes while the books are read may come
// twice: it is counted once.
func (c *comparison) match(k key, print uint64, count func(), absent model.Difference) {
	e, _ := c.table.find(k)
	switch {
	case e == nil && !c.lost[absent.Number]:
		count()
		absent.Kind = model.DiffMissingThere
		if len(c.missing) < c.maxListed {
			c.missing = append(c.missing, absent)
			c.lost[absent.Number] = true
		} else {
			c.sums.unlisted(absent)
		}
	case e != nil && e.marks&seen == 0:
		count()
		e.marks |= seen
		if e.print == print {
			e.marks |= settled
		}
	}
}
