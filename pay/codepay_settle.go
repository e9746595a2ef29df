package pay

import (
	"context"
	"errors"

	"wxhub/model"
	"wxhub/wx"
)

// settleCode applies a verified statement to a payment by code.
func (s *Service) settleCode(ctx context.Context, o *model.Order, p *model.Payment, t wx.Transaction, told *func()) error {
	money := t.State == wx.TradeSuccess || t.State == wx.TradeRefund
	switch {
	case p.Status == model.PaymentReversing:
		return s.settleReversing(o, p, t)
	case p.Status == model.PaymentClosed && t.State == wx.TradeSuccess:
		// It was taken back, and the order may have been paid another way. Either this is
		// older news than the reversal or the reversal did not take: it is taken back again.
		return s.takeBack(o, p, "WeChat Pay says SUCCESS")
	case p.Status == model.PaymentClosed:
		return errNothingToDo
	case money:
		return s.settlePaid(ctx, o, p, t, told)
	case !live(*p):
		return errNothingToDo
	case t.State == wx.TradeClosed, t.State == wx.TradeRevoked:
		s.note(o, "payment_closed", p.OutTradeNo, "WeChat Pay says "+string(t.State))
		return movePayment(p, model.PaymentClosed)
	case p.Status == model.PaymentCreated && (t.State == wx.TradeUserPaying || t.State == wx.TradeNotPay):
		if o.Status == model.OrderCreated {
			if err := moveOrder(o, model.OrderPending); err != nil {
				return err
			}
		}
		return movePayment(p, model.PaymentPending)
	}
	return errNothingToDo
}

// settleReversing: what is being taken back does not settle the order, paid or not.
func (s *Service) settleReversing(o *model.Order, p *model.Payment, t wx.Transaction) error {
	switch t.State {
	case wx.TradeRefund, wx.TradeRevoked, wx.TradeClosed:
		s.note(o, "payment_reversed", p.OutTradeNo, "WeChat Pay says "+string(t.State))
		return movePayment(p, model.PaymentClosed)
	}
	return errNothingToDo
}

// takeBack decides that a payment by code is taken back. It must be stored before WeChat Pay
// hears of it.
func (s *Service) takeBack(o *model.Order, p *model.Payment, why string) error {
	if err := movePayment(p, model.PaymentReversing); err != nil {
		return err
	}
	p.ReversedAt = s.now()
	o.CheckAt = p.ReversedAt
	if earliest := p.CreatedAt.Add(reverseAfter); o.CheckAt.Before(earliest) {
		o.CheckAt = earliest
	}
	s.note(o, "reversal_decided", p.OutTradeNo, why)
	return nil
}

// decide is takeBack for a payment that is still live.
func (s *Service) decide(ctx context.Context, id, number, why string) (model.Order, error) {
	return s.update(ctx, id, func(o *model.Order) error {
		p := paymentByNumber(o, number)
		if !live(*p) {
			return errNothingToDo
		}
		return s.takeBack(o, p, why)
	})
}

// reverseCode asks WeChat Pay once to take back a payment that is reversing, and records
// what came of it. When it comes back without an error, the payment may still be reversing.
//
// A refusal is believed only when WeChat Pay has gone on refusing for a while and says in a
// verified answer that the payment is SUCCESS: then the money is the merchant's, and the
// payment settles the order after all.
func (s *Service) reverseCode(ctx context.Context, o model.Order, p model.Payment) (model.Order, error) {
	refusal := s.CodePay.ReverseCode(ctx, s.codeTradeOf(o, p))
	switch {
	case refusal == nil:
		return s.reversed(ctx, o, p, "")
	case unknown(refusal):
		return o, refusal
	}
	insists := s.now().Sub(p.ReversedAt) >= reverseDoubt
	t, err := s.queryPayment(ctx, o, p)
	switch {
	case errors.Is(err, wx.ErrTradeUnknown) && (insists || errors.Is(refusal, wx.ErrTradeUnknown)):
		return s.reversed(ctx, o, p, "WeChat Pay does not know it")
	case err != nil:
		return o, wx.ErrBusy.Because(errors.Join(refusal, err))
	case t.State == wx.TradeSuccess && insists:
		return s.keepPaid(ctx, o, t, refusal)
	case t.State == wx.TradeRefund || t.State == wx.TradeRevoked || t.State == wx.TradeClosed:
		return s.settle(ctx, t)
	}
	return o, refusal
}

// reversed records that a payment is taken back for good. The order can be paid anew.
func (s *Service) reversed(ctx context.Context, o model.Order, p model.Payment, note string) (model.Order, error) {
	return s.update(ctx, o.ID, func(o *model.Order) error {
		at := paymentByNumber(o, p.OutTradeNo)
		if at.Status != model.PaymentReversing {
			return errNothingToDo
		}
		s.note(o, "payment_reversed", p.OutTradeNo, note)
		return movePayment(at, model.PaymentClosed)
	})
}

// keepPaid gives up taking back.
func (s *Service) keepPaid(ctx context.Context, o model.Order, t wx.Transaction, refusal error) (model.Order, error) {
	var told func()
	kept, err := s.update(ctx, o.ID, func(o *model.Order) error {
		told = func() {}
		p := paymentByNumber(o, t.OutTradeNo)
		if p.Status != model.PaymentReversing {
			return errNothingToDo
		}
		if err := match(*o, *p, t); err != nil {
			return err
		}
		return s.settlePaid(ctx, o, p, t, &told)
	})
	if err != nil {
		return o, err
	}
	s.Log.ErrorContext(ctx, "WeChat Pay refuses to take back a payment by code that is paid: it settles its order", "out_trade_no", t.OutTradeNo, "error", refusal.Error())
	told()
	return kept, nil
}

// shutCode ends a payment by code for somebody who wants its order closed. When it is too
// early, or WeChat Pay does not confirm it, it goes on by itself.
//
// Errors: wx.ErrTradePaid; payment_in_progress.
func (s *Service) shutCode(ctx context.Context, o model.Order, p model.Payment) error {
	if live(p) {
		if err := s.refreshPayment(ctx, o, p); err != nil {
			return errInProgress.Because(err)
		}
	}
	o, err := s.decide(ctx, o.ID, p.OutTradeNo, "the order is being closed")
	if err != nil {
		return err
	}
	p = *paymentByNumber(&o, p.OutTradeNo)
	if p.Status == model.PaymentReversing {
		if s.now().Before(p.CreatedAt.Add(reverseAfter)) {
			return errInProgress
		}
		if o, err = s.reverseCode(ctx, o, p); err != nil {
			return errInProgress.Because(err)
		}
		p = *paymentByNumber(&o, p.OutTradeNo)
	}
	switch p.Status {
	case model.PaymentPaid, model.PaymentDuplicate:
		return wx.ErrTradePaid
	case model.PaymentReversing:
		return errInProgress
	}
	return nil
}
