package pay

import (
	"slices"

	"wxhub/model"
)

// orderMoves is the table of legal changes of an order's status. What is not here
// does not happen.
var orderMoves = map[model.OrderStatus][]model.OrderStatus{
	// created → paid: the payer was faster than our own record of the prepay.
	model.OrderCreated: {model.OrderPending, model.OrderPaid, model.OrderClosed},
	model.OrderPending: {model.OrderPaid, model.OrderClosed},
	// closed → paid: the payment won the race against the close. The money is real.
	model.OrderClosed:            {model.OrderPaid},
	model.OrderPaid:              {model.OrderPartiallyRefunded, model.OrderRefunded},
	model.OrderPartiallyRefunded: {model.OrderRefunded},
	model.OrderRefunded:          {},
}

// paymentMoves is the same for a payment attempt.
var paymentMoves = map[model.PaymentStatus][]model.PaymentStatus{
	model.PaymentCreated: {model.PaymentPending, model.PaymentPaid, model.PaymentDuplicate, model.PaymentLate, model.PaymentClosed, model.PaymentFailed, model.PaymentReversing},
	model.PaymentPending: {model.PaymentPaid, model.PaymentDuplicate, model.PaymentLate, model.PaymentClosed, model.PaymentReversing},
	// closed and failed are our reading of the past; a verified SUCCESS overrules it. A payment
	// by code was closed by a reversal, so SUCCESS makes it be reversed again (settleCode).
	model.PaymentClosed:    {model.PaymentPaid, model.PaymentDuplicate, model.PaymentLate, model.PaymentReversing},
	model.PaymentFailed:    {model.PaymentPaid, model.PaymentDuplicate, model.PaymentLate},
	model.PaymentPaid:      {},
	model.PaymentDuplicate: {},
	model.PaymentLate:      {},
	// paid, duplicate: only when WeChat Pay refuses to reverse (reverseCode).
	model.PaymentReversing: {model.PaymentClosed, model.PaymentPaid, model.PaymentDuplicate, model.PaymentLate},
}

// combinedMoves is the same for an attempt to pay orders together.
var combinedMoves = map[model.CombinedStatus][]model.CombinedStatus{
	model.CombinedReserving: {model.CombinedAsked, model.CombinedClosed},
	model.CombinedAsked:     {model.CombinedClosed},
	model.CombinedClosed:    {},
}

// refundMoves is the same for a refund.
var refundMoves = map[model.RefundStatus][]model.RefundStatus{
	model.RefundCreated:    {model.RefundProcessing, model.RefundSucceeded, model.RefundClosed, model.RefundAbnormal, model.RefundFailed},
	model.RefundProcessing: {model.RefundSucceeded, model.RefundClosed, model.RefundAbnormal},
	// abnormal → succeeded: an operator saw to it at WeChat Pay.
	model.RefundAbnormal:  {model.RefundSucceeded, model.RefundClosed},
	model.RefundSucceeded: {},
	model.RefundClosed:    {},
	// failed is our reading of a refusal; a verified statement of WeChat Pay overrules it.
	model.RefundFailed: {model.RefundProcessing, model.RefundSucceeded, model.RefundClosed, model.RefundAbnormal},
}

func moveRefund(r *model.Refund, to model.RefundStatus) error {
	if !slices.Contains(refundMoves[r.Status], to) {
		return model.NewError(model.KindConflict, "refund_"+string(r.Status), "the refund is %s and cannot become %s", r.Status, to)
	}
	r.Status = to
	return nil
}

// holds reports whether a refund takes up a part of its payment: all do but those of
// which it is certain that the money did not move.
func holds(r model.Refund) bool {
	return r.Status != model.RefundClosed && r.Status != model.RefundFailed
}

// unsettled reports whether WeChat Pay must be asked about a refund.
func unsettled(r model.Refund) bool {
	return r.Status == model.RefundCreated || r.Status == model.RefundProcessing
}

func moveOrder(o *model.Order, to model.OrderStatus) error {
	if !slices.Contains(orderMoves[o.Status], to) {
		return model.NewError(model.KindConflict, "order_"+string(o.Status), "the order is %s and cannot become %s", o.Status, to)
	}
	o.Status = to
	return nil
}

func movePayment(p *model.Payment, to model.PaymentStatus) error {
	if !slices.Contains(paymentMoves[p.Status], to) {
		return model.NewError(model.KindConflict, "payment_"+string(p.Status), "the payment is %s and cannot become %s", p.Status, to)
	}
	p.Status = to
	return nil
}

// live reports whether money may still arrive through the attempt in the normal way.
func live(p model.Payment) bool {
	return p.Status == model.PaymentCreated || p.Status == model.PaymentPending
}

// received reports whether WeChat Pay has said SUCCESS of the attempt.
func received(p model.Payment) bool {
	return p.Status == model.PaymentPaid || p.Status == model.PaymentDuplicate || p.Status == model.PaymentLate
}

// unresolved reports whether it is not decided yet what becomes of the attempt.
func unresolved(p model.Payment) bool { return live(p) || p.Status == model.PaymentReversing }

// open reports whether the order may still be paid in the normal way.
func open(o model.Order) bool {
	return o.Status == model.OrderCreated || o.Status == model.OrderPending
}
