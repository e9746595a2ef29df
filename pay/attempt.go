package pay

import (
	"context"

	"wxhub/model"
	"wxhub/wx"
)

// What WeChat Pay is asked about an attempt goes through here, because how it is asked
// depends on the way that the attempt was made.

// queryPayment asks WeChat Pay how one attempt stands.
func (s *Service) queryPayment(ctx context.Context, o model.Order, p model.Payment) (wx.Transaction, error) {
	if p.Method == model.MethodCode {
		return s.CodePay.QueryCode(ctx, s.codeTradeOf(o, p))
	}
	return s.WeChat.Query(ctx, tradeOf(o, p.OutTradeNo))
}

// shutPayment makes WeChat Pay refuse any payment through one attempt from now on.
func (s *Service) shutPayment(ctx context.Context, o model.Order, p model.Payment) error {
	if p.Method == model.MethodCode { // WeChat Pay refuses to close these (PROTOCOL §2.4)
		return s.shutCode(ctx, o, p)
	}
	return s.WeChat.Close(ctx, tradeOf(o, p.OutTradeNo))
}
