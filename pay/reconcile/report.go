package reconcile

import (
	"context"
	"errors"
	"time"

	"wxhub/model"
	"wxhub/wx"
)

// ofRow begins a difference with what the bill says.
func (c *comparison) ofRow(row wx.TradeRow) model.Difference {
	d := model.Difference{
		MerchantID: c.MerchantID, SubMerchantID: c.sub(row), Date: c.day.String(), Rows: 1,
		Entry: model.EntryPayment, Number: row.OutTradeNo, OutTradeNo: row.OutTradeNo, Upstream: row.TransactionID,
		BillAmount: row.Amount, BillStatus: row.State,
	}
	if row.State == wx.RowRefund {
		d.Entry, d.Number, d.Upstream = model.EntryRefund, refundNumber(row), row.RefundID
		d.BillAmount, d.BillStatus = row.RefundAmount, row.State+" "+row.RefundState
	}
	return d
}

// ofOurs begins one with what the books say of a payment.
func ofOurs(o model.Order, p model.Payment) model.Difference {
	return model.Difference{
		SubMerchantID: o.SubMerchantID, Entry: model.EntryPayment, Number: p.OutTradeNo, OutTradeNo: p.OutTradeNo,
		OrderID: o.ID, Upstream: p.TransactionID, OurAmount: o.Amount, OurStatus: string(p.Status),
	}
}

// ofOurRefund begins one with what the books say of a refund.
func ofOurRefund(o model.Order, r model.Refund) model.Difference {
	return model.Difference{
		SubMerchantID: o.SubMerchantID, Entry: model.EntryRefund, Number: r.ID, OutTradeNo: r.OutTradeNo,
		OrderID: o.ID, Upstream: r.RefundID, OurAmount: r.Amount, OurStatus: string(r.Status),
	}
}

func (c *comparison) finding(ctx context.Context, d model.Difference, kind model.DifferenceKind) error {
	d.Kind = kind
	return c.report(ctx, d)
}

// agree reports every way in which the two sides differ; none is what is hoped for.
func (c *comparison) agree(ctx context.Context, d model.Difference, kinds []model.DifferenceKind) error {
	for _, kind := range kinds {
		if err := c.finding(ctx, d, kind); err != nil {
			return err
		}
	}
	return nil
}

// report stores a difference that this run found, and counts it.
func (c *comparison) report(ctx context.Context, d model.Difference) error {
	d.MerchantID, d.Date = c.MerchantID, c.day.String()
	if d.Status == "" {
		d.Status = model.DifferenceOpen
	}
	d.ID = DifferenceID(d)
	if len(c.found) >= c.maxListed {
		c.sums.unlisted(d)
		return nil
	}
	stored, err := c.record(ctx, d)
	if err != nil {
		return err
	}
	c.found[d.ID] = true
	c.sums.difference(stored)
	if c.Meter != nil {
		c.Meter.Difference(stored.Kind, stored.Status)
	}
	return nil
}

// record brings what was found together with what is stored about it.
func (s *Service) record(ctx context.Context, d model.Difference) (model.Difference, error) {
	d.FoundAt = s.now()
	d.ChangedAt = d.FoundAt
	for {
		old, err := s.Store.Difference(ctx, d.ID)
		if errors.Is(err, model.ErrNotFound) {
			added, err := s.Store.AddDifference(ctx, d)
			if err != nil || added {
				return d, err
			}
			continue // another process has just found it
		}
		if err != nil {
			return d, err
		}
		next, changed, err := again(old, d)
		if err != nil || !changed {
			return next, err
		}
		if err = s.Store.ReplaceDifference(ctx, next); !errors.Is(err, model.ErrStale) {
			return next, err
		}
	}
}

// again is what becomes of a difference that is found once more.
func again(old, d model.Difference) (next model.Difference, changed bool, err error) {
	next = d
	next.FoundAt, next.Note, next.Status, next.ChangedAt, next.Version = old.FoundAt, old.Note, old.Status, old.ChangedAt, old.Version
	same := next == old
	if same && (old.Status == d.Status || old.Status == model.DifferenceResolved && d.Status == model.DifferenceOpen) {
		return old, false, nil
	}
	if old.Status != d.Status {
		if err := moveDifference(&next, d.Status); err != nil {
			return old, false, err
		}
		next.ChangedAt = d.ChangedAt
	}
	return next, true, nil
}

// vanish closes the open differences of the day that this run did not find.
func (c *comparison) vanish(ctx context.Context) error {
	if len(c.found) >= c.maxListed {
		return nil // not all that was found is known
	}
	f := model.DifferenceFilter{MerchantID: c.MerchantID, SubMerchantID: c.SubMerchantID, Date: c.day.String(), Status: model.DifferenceOpen}
	return c.Differences(ctx, f, func(d model.Difference) error {
		if c.found[d.ID] || c.flow == nil && ofFlow(d.Kind) { // nobody looked
			return nil
		}
		if err := moveDifference(&d, model.DifferenceVanished); err != nil {
			return err
		}
		d.ChangedAt = c.now()
		err := c.Store.ReplaceDifference(ctx, d)
		if errors.Is(err, model.ErrStale) { // an operator was faster
			return nil
		}
		return err
	})
}

// finish stores the statement: of the day, and of each sub merchant that it has.
func (s *Service) finish(ctx context.Context, c *comparison, started time.Time) (model.Statement, error) {
	if err := c.vanish(ctx); err != nil {
		return model.Statement{}, err
	}
	if c.account.Partner && c.SubMerchantID == "" {
		for sub, x := range c.sums {
			if sub == "" {
				continue
			}
			if _, err := s.conclude(ctx, c, sub, x, started); err != nil {
				return model.Statement{}, err
			}
		}
	}
	return s.conclude(ctx, c, c.SubMerchantID, c.sums.all(), started)
}

func (s *Service) conclude(ctx context.Context, c *comparison, sub string, x *total, started time.Time) (model.Statement, error) {
	id := StatementID(c.MerchantID, sub, c.day.String())
	for {
		old, err := s.Store.Statement(ctx, id)
		if err != nil && !errors.Is(err, model.ErrNotFound) {
			return old, err
		}
		out := model.Statement{
			ID: id, MerchantID: c.MerchantID, SubMerchantID: sub, Date: c.day.String(), Status: model.StatementDone,
			Attempts: old.Attempts, StartedAt: started, FinishedAt: s.now(), Version: old.Version,
		}
		x.into(&out)
		out.FlowRows, out.FlowIn, out.FlowOut = c.flowRows, c.flowIn, c.flowOut
		if err == nil {
			if err = s.Store.ReplaceStatement(ctx, out); !errors.Is(err, model.ErrStale) {
				return out, err
			}
			continue
		}
		added, err := s.Store.AddStatement(ctx, out)
		if err != nil || added {
			return out, err
		}
	}
}
