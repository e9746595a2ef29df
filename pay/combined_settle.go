package pay

import (
	"context"
	"errors"
	"fmt"

	"wxhub/model"
	"wxhub/wx"
)

// notifiedTogether does what a notification of a combined payment says: that all of it is
// paid.
func (s *Service) notifiedTogether(ctx context.Context, t wx.CombinedTransaction) error {
	for _, part := range t.Parts {
		if part.State != wx.TradeSuccess {
			return wx.ErrNotificationMalformed.Because(fmt.Errorf("trade_state %.32q in a success notification", part.State))
		}
	}
	return s.settleTogether(ctx, t)
}

// refreshTogether asks WeChat Pay about one attempt to pay orders together, and settles what it
// says of each.
func (s *Service) refreshTogether(ctx context.Context, merchantID, number string) error {
	t, err := s.Together.QueryCombined(ctx, merchantID, number)
	if errors.Is(err, wx.ErrTradeUnknown) {
		return nil // WeChat Pay never heard of it: nothing to learn
	}
	if err == nil {
		err = s.settleTogether(ctx, t)
	}
	if errors.Is(err, errMismatch) { // not the caller's fault
		return wx.ErrRejected.Because(err)
	}
	return err
}

// settleTogether applies what WeChat Pay says about orders that are paid together: to each
// what settle does for one that is paid alone. A statement that is not true of one of them, or
// leaves one out, or knows of one more, changes none.
func (s *Service) settleTogether(ctx context.Context, t wx.CombinedTransaction) error {
	if err := s.matchTogether(ctx, t); err != nil {
		if errors.Is(err, errMismatch) { // signed by WeChat Pay, and not true of our orders: somebody must look
			s.Log.ErrorContext(ctx, "WeChat Pay's statement does not match the combined payment", "combine_out_trade_no", t.OutTradeNo, "error", err.Error())
		}
		return err
	}
	var faults error
	for _, part := range t.Parts {
		_, err := s.settle(ctx, part)
		faults = errors.Join(faults, err)
	}
	return faults
}

func (s *Service) matchTogether(ctx context.Context, t wx.CombinedTransaction) error {
	c, err := s.combinedOf(ctx, t.OutTradeNo)
	if err != nil {
		return err
	}
	differs := func(what string) error {
		return errMismatch.Because(fmt.Errorf("combined order %s, combine_out_trade_no %s: %s", c.ID, t.OutTradeNo, what))
	}
	parts := map[string]wx.Transaction{}
	for _, part := range t.Parts {
		parts[part.OutTradeNo] = part
	}
	switch {
	case t.MerchantID != c.MerchantID:
		return differs("combine_mchid")
	case len(t.Parts) != len(c.Orders) || len(parts) != len(c.Orders):
		return differs(fmt.Sprintf("%d sub orders of %d numbers, we have %d", len(t.Parts), len(parts), len(c.Orders)))
	}
	for _, id := range c.Orders {
		o, err := s.stored(ctx, id)
		if err != nil {
			return err
		}
		ours := partIn(&o, t.OutTradeNo)
		if ours == nil {
			return differs("order " + id + " has no part in it")
		}
		part, told := parts[ours.OutTradeNo]
		if !told {
			return differs("nothing is said of " + ours.OutTradeNo)
		}
		if err := match(o, *ours, part); err != nil {
			return err
		}
	}
	return nil
}

// combinedOf is the combined order that a number belongs to.
func (s *Service) combinedOf(ctx context.Context, number string) (model.CombinedOrder, error) {
	id := combinedIDOf(number)
	if id == "" {
		return model.CombinedOrder{}, errUnknownPayment
	}
	c, err := s.storedCombined(ctx, id)
	if errors.Is(err, errNoCombined) {
		return c, errUnknownPayment
	}
	if err == nil && attemptOf(&c, number) == nil {
		return c, errUnknownPayment
	}
	return c, err
}
