package pay

import (
	"context"
	"errors"

	"wxhub/model"
	"wxhub/wx"
)

// payByCode charges a payer's code. What it returns is the order as it stands: paid; with a
// pending payment, while the payer enters a password; or with a created one, when WeChat Pay's
// answer is not known, which ChaseCodes then sees to. The same code is the same payment,
// however often it is asked for, unless that has failed.
func (s *Service) payByCode(ctx context.Context, orderID string, w wish, r PrepayRequest) (Prepaid, error) {
	for range maxRivals {
		o, err := s.Order(ctx, orderID)
		if err != nil {
			return Prepaid{}, err
		}
		if p := byAuthCode(&o, w.authCode); p != nil {
			return s.paidBefore(ctx, o, *p, w)
		}
		if err := s.admit(o, w); err != nil {
			return Prepaid{}, err
		}
		if err := s.awaitCodes(ctx, o, w); err != nil {
			return Prepaid{}, err
		}
		if err := s.closeOthers(ctx, o, w); err != nil {
			return Prepaid{}, err
		}
		var ours bool
		o, err = s.update(ctx, orderID, func(o *model.Order) error {
			if ours = byAuthCode(o, w.authCode) == nil; !ours {
				return errNothingToDo
			}
			return s.reserve(o, w)
		})
		if err == nil && ours {
			return s.charge(ctx, o, *byAuthCode(&o, w.authCode), r)
		}
		if err != nil && !errors.Is(err, errStillLive) {
			return Prepaid{}, err
		}
	}
	return Prepaid{}, errRivals
}

// charge makes the one call of a payment by code that was just stored.
func (s *Service) charge(ctx context.Context, o model.Order, p model.Payment, r PrepayRequest) (Prepaid, error) {
	var t wx.Transaction
	var err error
	if s.now().Sub(p.CreatedAt) > lateCall { // somebody may be taking it back soon
		err = wx.ErrBusy.Because(errLate)
	} else {
		t, err = s.CodePay.PayCode(ctx, s.codePaymentOf(o, p, r))
	}
	switch {
	case err == nil:
		return s.charged(ctx, o, p, t)
	case unknown(err) && !errors.Is(err, wx.ErrRateLimited):
		s.Log.WarnContext(ctx, "the outcome of a payment by code is not known; it is asked about", "out_trade_no", p.OutTradeNo, "error", err.Error())
		return s.uncertain(ctx, o, p)
	}
	return s.codeRefused(ctx, o, p, err)
}

func (s *Service) codePaymentOf(o model.Order, p model.Payment, r PrepayRequest) wx.CodePayment {
	return wx.CodePayment{
		CodeTrade: s.codeTradeOf(o, p), AuthCode: r.Code.AuthCode,
		Description: o.Description, Attach: o.Attach, Amount: o.Amount, Currency: o.Currency, ProfitSharing: o.ProfitSharing,
		StoreID: r.Code.StoreID, DeviceID: r.Code.DeviceID, DeviceIP: p.ClientIP,
	}
}

// charged applies a verified statement about a payment by code, and returns the order.
func (s *Service) charged(ctx context.Context, o model.Order, p model.Payment, t wx.Transaction) (Prepaid, error) {
	o, err := s.settle(ctx, t)
	if errors.Is(err, errMismatch) { // not the caller's fault
		err = wx.ErrRejected.Because(err)
	}
	if err != nil {
		return Prepaid{}, err
	}
	return s.asItStands(ctx, o.ID, p.OutTradeNo)
}

func (s *Service) asItStands(ctx context.Context, id, number string) (Prepaid, error) {
	o, err := s.Order(ctx, id)
	if err != nil {
		return Prepaid{}, err
	}
	return Prepaid{Order: o, Payment: *paymentByNumber(&o, number)}, nil
}

// uncertain leaves a payment whose outcome is not known to ChaseCodes. One that was taken
// back before it was sent is taken back again, as it may have been sent after that.
func (s *Service) uncertain(ctx context.Context, o model.Order, p model.Payment) (Prepaid, error) {
	_, err := s.update(ctx, o.ID, func(o *model.Order) error {
		at := paymentByNumber(o, p.OutTradeNo)
		if at.Status != model.PaymentClosed {
			return errNothingToDo
		}
		return s.takeBack(o, at, "sent late")
	})
	if err != nil {
		return Prepaid{}, err
	}
	return s.asItStands(ctx, o.ID, p.OutTradeNo)
}

// codeRefused decides what a refusal means. Refusals are not always signed: before the
// payment counts as failed, its number is asked about, and a verified state has the last word.
func (s *Service) codeRefused(ctx context.Context, o model.Order, p model.Payment, refusal error) (Prepaid, error) {
	t, err := s.queryPayment(ctx, o, p)
	switch {
	case err == nil && (t.State == wx.TradeSuccess || t.State == wx.TradeRefund || t.State == wx.TradeUserPaying):
		return s.charged(ctx, o, p, t)
	case err != nil && !errors.Is(err, wx.ErrTradeUnknown):
		return Prepaid{}, wx.ErrBusy.Because(errors.Join(refusal, err))
	}
	_, err = s.update(ctx, o.ID, func(o *model.Order) error {
		at := paymentByNumber(o, p.OutTradeNo)
		if at.Status != model.PaymentCreated {
			return errNothingToDo
		}
		note := model.CodeOf(refusal)
		if u := model.AsError(refusal).Upstream; u != nil {
			note = u.Code + ": " + u.Message
		}
		s.note(o, "payment_failed", p.OutTradeNo, note)
		return movePayment(at, model.PaymentFailed)
	})
	if err != nil {
		return Prepaid{}, err
	}
	return Prepaid{}, refusal
}

// paidBefore answers a code that this order has seen before.
func (s *Service) paidBefore(ctx context.Context, o model.Order, p model.Payment, w wish) (Prepaid, error) {
	if live(p) && s.now().Sub(p.CreatedAt) >= codeEvery {
		if err := s.refreshPayment(ctx, o, p); err != nil {
			s.Log.WarnContext(ctx, "a payment by code could not be asked about", "out_trade_no", p.OutTradeNo, "error", err.Error())
		}
	}
	prepaid, err := s.asItStands(ctx, o.ID, p.OutTradeNo)
	if err != nil || unresolved(prepaid.Payment) || prepaid.Payment.Status == model.PaymentPaid {
		return prepaid, err
	}
	if err := s.admit(prepaid.Order, w); err != nil {
		return Prepaid{}, err
	}
	return Prepaid{}, wx.ErrAuthCode.Because(errors.New("this order was tried to be paid with it before"))
}

// byAuthCode returns the payment that was made with a code, or nil. One that failed is not
// it: WeChat Pay knows whether the code can be tried again, as after it asked to slow down.
func byAuthCode(o *model.Order, hash string) *model.Payment {
	for i := range o.Payments {
		if p := &o.Payments[i]; p.Method == model.MethodCode && p.AuthCodeHash == hash && p.Status != model.PaymentFailed {
			return p
		}
	}
	return nil
}
