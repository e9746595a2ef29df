package pay

import "wxhub/model"

// Errors of this package with a stable code.
var (
	errNoOrder             = model.NewError(model.KindNotFound, "order_not_found", "there is no such order")
	errOrderPaid           = model.NewError(model.KindConflict, "order_paid", "the order is paid already")
	errOrderClosed         = model.NewError(model.KindConflict, "order_closed", "the order is closed; create a new one")
	errOrderExpired        = model.NewError(model.KindConflict, "order_expired", "the order has expired; create a new one")
	errTooManyTries        = model.NewError(model.KindConflict, "too_many_payments", "this order had too many payment attempts; create a new one")
	errRivals              = model.NewError(model.KindConflict, "payment_replaced", "another payment of this order was opened meanwhile; ask again")
	errNotYours            = model.NewError(model.KindForbidden, "not_your_order", "this order belongs to somebody else")
	errPayerRequired       = model.NewError(model.KindInvalid, "payer_required", "this order has no user_id; the payer must prepay it with their own session")
	errMethod              = model.NewError(model.KindInvalid, "method_not_available", "this version takes the methods mini_program, official_account, app, native and h5")
	errIdempotency         = model.NewError(model.KindConflict, "idempotency_conflict", "this Idempotency-Key was used with another body")
	errNotPaid             = model.NewError(model.KindConflict, "order_not_paid", "the order is not paid, so there is nothing to give back")
	errRefundTooMuch       = model.NewError(model.KindConflict, "refund_exceeds_payment", "this and the other refunds of the order are more than what was paid")
	errTooManyRefunds      = model.NewError(model.KindConflict, "too_many_refunds", "WeChat Pay takes at most 50 refunds of one payment")
	errNoRefund            = model.NewError(model.KindNotFound, "refund_not_found", "there is no such refund")
	errNotToShare          = model.NewError(model.KindConflict, "profit_sharing_not_asked_for", "the order was not created with profit_sharing, so what was paid cannot be shared")
	errSharesTooMuch       = model.NewError(model.KindConflict, "profit_sharing_exceeds_payment", "this, the other parts and the refunds of the order are more than what was paid")
	errSharingOver         = model.NewError(model.KindConflict, "profit_sharing_over", "what was left of the payment has gone, or is going, to the merchant")
	errTooManySharings     = model.NewError(model.KindConflict, "too_many_profit_sharings", "WeChat Pay takes at most 50 profit sharings of one payment")
	errNoSharing           = model.NewError(model.KindNotFound, "profit_sharing_not_found", "there is no such profit sharing")
	errReturnTooMuch       = model.NewError(model.KindConflict, "profit_return_exceeds_part", "this and the other returns are more than what this merchant received")
	errTooManyReturns      = model.NewError(model.KindConflict, "too_many_profit_returns", "there are 99 returns of this profit sharing already")
	errNoTransfer          = model.NewError(model.KindNotFound, "transfer_not_found", "there is no such transfer")
	errUnknownTransfer     = model.NewError(model.KindNotFound, "transfer_unknown", "no transfer of ours has this out_bill_no")
	errTransferOver        = model.NewError(model.KindConflict, "transfer_over", "the transfer has come to its end, or WeChat Pay refused it")
	errTransferNotAccepted = model.NewError(model.KindConflict, "transfer_not_accepted", "WeChat Pay has not confirmed yet that it has the transfer; try again shortly")
	errUnknownPayment      = model.NewError(model.KindNotFound, "payment_unknown", "no payment of ours has this out_trade_no")
	errMismatch            = model.NewError(model.KindInvalid, "payment_mismatch", "WeChat Pay's statement does not match the payment")
)
