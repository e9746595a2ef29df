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
	model.PaymentCreated: {model.PaymentPending, model.PaymentPaid, model.PaymentDuplicate, model.PaymentClosed, model.PaymentFailed},
	model.PaymentPending: {model.PaymentPaid, model.PaymentDuplicate, model.PaymentClosed},
	// closed and failed are our reading of the past; a verified SUCCESS overrules it.
	model.PaymentClosed:    {model.PaymentPaid, model.PaymentDuplicate},
	model.PaymentFailed:    {model.PaymentPaid, model.PaymentDuplicate},
	model.PaymentPaid:      {},
	model.PaymentDuplicate: {},
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

// open reports whether the order may still be paid in the normal way.
func open(o model.Order) bool {
	return o.Status == model.OrderCreated || o.Status == model.OrderPending
}
