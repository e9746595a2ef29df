package pay

import (
	"slices"
	"testing"

	"wxhub/model"
)

// Every pair of statuses, written out by hand and not derived from the table under
// test: '+' may happen, '.' must not.
func TestOrderTransitionsOfEveryPair(t *testing.T) {
	matrix := map[model.OrderStatus]string{
		//                               created pending paid part refunded closed
		model.OrderCreated:           ".++..+",
		model.OrderPending:           "..+..+",
		model.OrderPaid:              "...++.",
		model.OrderPartiallyRefunded: "....+.",
		model.OrderRefunded:          "......",
		model.OrderClosed:            "..+...",
	}
	if len(matrix) != len(model.OrderStatuses) || len(orderMoves) != len(model.OrderStatuses) {
		t.Fatal("a status is missing from a table")
	}
	for from, row := range matrix {
		for i, to := range model.OrderStatuses {
			o := model.Order{Status: from}
			err := moveOrder(&o, to)
			if allowed := row[i] == '+'; allowed != (err == nil) {
				t.Errorf("%s → %s: %v", from, to, err)
			}
			if err != nil && (o.Status != from || model.AsError(err).Kind != model.KindConflict) {
				t.Errorf("%s → %s: refused, yet the order is %s (%v)", from, to, o.Status, err)
			}
		}
	}
}

func TestPaymentTransitionsOfEveryPair(t *testing.T) {
	matrix := map[model.PaymentStatus]string{
		//                       created pending paid duplicate late closed failed reversing
		model.PaymentCreated:   ".+++++++",
		model.PaymentPending:   "..++++.+",
		model.PaymentPaid:      "........",
		model.PaymentDuplicate: "........",
		model.PaymentLate:      "........",
		model.PaymentClosed:    "..+++..+",
		model.PaymentFailed:    "..+++...",
		model.PaymentReversing: "..++++..",
	}
	if len(matrix) != len(model.PaymentStatuses) || len(paymentMoves) != len(model.PaymentStatuses) {
		t.Fatal("a status is missing from a table")
	}
	for from, row := range matrix {
		for i, to := range model.PaymentStatuses {
			p := model.Payment{Status: from}
			err := movePayment(&p, to)
			if allowed := row[i] == '+'; allowed != (err == nil) || (err != nil && p.Status != from) {
				t.Errorf("%s → %s: %v", from, to, err)
			}
		}
	}
}

// What leads nowhere but back must not exist: money that has come never un-comes.
func TestMoneyNeverMovesBackwards(t *testing.T) {
	unpaid := []model.OrderStatus{model.OrderCreated, model.OrderPending, model.OrderClosed}
	for from, tos := range orderMoves {
		if slices.Contains(unpaid, from) {
			continue
		}
		for _, to := range tos {
			if slices.Contains(unpaid, to) {
				t.Errorf("%s → %s", from, to)
			}
		}
	}
}
