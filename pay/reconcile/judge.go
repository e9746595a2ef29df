package reconcile

import (
	"context"
	"errors"

	"wxhub/model"
	"wxhub/wx"
)

// judgeRow says what is to be said about a row that was not settled.
func (c *comparison) judgeRow(ctx context.Context, row wx.TradeRow) error {
	about, number := aboutOf(row)
	e, n := c.table.find(keyOf(about, number))
	if e == nil || e.marks&judged != 0 || e.marks&(settled|repeated) == settled {
		return nil
	}
	e.marks |= judged
	if n > 1 {
		d := c.ofRow(row)
		d.Kind, d.Rows = model.DiffDuplicate, n
		if err := c.report(ctx, d); err != nil {
			return err
		}
	}
	if e.marks&settled != 0 {
		return nil
	}
	switch about {
	case ofRefund:
		return c.judgeRefund(ctx, row)
	case ofReversal:
		return c.judgeReversal(ctx, row)
	}
	return c.judgePayment(ctx, row)
}

func (c *comparison) judgePayment(ctx context.Context, row wx.TradeRow) error {
	d := c.ofRow(row)
	o, p, err := c.Payments.FindPayment(ctx, row.OutTradeNo)
	if isUnknown(err) {
		return c.finding(ctx, d, model.DiffUnknownHere)
	}
	if err != nil {
		return err
	}
	d.OrderID, d.OurAmount, d.OurStatus = o.ID, o.Amount, string(p.Status)
	if paid(p) {
		return c.agree(ctx, d, c.differsPaid(row, o, p))
	}
	if reversal, _ := c.table.find(keyOf(ofReversal, row.OutTradeNo)); reversal != nil {
		return nil // paid and taken back on the same day
	}
	d.Kind = model.DiffMissingHere
	if o.MerchantID == c.MerchantID && c.ask(ctx, d, func() error { _, err := c.Payments.AskPayment(ctx, row.OutTradeNo); return err }) {
		if o, p, err = c.Payments.FindPayment(ctx, row.OutTradeNo); err != nil {
			return err
		}
		if paid(p) {
			d.Status = model.DifferenceRepaired
			if err := c.report(ctx, d); err != nil {
				return err
			}
			d.Status, d.OurStatus = "", string(p.Status)
			return c.agree(ctx, d, c.differsPaid(row, o, p))
		}
	}
	return c.report(ctx, d)
}

// differsPaid compares a payment that both sides have.
func (c *comparison) differsPaid(row wx.TradeRow, o model.Order, p model.Payment) (kinds []model.DifferenceKind) {
	if row.Amount != o.Amount || row.Currency != "" && row.Currency != o.Currency {
		kinds = append(kinds, model.DiffAmount)
	}
	if row.TransactionID != p.TransactionID || c.sub(row) != o.SubMerchantID || o.MerchantID != c.MerchantID {
		kinds = append(kinds, model.DiffReference)
	}
	if !c.day.Contains(p.PaidAt) {
		kinds = append(kinds, model.DiffDay)
	}
	return kinds
}

func (c *comparison) judgeRefund(ctx context.Context, row wx.TradeRow) error {
	d := c.ofRow(row)
	o, r, err := c.Payments.FindRefund(ctx, row.OutRefundNo)
	if isUnknown(err) {
		return c.judgeForeignRefund(ctx, row, d)
	}
	if err != nil {
		return err
	}
	d.OrderID, d.OurAmount, d.OurStatus = o.ID, r.Amount, string(r.Status)
	if !agrees(row.RefundState, r.Status) {
		d.Kind = model.DiffStatus
		if row.RefundState == wx.RowRefundSuccess && r.Status != model.RefundClosed && r.Status != model.RefundAbnormal {
			d.Kind = model.DiffMissingHere
		}
		if o.MerchantID == c.MerchantID && c.ask(ctx, d, func() error { _, err := c.Payments.AskRefund(ctx, r.ID); return err }) {
			if o, r, err = c.Payments.FindRefund(ctx, r.ID); err != nil {
				return err
			}
			if agrees(row.RefundState, r.Status) {
				d.Status = model.DifferenceRepaired
			}
		}
		if err := c.report(ctx, d); err != nil {
			return err
		}
		d.Status, d.OurStatus = "", string(r.Status)
	}
	return c.agree(ctx, d, c.differsRefund(row, o, r))
}

// judgeForeignRefund is about a refund that was not made here: by hand on the merchant platform when the
// payment is ours.
func (c *comparison) judgeForeignRefund(ctx context.Context, row wx.TradeRow, d model.Difference) error {
	o, _, err := c.Payments.FindPayment(ctx, row.OutTradeNo)
	if isUnknown(err) || err == nil && o.MerchantID != c.MerchantID {
		return c.finding(ctx, d, model.DiffUnknownHere)
	}
	if err != nil {
		return err
	}
	d.OrderID = o.ID
	return c.finding(ctx, d, model.DiffMissingHere)
}

func (c *comparison) differsRefund(row wx.TradeRow, o model.Order, r model.Refund) (kinds []model.DifferenceKind) {
	if row.RefundAmount != r.Amount {
		kinds = append(kinds, model.DiffAmount)
	}
	otherID := r.RefundID != "" && row.RefundID != "" && row.RefundID != r.RefundID
	if otherID || row.OutTradeNo != r.OutTradeNo || c.sub(row) != o.SubMerchantID || o.MerchantID != c.MerchantID {
		kinds = append(kinds, model.DiffReference)
	}
	return kinds
}

// agrees compares a status in a bill with ours. The bill keeps the one of the moment at which it was made.
func agrees(bill string, ours model.RefundStatus) bool {
	switch bill {
	case wx.RowRefundSuccess:
		return ours == model.RefundSucceeded
	case wx.RowRefundFailed:
		return ours == model.RefundClosed || ours == model.RefundFailed
	case wx.RowRefundAbnormal:
		return ours == model.RefundAbnormal || ours == model.RefundClosed || ours == model.RefundSucceeded
	}
	// PROCESSING, or what nobody has described: WeChat Pay has accepted it.
	return ours != model.RefundCreated && ours != model.RefundFailed
}

// judgeReversal is about a code payment that the bill says was taken back.
func (c *comparison) judgeReversal(ctx context.Context, row wx.TradeRow) error {
	d := c.ofRow(row)
	o, p, err := c.Payments.FindPayment(ctx, row.OutTradeNo)
	if isUnknown(err) {
		return c.finding(ctx, d, model.DiffUnknownHere)
	}
	if err != nil || !paid(p) {
		return err
	}
	d.OrderID, d.OurAmount, d.OurStatus = o.ID, o.Amount, string(p.Status)
	return c.finding(ctx, d, model.DiffStatus)
}

func isUnknown(err error) bool {
	switch model.CodeOf(err) {
	case "payment_unknown", "refund_not_found":
		return err != nil
	}
	return false
}

// maxUnasked is after how many calls without an answer WeChat Pay is left alone for the rest of
// a run: a later one asks again.
const maxUnasked = 5

// ask asks WeChat Pay about what the bill says; false when that brought no answer.
func (c *comparison) ask(ctx context.Context, d model.Difference, call func() error) bool {
	if c.unasked >= maxUnasked || ctx.Err() != nil {
		return false
	}
	err := call()
	if err == nil {
		c.unasked = 0
		return true
	}
	if errors.Is(err, wx.ErrTimeout) || errors.Is(err, wx.ErrBusy) || errors.Is(err, wx.ErrRateLimited) {
		c.unasked++
	}
	c.Log.WarnContext(ctx, "WeChat Pay could not be asked about a difference; it stays open", "number", d.Number, "error", err.Error())
	return false
}
