package wx

import "wxhub/model"

// Errors of refunds, beyond those of error.go.
var (
	// ErrRefundUnknown: WeChat Pay has no such out_refund_no.
	ErrRefundUnknown = model.NewError(model.KindUpstream, "wechat_refund_unknown", "WeChat Pay does not know this refund number")
	// ErrBalance: the money is not there yet (NOT_ENOUGH). The same out_refund_no may be tried again, and must
	// not be exchanged for another.
	ErrBalance = model.NewError(model.KindUpstream, "wechat_balance", "the merchant's balance does not cover the refund; top it up, then the same refund can be tried again")
	// ErrRefundTooMuch: the payment is refunded already, or less of it is left than was asked for.
	ErrRefundTooMuch = model.NewError(model.KindConflict, "wechat_refund_too_much", "WeChat Pay has less left to refund of this payment")
	// ErrRefundDiffers: the out_refund_no was used with other parameters.
	ErrRefundDiffers = model.NewError(model.KindConflict, "wechat_refund_differs", "WeChat Pay holds this refund number with other parameters")
)
