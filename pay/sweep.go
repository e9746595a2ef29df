package pay

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"wxhub/model"
	"wxhub/wx"
)

// sweepBatch is how many orders one sweep looks at.
const sweepBatch = 100

// sweepParallel is how many orders are asked for at once, so that a slow answer for one
// does not hold up the payments of the others.
const sweepParallel = 8

// Sweep looks after the orders whose time has come: it asks WeChat Pay about unpaid
// ones, so that a payment whose notifications were all lost is found, and closes
// those that have expired. It returns how many it looked at. Several processes may
// sweep at once: an order is taken by moving its CheckAt, which one of them wins. When
// WeChat Pay asks to slow down, the rest waits for the next sweep.
func (s *Service) Sweep(ctx context.Context) (int, error) {
	due, err := s.Orders.DueOrders(ctx, s.now(), sweepBatch)
	if err != nil {
		return 0, err
	}
	var group errgroup.Group
	group.SetLimit(sweepParallel)
	var taken atomic.Int64
	var slowDown atomic.Bool
	for _, o := range due {
		group.Go(func() error {
			if slowDown.Load() || ctx.Err() != nil || codeUnderWay(o) != nil { // ChaseCodes sees to that one
				return nil
			}
			o.CheckAt = s.nextCheck(o)
			err := s.Orders.ReplaceOrder(ctx, o)
			if errors.Is(err, model.ErrStale) {
				return nil // somebody else took it, or it just changed
			}
			if err != nil {
				return err
			}
			taken.Add(1)
			if err := s.lookAfter(ctx, o); err != nil && ctx.Err() == nil {
				slowDown.Store(slowDown.Load() || errors.Is(err, wx.ErrRateLimited))
				s.Log.WarnContext(ctx, "an order could not be looked after; the sweep will come back to it", "order_id", o.ID, "error", err.Error())
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return int(taken.Load()), err
	}
	if slowDown.Load() {
		return 0, ctx.Err() // nothing more to do now
	}
	return int(taken.Load()), ctx.Err()
}

// nextCheck is when an order is looked at again if nothing happens to it. An order
// that cannot be closed long after its expiry is asked for ever more rarely, and so is a
// refund or a profit sharing that takes long, though once an hour at least.
func (s *Service) nextCheck(o model.Order) time.Time {
	now, since := s.now(), oldestProfit(o)
	for _, r := range o.Refunds { // the oldest first
		if unsettled(r) && (since.IsZero() || r.CreatedAt.Before(since)) {
			since = r.CreatedAt
		}
	}
	if !since.IsZero() {
		return now.Add(max(s.SweepEvery, min(now.Sub(since)/2, time.Hour)))
	}
	next, closing := now.Add(max(s.SweepEvery, now.Sub(o.ExpiresAt))), o.ExpiresAt.Add(closeGrace)
	if now.Before(closing) && next.After(closing) {
		return closing
	}
	return next
}

func (s *Service) lookAfter(ctx context.Context, o model.Order) error {
	switch {
	case !open(o): // paid through one attempt while another was open, refunds under way, or nothing left to do
		return errors.Join(s.chaseRefunds(ctx, o), s.chaseProfits(ctx, o), s.tidy(ctx, o))
	case !s.now().Before(o.ExpiresAt.Add(closeGrace)):
		_, err := s.Close(ctx, o.ID, Caller{Backend: true})
		if errors.Is(err, errOrderPaid) {
			return nil
		}
		return err
	default:
		_, err := s.Refresh(ctx, o.ID)
		return err
	}
}

// tidy closes what is still live on an order that is no longer open, then lets it rest.
func (s *Service) tidy(ctx context.Context, o model.Order) error {
	err := s.closeOthers(ctx, o, wish{})
	if err != nil && !errors.Is(err, errOrderPaid) { // order_paid: it was a second payment, and is recorded
		return err
	}
	_, err = s.update(ctx, o.ID, func(o *model.Order) error {
		if open(*o) || o.CheckAt.IsZero() || !s.checkLeftovers(*o).IsZero() {
			return errNothingToDo
		}
		o.CheckAt = time.Time{}
		return nil
	})
	return err
}
