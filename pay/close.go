package pay

import (
	"context"
	"errors"
	"slices"
	"time"

	"wxhub/model"
	"wxhub/wx"
)

// closeGrace is how long after its expiry an order is closed: a payment begun in
// the last second may still be on its way.
const closeGrace = time.Minute

// Close closes an unpaid order, at WeChat Pay first. Closing twice is no error.
//
// Errors: order_not_found, not_your_order, order_paid, and those of
// wx/wxpay.Gateway.Close; after these the order is unchanged and may be closed again.
func (s *Service) Close(ctx context.Context, id string, c Caller) (model.Order, error) {
	for {
		o, err := s.Order(ctx, id)
		if err != nil {
			return o, err
		}
		switch {
		case !c.Backend && (o.UserID == "" || o.UserID != c.UserID):
			return o, errNotYours
		case o.Status == model.OrderClosed:
			return o, nil
		case !open(o):
			return o, errOrderPaid
		}
		if err := s.closeOthers(ctx, o, wish{}); err != nil {
			return o, err
		}
		o, err = s.update(ctx, id, s.closeOrder)
		if !errors.Is(err, errStillLive) {
			return o, err
		}
	}
}

var errStillLive = errors.New("a new payment was opened meanwhile")

// closeOrder is the change from open to closed, once no attempt is live.
func (s *Service) closeOrder(o *model.Order) error {
	switch {
	case o.Status == model.OrderClosed:
		return errNothingToDo
	case !open(*o):
		return errOrderPaid
	}
	for _, p := range o.Payments {
		if unresolved(p) {
			return errStillLive
		}
	}
	if err := moveOrder(o, model.OrderClosed); err != nil {
		return err
	}
	o.ClosedAt, o.CheckAt = s.now(), time.Time{}
	s.note(o, "closed", "", "")
	return s.emit(o, model.EventOrderClosed)
}

// closeOthers closes every unresolved attempt that is not the wished-for one, so that an
// order can be paid through one attempt only.
func (s *Service) closeOthers(ctx context.Context, o model.Order, keep wish) error {
	for _, p := range o.Payments {
		if unresolved(p) && !keep.matches(p) {
			if err := s.closePayment(ctx, o, p, model.PaymentClosed); err != nil {
				return err
			}
		}
	}
	return nil
}

// closePayment closes one attempt at WeChat Pay, then here, where it becomes closed or
// failed. An attempt that turns out to be paid is settled, and the caller gets
// order_paid.
func (s *Service) closePayment(ctx context.Context, o model.Order, p model.Payment, as model.PaymentStatus) error {
	if p.CombineOutTradeNo != "" { // WeChat Pay closes the whole only
		return s.closeTogether(ctx, p.CombineOutTradeNo, as)
	}
	err := s.shutPayment(ctx, o, p)
	if errors.Is(err, wx.ErrTradeUnknown) && p.Status == model.PaymentPending {
		// WeChat Pay gave a prepay_id for this number. Its refusals are not signed: before
		// one is believed that forgets a payment, it is asked once more, another way.
		_, err = s.queryPayment(ctx, o, p)
		if err == nil {
			err = wx.ErrBusy.Because(errors.New("close says that the number is unknown, query knows it"))
		}
	}
	switch {
	case errors.Is(err, wx.ErrTradePaid):
		if _, err := s.Refresh(ctx, o.ID); err != nil {
			return err
		}
		return errOrderPaid
	case err != nil && !errors.Is(err, wx.ErrTradeUnknown):
		return err
	}
	_, err = s.update(ctx, o.ID, func(o *model.Order) error { return s.closed(o, paymentByNumber(o, p.OutTradeNo), as) })
	return err
}

// closed records that WeChat Pay takes no money through an attempt any more.
func (s *Service) closed(o *model.Order, at *model.Payment, as model.PaymentStatus) error {
	if !live(*at) {
		return errNothingToDo
	}
	if at.Status == model.PaymentPending { // somebody else's prepay had been accepted
		as = model.PaymentClosed
	}
	s.note(o, "payment_"+string(as), at.OutTradeNo, "")
	return movePayment(at, as)
}

// checkLeftovers says when the sweep should look again after an order was paid: at
// once when other attempts are still live and must be closed, later when refunds are under
// way, else never.
func (s *Service) checkLeftovers(o model.Order) time.Time {
	for _, p := range o.Payments {
		if live(p) && p.Method != model.MethodCode { // a payment by code has times of its own
			return s.now()
		}
	}
	if slices.ContainsFunc(o.Refunds, unsettled) || !oldestProfit(o).IsZero() {
		return s.nextCheck(o)
	}
	return time.Time{}
}
