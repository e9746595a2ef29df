package pay

import (
	"context"
	"errors"

	"wxhub/model"
	"wxhub/wx"
)

// CloseCombined closes every order of a combined order, at WeChat Pay first. Closing twice
// is no error. When one of them is paid nothing is closed: the others can be closed by
// themselves.
//
// Errors: combined_order_not_found, and those of Close.
func (s *Service) CloseCombined(ctx context.Context, id string, caller Caller) (Combined, error) {
	c, err := s.FindCombined(ctx, id, caller, false)
	if err != nil {
		return c, err
	}
	for _, o := range c.Members {
		switch {
		case !caller.Backend && o.UserID != caller.UserID:
			return c, errNotYours
		case !open(o) && o.Status != model.OrderClosed:
			return c, errOrderPaid
		}
	}
	for _, o := range c.Members {
		if _, err := s.Close(ctx, o.ID, caller); err != nil {
			return c, err
		}
	}
	return s.FindCombined(ctx, id, caller, false)
}

// closeTogether is closePayment for an attempt to pay orders together: at WeChat Pay, unless
// that has not heard of it, then here, where it is given up and its parts become closed or
// failed. One that turns out to be paid is settled, and the caller gets order_paid.
func (s *Service) closeTogether(ctx context.Context, number string, as model.PaymentStatus) error {
	c, whole, err := s.updateWhole(ctx, number, func(at *model.CombinedPayment) error {
		if at.Status != model.CombinedReserving {
			return errNothingToDo
		}
		at.Status = model.CombinedClosed
		return nil
	})
	if err != nil {
		return err
	}
	if whole.Status == model.CombinedAsked {
		if err := s.shutTogether(ctx, c, whole); err != nil {
			return err
		}
		_, _, err := s.updateWhole(ctx, number, func(at *model.CombinedPayment) error {
			if at.Status == model.CombinedClosed {
				return errNothingToDo
			}
			at.Status = model.CombinedClosed
			return nil
		})
		if err != nil {
			return err
		}
	}
	for _, id := range c.Orders { // also when it was given up before: a crash may have cut this short
		_, err := s.update(ctx, id, func(o *model.Order) error {
			at := partIn(o, number)
			if at == nil {
				return errNothingToDo
			}
			return s.closed(o, at, as)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// shutTogether makes WeChat Pay refuse any payment through one attempt from now on.
func (s *Service) shutTogether(ctx context.Context, c model.CombinedOrder, p model.CombinedPayment) error {
	var members []model.Order
	var parts []wx.Trade
	for _, id := range c.Orders {
		o, err := s.stored(ctx, id)
		if err != nil {
			return err
		}
		members, parts = append(members, o), append(parts, tradeOf(o, partIn(&o, p.OutTradeNo).OutTradeNo))
	}
	err := s.Together.CloseCombined(ctx, s.combinedTradeOf(Combined{c, members}, p), parts)
	if errors.Is(err, wx.ErrTradeUnknown) && p.PrepayID != "" { // as in closePayment: not believed before a query says so too
		if _, err = s.Together.QueryCombined(ctx, c.MerchantID, p.OutTradeNo); err == nil {
			err = wx.ErrBusy.Because(errors.New("close says that the number is unknown, query knows it"))
		}
	}
	switch {
	case errors.Is(err, wx.ErrTradePaid):
		if err := s.refreshTogether(ctx, c.MerchantID, p.OutTradeNo); err != nil {
			return err
		}
		return errOrderPaid
	case errors.Is(err, wx.ErrTradeUnknown):
		return nil
	}
	return err
}
