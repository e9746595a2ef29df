package pay

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"wxhub/model"
	"wxhub/wx"
)

// CombinedPrepaid is an open payment of several orders: Invoke goes to the client unchanged.
type CombinedPrepaid struct {
	Combined
	Payment model.CombinedPayment
	Invoke  Invoke
}

// PrepayCombined opens one payment for all orders of a combined order, r.OrderID, or returns
// the open one signed anew. Orders that have no payer yet are bound to the caller once WeChat
// Pay has accepted the prepay. Every other open payment of the orders is closed first.
//
// Errors: combined_order_not_found, and those of Prepay and wx/wxpay.Gateway.PrepayCombined.
func (s *Service) PrepayCombined(ctx context.Context, r PrepayRequest) (CombinedPrepaid, error) {
	if r.Method == model.MethodCode {
		return CombinedPrepaid{}, errMethod
	}
	c, err := s.FindCombined(ctx, r.OrderID, r.Caller, false)
	if err != nil {
		return CombinedPrepaid{}, err
	}
	want, err := s.wanted(ctx, r, c.Members...)
	if err != nil {
		return CombinedPrepaid{}, err
	}
	prepaid, err := s.openTogether(ctx, c.ID, want)
	if errors.Is(err, wx.ErrTradeClosed) || errors.Is(err, wx.ErrTradeDiffers) {
		prepaid, err = s.openTogether(ctx, c.ID, want) // as in Prepay: the number is spent
	}
	return prepaid, err
}

// openTogether is openPayment for several orders.
func (s *Service) openTogether(ctx context.Context, id string, w wish) (CombinedPrepaid, error) {
	for range maxRivals {
		c, err := s.FindCombined(ctx, id, Caller{Backend: true}, false)
		if err != nil {
			return CombinedPrepaid{}, err
		}
		for _, o := range c.Members { // before anything is closed
			if err := s.admit(o, w); err != nil {
				return CombinedPrepaid{}, err
			}
			if err := s.awaitCodes(ctx, o, w); err != nil {
				return CombinedPrepaid{}, err
			}
		}
		prepaid, err := s.tryTogether(ctx, c, w)
		if !errors.Is(err, errStillLive) && !errors.Is(err, errSpent) {
			return prepaid, err
		}
	}
	return CombinedPrepaid{}, errRivals
}

// tryTogether makes way for one attempt, reserves its numbers, asks WeChat Pay, and records
// the answer.
func (s *Service) tryTogether(ctx context.Context, c Combined, w wish) (CombinedPrepaid, error) {
	for _, p := range c.Payments {
		if p.Status != model.CombinedClosed && !w.matchesWhole(p) {
			if err := s.closeTogether(ctx, p.OutTradeNo, model.PaymentClosed); err != nil {
				return CombinedPrepaid{}, err
			}
		}
	}
	stored, err := s.updateCombined(ctx, c.ID, func(c *model.CombinedOrder) error { return s.reserveWhole(c, w) })
	if err != nil {
		return CombinedPrepaid{}, err
	}
	p := wholeFor(stored, w)
	w.combined = p.OutTradeNo
	members, err := s.reserveParts(ctx, c.Members, w)
	for _, hopeless := range []error{errSpent, errTooManyTries, errOrderPaid, errOrderClosed} {
		if errors.Is(err, hopeless) { // the orders will not be paid together by this number
			if failure := s.closeTogether(ctx, p.OutTradeNo, model.PaymentClosed); failure != nil {
				return CombinedPrepaid{}, failure
			}
		}
	}
	if err != nil {
		return CombinedPrepaid{}, err
	}
	return s.askTogether(ctx, Combined{stored, members}, *p, w.userID)
}

// errSpent: the part of an order was closed behind the back of the whole, which then cannot be
// paid either.
var errSpent = errors.New("a part of the combined payment is closed")

// reserveWhole makes sure that the combined order has an attempt for the wish that is not
// given up.
func (s *Service) reserveWhole(c *model.CombinedOrder, w wish) error {
	for _, p := range c.Payments {
		if p.Status != model.CombinedClosed && !w.matchesWhole(p) {
			return errStillLive
		}
	}
	switch {
	case wholeFor(*c, w) != nil:
		return errNothingToDo
	case len(c.Payments) >= maxPayments:
		return errTooManyTries
	}
	c.Payments = append(c.Payments, model.CombinedPayment{
		OutTradeNo: combineNumber(c.ID, len(c.Payments)+1), Method: w.method, AppID: w.appID, OpenID: w.openID, ClientIP: w.clientIP,
		NotifyURL: w.notify, Status: model.CombinedReserving, CreatedAt: s.now(),
	})
	return nil
}

// reserveParts closes every other attempt of each order and gives it its number.
func (s *Service) reserveParts(ctx context.Context, members []model.Order, w wish) ([]model.Order, error) {
	var out []model.Order
	for _, m := range members {
		o, err := s.Order(ctx, m.ID)
		if err != nil {
			return nil, err
		}
		if err := s.admit(o, w); err != nil { // once more: nothing is closed for somebody who may not pay
			return nil, err
		}
		if err := s.awaitCodes(ctx, o, w); err != nil {
			return nil, err
		}
		if err := s.closeOthers(ctx, o, w); err != nil {
			return nil, err
		}
		o, err = s.update(ctx, o.ID, func(o *model.Order) error { return s.reserve(o, w) })
		if err != nil {
			return nil, err
		}
		out = append(out, o)
	}
	return out, nil
}

// askTogether sends the prepay of an attempt whose numbers are all reserved, unless there is
// an answer that is still good, and records the answer.
func (s *Service) askTogether(ctx context.Context, c Combined, p model.CombinedPayment, userID string) (_ CombinedPrepaid, err error) {
	c.CombinedOrder, p, err = s.updateWhole(ctx, p.OutTradeNo, func(at *model.CombinedPayment) error {
		switch at.Status {
		case model.CombinedAsked:
			return errNothingToDo
		case model.CombinedClosed:
			return errStillLive // somebody else's attempt is open now
		}
		at.Status = model.CombinedAsked
		return nil
	})
	if err != nil {
		return CombinedPrepaid{}, err
	}
	if p.PrepayID == "" || s.now().Sub(p.PrepaidAt) > lifeOf(p.Method) {
		prepayID, err := s.Together.PrepayCombined(ctx, s.prepayTogether(c, p))
		if err != nil {
			return CombinedPrepaid{}, s.refusedTogether(ctx, c, p, err)
		}
		c.CombinedOrder, p, err = s.updateWhole(ctx, p.OutTradeNo, func(at *model.CombinedPayment) error {
			if at.Status == model.CombinedClosed { // another prepay has closed it
				return errRivals
			}
			at.PrepayID, at.PrepaidAt = prepayID, s.now()
			return nil
		})
		if err != nil {
			return CombinedPrepaid{}, err
		}
	}
	for i, o := range c.Members { // also when WeChat Pay was not asked: a crash may have cut this short
		if c.Members[i], err = s.acceptPart(ctx, o.ID, p.OutTradeNo, userID); err != nil {
			return CombinedPrepaid{}, err
		}
	}
	invoke, err := s.invokeTogether(c.MerchantID, p)
	return CombinedPrepaid{c, p, invoke}, err
}

// acceptPart is accepted for an order that is paid together with others.
func (s *Service) acceptPart(ctx context.Context, id, number, userID string) (model.Order, error) {
	return s.update(ctx, id, func(o *model.Order) error {
		at := partIn(o, number)
		before := *at
		payer, status := o.UserID, o.Status
		if err := accepted(o, at, userID); err != nil {
			return err
		}
		if before == *at && payer == o.UserID && status == o.Status {
			return errNothingToDo
		}
		return nil
	})
}

// refusedTogether is refused for several orders.
func (s *Service) refusedTogether(ctx context.Context, c Combined, p model.CombinedPayment, refusal error) error {
	switch {
	case errors.Is(refusal, wx.ErrTradePaid):
		if err := s.refreshTogether(ctx, c.MerchantID, p.OutTradeNo); err != nil {
			return err
		}
		return errOrderPaid
	case errors.Is(refusal, wx.ErrTradeClosed), errors.Is(refusal, wx.ErrTradeDiffers):
		if err := s.closeTogether(ctx, p.OutTradeNo, model.PaymentClosed); err != nil {
			return err
		}
	case errors.Is(refusal, wx.ErrRejected) && p.PrepayID == "":
		if err := s.closeTogether(ctx, p.OutTradeNo, model.PaymentFailed); errors.Is(err, errOrderPaid) {
			return err
		}
	}
	return refusal
}

// prepayTogether is what WeChat Pay is asked for an attempt. The app is a sub merchant's only
// when it is one of every sub merchant.
func (s *Service) prepayTogether(c Combined, p model.CombinedPayment) wx.CombinedPrepay {
	out := wx.CombinedPrepay{
		CombinedTrade: s.combinedTradeOf(c, p), Channel: ways[p.Method].channel, OpenID: p.OpenID, ClientIP: p.ClientIP,
		NotifyURL: p.NotifyURL, ExpiresAt: expiryOf(c.Members),
	}
	for _, o := range c.Members {
		out.Parts = append(out.Parts, wx.CombinedPart{
			Trade: tradeOf(o, partIn(&o, p.OutTradeNo).OutTradeNo), Description: o.Description,
			Attach: cmp.Or(o.Attach, o.ID), // WeChat Pay wants one
			Amount: o.Amount, Currency: o.Currency, ProfitSharing: o.ProfitSharing,
		})
	}
	return out
}

// combinedTradeOf names an attempt at WeChat Pay.
func (s *Service) combinedTradeOf(c Combined, p model.CombinedPayment) wx.CombinedTrade {
	t := wx.CombinedTrade{MerchantID: c.MerchantID, AppID: p.AppID, OutTradeNo: p.OutTradeNo}
	m := s.merchants[c.MerchantID]
	if m.Partner && !slices.ContainsFunc(c.Members, func(o model.Order) bool { return !slices.Contains(s.subMerchant(o).Apps, p.AppID) }) {
		t.AppID, t.SubAppID = m.AppID, p.AppID
	}
	return t
}

// invokeTogether makes what the payer's client hands to WeChat.
func (s *Service) invokeTogether(merchantID string, p model.CombinedPayment) (Invoke, error) {
	if p.Method == model.MethodApp {
		app, err := s.Together.InvokeCombinedApp(merchantID, p.AppID, p.PrepayID)
		return Invoke{App: &app}, err
	}
	return s.invoke(model.Order{MerchantID: merchantID}, model.Payment{Method: p.Method, AppID: p.AppID, PrepayID: p.PrepayID})
}

// matchesWhole is matches for an attempt to pay orders together.
func (w wish) matchesWhole(p model.CombinedPayment) bool {
	return p.Method == w.method && p.AppID == w.appID && p.OpenID == w.openID && p.ClientIP == w.clientIP && p.NotifyURL == w.notify
}

// wholeFor is the attempt for a wish that is not given up, or nil.
func wholeFor(c model.CombinedOrder, w wish) *model.CombinedPayment {
	for i := range c.Payments {
		if p := &c.Payments[i]; p.Status != model.CombinedClosed && w.matchesWhole(*p) {
			return p
		}
	}
	return nil
}

// updateWhole changes one attempt, and returns it and its combined order.
func (s *Service) updateWhole(
	ctx context.Context, number string, change func(*model.CombinedPayment) error,
) (model.CombinedOrder, model.CombinedPayment, error) {
	id := combinedIDOf(number)
	if id == "" {
		return model.CombinedOrder{}, model.CombinedPayment{}, errUnknownPayment
	}
	c, err := s.updateCombined(ctx, id, func(c *model.CombinedOrder) error {
		at := attemptOf(c, number)
		if at == nil {
			return errUnknownPayment
		}
		return change(at)
	})
	if errors.Is(err, errNoCombined) {
		err = errUnknownPayment
	}
	if err != nil {
		return c, model.CombinedPayment{}, err
	}
	return c, *attemptOf(&c, number), nil
}
