package pay

import (
	"context"
	"errors"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"wxhub/model"
	"wxhub/wx"
)

// codeParallel is how many payments by code are looked at at once. Each has its own few
// seconds, which a slow answer for another must not use up.
const codeParallel = 32

// ChaseCodes looks at the payments by code whose time has come: those that the payer has not
// finished are asked about, and taken back in the end. It returns how many it looked at. What
// there is to do is found in the store, so it goes on where a process that died left off.
// Several processes may chase at once: an order is taken by moving its CheckAt.
func (s *Service) ChaseCodes(ctx context.Context) (int, error) {
	due, err := s.Orders.DuePayments(ctx, s.now(), model.MethodCode, codeUnresolved, sweepBatch)
	if err != nil {
		return 0, err
	}
	var group errgroup.Group
	group.SetLimit(codeParallel)
	var taken atomic.Int64
	for _, o := range due {
		group.Go(func() error {
			p := codeUnderWay(o)
			if p == nil || ctx.Err() != nil {
				return nil
			}
			o.CheckAt = codeCheck(*p, s.now())
			err := s.Orders.ReplaceOrder(ctx, o)
			if errors.Is(err, model.ErrStale) {
				return nil // somebody else took it, or it just changed
			}
			if err != nil {
				return err
			}
			taken.Add(1)
			if err := s.followCode(ctx, o.ID, p.OutTradeNo); err != nil && ctx.Err() == nil {
				s.Log.WarnContext(ctx, "a payment by code is not decided yet; it is looked at again", "out_trade_no", p.OutTradeNo, "error", err.Error())
			}
			return nil
		})
	}
	err = group.Wait()
	return int(taken.Load()), errors.Join(err, ctx.Err())
}

// followCode does what a payment by code needs now.
func (s *Service) followCode(ctx context.Context, id, number string) error {
	o, err := s.Order(ctx, id)
	if err != nil {
		return err
	}
	p := *paymentByNumber(&o, number)
	age := s.now().Sub(p.CreatedAt)
	if live(p) {
		why, err := s.askCode(ctx, o, p)
		switch {
		case age >= codePatience:
			why = "the payer did not finish in time"
		case why == "" || age < reverseAfter:
			return err
		}
		if o, err = s.decide(ctx, id, number, why); err != nil {
			return err
		}
		p = *paymentByNumber(&o, number)
	}
	if p.Status == model.PaymentReversing && age >= reverseAfter {
		_, err = s.reverseCode(ctx, o, p)
	}
	return err
}

// askCode asks about a live payment and settles what is said. why is a reason not to wait any
// longer, if there is one.
func (s *Service) askCode(ctx context.Context, o model.Order, p model.Payment) (why string, err error) {
	t, err := s.queryPayment(ctx, o, p)
	if errors.Is(err, wx.ErrTradeUnknown) {
		return "it never reached WeChat Pay", nil
	}
	if err != nil {
		return "", err
	}
	if _, err := s.settle(ctx, t); err != nil {
		return "", err
	}
	if t.State == wx.TradePayError {
		return "WeChat Pay says PAYERROR", nil
	}
	return "", nil
}
