package pay

import (
	"context"
	"errors"

	"wxhub/model"
	"wxhub/wx"
)

// FindPayment returns the payment attempt with an out_trade_no, and its order. Errors: payment_unknown when
// it is not one of ours.
func (s *Service) FindPayment(ctx context.Context, outTradeNo string) (model.Order, model.Payment, error) {
	id := orderIDOf(outTradeNo)
	if id == "" {
		return model.Order{}, model.Payment{}, errUnknownPayment
	}
	o, err := s.Order(ctx, id)
	if errors.Is(err, errNoOrder) {
		err = errUnknownPayment
	}
	if err != nil {
		return o, model.Payment{}, err
	}
	p := paymentByNumber(&o, outTradeNo)
	if p == nil {
		return o, model.Payment{}, errUnknownPayment
	}
	return o, *p, nil
}

// AskPayment asks WeChat Pay about one attempt, whatever is believed about it here, and settles what it
// says: somebody has reason to doubt. It returns the order as it then stands.
//
// Errors: payment_unknown, and those of wx/wxpay.Gateway.Query.
func (s *Service) AskPayment(ctx context.Context, outTradeNo string) (model.Order, error) {
	o, p, err := s.FindPayment(ctx, outTradeNo)
	if err != nil {
		return o, err
	}
	if err := s.refreshPayment(ctx, o, p); err != nil {
		return o, err
	}
	return s.Order(ctx, o.ID)
}

// AskRefund asks WeChat Pay about one refund and settles what it says. It returns the order as
// it then stands.
//
// Errors: refund_not_found, and those of wx/wxpay.Gateway.QueryRefund.
func (s *Service) AskRefund(ctx context.Context, id string) (model.Order, error) {
	o, r, err := s.FindRefund(ctx, id)
	if err != nil {
		return o, err
	}
	state, err := s.WeChat.QueryRefund(ctx, tradeOf(o, r.OutTradeNo), r.ID)
	if errors.Is(err, wx.ErrRefundUnknown) {
		return o, nil // nothing to learn
	}
	if err == nil {
		_, err = s.settleRefund(ctx, state)
	}
	if errors.Is(err, errMismatch) { // not the caller's fault
		err = wx.ErrRejected.Because(err)
	}
	if err != nil {
		return o, err
	}
	return s.Order(ctx, o.ID)
}
