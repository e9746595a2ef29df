package reconcile

import (
	"context"
	"fmt"
	"time"

	"wxhub/model"
	"wxhub/wx"
)

// lateBooking is how long after a payment its money may be booked: what happened so short before midnight
// is not missed, as it may be in the account on the next day.
const lateBooking = 30 * time.Minute

// flowWords stand for the bill's own where the account is what differs.
const flowWords = "fund flow"

func ofFlow(kind model.DifferenceKind) bool {
	return kind == model.DiffFlowMissing || kind == model.DiffFlowAmount
}

// movedKey is WeChat Pay's number of a row, under which the account has its money.
func movedKey(about byte, row wx.TradeRow) key {
	if about == ofRefund {
		return keyOf(about, row.RefundID)
	}
	return keyOf(about, row.TransactionID)
}

// readFlow adds up what moved in the account for each payment and refund of the trade bill. Everything else
// that an account has, such as fees, withdrawals and profit sharing, is normal business, and only counted.
func (c *comparison) readFlow() error {
	if c.flow == nil {
		return nil
	}
	c.moved.seal()
	return c.flow.Flows(func(row wx.FlowRow) error {
		if row.At.Before(c.day.From().Add(-nearDay)) || !row.At.Before(c.day.Until().Add(nearDay)) {
			return wx.ErrBillUnreadable.Because(fmt.Errorf("line %d: it is the fund-flow bill of another day", row.Line))
		}
		c.flowRows++
		about, sum := byte(ofRefund), &c.flowOut
		if row.In {
			about, sum = ofPayment, &c.flowIn
		}
		add(sum, row.Amount)
		if e, _ := c.moved.find(keyOf(about, row.BusinessNo)); e != nil {
			e.print += uint64(row.Amount)
		}
		return nil
	})
}

// judgeFlow compares the account with a row of the trade bill that our books agree with. What they do not agree about
// has been said.
func (c *comparison) judgeFlow(ctx context.Context, row wx.TradeRow) error {
	about, number := aboutOf(row)
	e, n := c.table.find(keyOf(about, number))
	if c.flow == nil || n != 1 || e.marks&settled == 0 {
		return nil
	}
	f, _ := c.moved.find(movedKey(about, row))
	if f == nil || c.plausible(row, model.Fen(f.print)) {
		return nil
	}
	d := c.ofRow(row)
	d.Kind, d.BillAmount, d.BillStatus = model.DiffFlowAmount, model.Fen(f.print), flowWords
	if f.print == 0 {
		d.Kind, d.Rows = model.DiffFlowMissing, 0
	}
	return c.reportFlow(ctx, row, d)
}

// plausible tells whether so much may have moved for a row: what it settles, and, as nobody says whether the
// fee is booked by itself, up to the fee less.
func (c *comparison) plausible(row wx.TradeRow, moved model.Fen) bool {
	wanted, fee := row.Settled, row.Fee.Fen()
	if row.State == wx.RowRefund {
		wanted, fee = row.RefundSettled, -fee
	}
	const rounding = 1
	return moved <= wanted && moved >= wanted-max(fee, 0)-rounding
}

// reportFlow looks the order up, and lets pass what is normal business: money that is frozen for profit sharing, and what
// may be booked on the next day.
func (c *comparison) reportFlow(ctx context.Context, row wx.TradeRow, d model.Difference) error {
	late := c.day.Until().Add(-lateBooking)
	var o model.Order
	var p model.Payment
	var r model.Refund
	var err error
	if row.State == wx.RowRefund {
		if o, r, err = c.Payments.FindRefund(ctx, row.OutRefundNo); err != nil {
			return err
		}
		d.OurAmount, d.OurStatus = r.Amount, string(r.Status)
	} else {
		if o, p, err = c.Payments.FindPayment(ctx, row.OutTradeNo); err != nil {
			return err
		}
		d.OurAmount, d.OurStatus = o.Amount, string(p.Status)
	}
	if d.OrderID = o.ID; o.ProfitSharing {
		return nil
	}
	if booked := latest(row.At, p.PaidAt, r.SucceededAt); d.Kind == model.DiffFlowMissing && booked.After(late) {
		return nil
	}
	return c.report(ctx, d)
}

func latest(times ...time.Time) (out time.Time) {
	for _, at := range times {
		if at.After(out) {
			out = at
		}
	}
	return out
}
