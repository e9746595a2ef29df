package wxpay

import (
	"context"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/services/refunddomestic"

	"wxhub/wx"
)

// Refund asks WeChat Pay to give money back; usually it answers PROCESSING, and the end is
// told by a notification or QueryRefund. Repeating it with the same values is safe, and
// is what to do whenever the outcome is not known: another number would pay back twice.
//
// Errors: wx.ErrBalance, wx.ErrRefundTooMuch, wx.ErrRefundDiffers, wx.ErrTradeUnknown (unpaid
// counts as unknown), wx.ErrRejected, wx.ErrRateLimited, wx.ErrBusy, wx.ErrForged,
// wx.ErrTimeout, wx.ErrMerchantUnknown; invalid_input when the merchant and the sub
// merchant do not go together. After ErrBusy, ErrForged and ErrTimeout it is not known
// whether WeChat Pay refunds.
func (g *Gateway) Refund(ctx context.Context, r wx.RefundRequest) (wx.RefundState, error) {
	total, refund := int64(r.Total), int64(r.Amount)
	return g.refund(ctx, r.Trade, r.OutRefundNo, onRefund, func(api *refunddomestic.RefundsApiService) (*refunddomestic.Refund, *core.APIResult, error) {
		return api.Create(ctx, refunddomestic.CreateRequest{
			SubMchid: optional(r.SubMerchantID), OutTradeNo: &r.OutTradeNo, OutRefundNo: &r.OutRefundNo,
			Reason: optional(r.Reason), NotifyUrl: optional(r.NotifyURL),
			Amount: &refunddomestic.AmountReq{Refund: &refund, Total: &total, Currency: &r.Currency},
		})
	})
}

// QueryRefund asks WeChat Pay about one out_refund_no of a payment.
//
// Errors: wx.ErrRefundUnknown, wx.ErrRejected, wx.ErrRateLimited, wx.ErrBusy, wx.ErrForged,
// wx.ErrTimeout, wx.ErrMerchantUnknown; invalid_input when the merchant and the sub
// merchant do not go together.
func (g *Gateway) QueryRefund(ctx context.Context, t wx.Trade, outRefundNo string) (wx.RefundState, error) {
	return g.refund(ctx, t, outRefundNo, onRefundQuery, func(api *refunddomestic.RefundsApiService) (*refunddomestic.Refund, *core.APIResult, error) {
		return api.QueryByOutRefundNo(ctx, refunddomestic.QueryByOutRefundNoRequest{
			OutRefundNo: &outRefundNo, SubMchid: optional(t.SubMerchantID),
		})
	})
}

func (g *Gateway) refund(
	ctx context.Context, t wx.Trade, outRefundNo string, what endpoint,
	do func(*refunddomestic.RefundsApiService) (*refunddomestic.Refund, *core.APIResult, error),
) (wx.RefundState, error) {
	m, err := g.find(t)
	if err != nil {
		return wx.RefundState{}, err
	}
	api := &refunddomestic.RefundsApiService{Client: m.sdk}
	var answer *refunddomestic.Refund
	err = m.call(ctx, what, func() (result *core.APIResult, err error) {
		answer, result, err = do(api)
		return result, err
	})
	if err != nil {
		return wx.RefundState{}, err
	}
	out, err := refundOf(t, answer)
	if err != nil {
		return wx.RefundState{}, wx.ErrBusy.Because(err)
	}
	if out.OutRefundNo != outRefundNo || out.OutTradeNo != t.OutTradeNo {
		return wx.RefundState{}, wx.ErrForged.Because(errElse)
	}
	return out, nil
}
