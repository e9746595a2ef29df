package pay

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"wxhub/model"
)

// errUnlawful: this program wanted to write what the tables do not allow. It is a bug, and
// the store stays as it is.
var errUnlawful = model.NewError(model.KindInternal, "unlawful_change", "the change of this order is not a legal one")

// lawful checks a change of an order before it is written: every status moved as the tables
// in transition.go say, new attempts and refunds begin at their beginning, nothing that is
// recorded about money is rewritten or removed. The tables are asked by the code that makes
// a change, too; this is the last line, which no code path goes around.
func lawful(was, is model.Order) error {
	faults := errors.Join(
		moved("order", was.Status, is.Status, orderMoves),
		same("id", was.ID, is.ID), same("merchant", was.MerchantID+" "+was.SubMerchantID, is.MerchantID+" "+is.SubMerchantID),
		same("amount", was.Amount, is.Amount), same("currency", was.Currency, is.Currency),
	)
	if len(is.Payments) < len(was.Payments) || len(is.Refunds) < len(was.Refunds) || is.AmountRefunded < was.AmountRefunded {
		faults = errors.Join(faults, errors.New("something is gone"))
	}
	for i, p := range is.Payments {
		before := model.Payment{OutTradeNo: p.OutTradeNo, Status: model.PaymentCreated}
		if i < len(was.Payments) {
			before = was.Payments[i]
		}
		faults = errors.Join(faults,
			moved("payment "+p.OutTradeNo, before.Status, p.Status, paymentMoves), same("out_trade_no", before.OutTradeNo, p.OutTradeNo))
		if i < len(was.Payments) {
			faults = errors.Join(faults, same("combine_out_trade_no of "+p.OutTradeNo, before.CombineOutTradeNo, p.CombineOutTradeNo))
		}
		if before.TransactionID != "" {
			faults = errors.Join(faults, same("transaction_id of "+p.OutTradeNo, before.TransactionID, p.TransactionID))
		}
	}
	for i, r := range is.Refunds {
		before := model.Refund{ID: r.ID, OutTradeNo: r.OutTradeNo, Amount: r.Amount, Status: model.RefundCreated}
		if i < len(was.Refunds) {
			before = was.Refunds[i]
		}
		faults = errors.Join(faults, moved("refund "+r.ID, before.Status, r.Status, refundMoves),
			same("out_refund_no", before.ID+" "+before.OutTradeNo, r.ID+" "+r.OutTradeNo), same("amount of "+r.ID, before.Amount, r.Amount))
	}
	if faults != nil {
		return errUnlawful.Because(faults)
	}
	return nil
}

// lawfulCombined is lawful for a combined order.
func lawfulCombined(was, is model.CombinedOrder) error {
	faults := errors.Join(same("id", was.ID, is.ID), same("merchant", was.MerchantID, is.MerchantID),
		same("orders", strings.Join(was.Orders, " "), strings.Join(is.Orders, " ")))
	if len(is.Payments) < len(was.Payments) {
		faults = errors.Join(faults, errors.New("something is gone"))
	}
	for i, p := range is.Payments {
		before := model.CombinedPayment{OutTradeNo: p.OutTradeNo, Status: model.CombinedReserving}
		if i < len(was.Payments) {
			before = was.Payments[i]
		}
		faults = errors.Join(faults, moved("attempt "+p.OutTradeNo, before.Status, p.Status, combinedMoves),
			same("combine_out_trade_no", before.OutTradeNo, p.OutTradeNo))
	}
	if faults != nil {
		return errUnlawful.Because(faults)
	}
	return nil
}

// snapshot keeps what lawful compares; change works in place on the lists of an order.
func snapshot(o model.Order) model.Order {
	o.Payments, o.Refunds = slices.Clone(o.Payments), slices.Clone(o.Refunds)
	return o
}

func moved[S ~string](what string, from, to S, table map[S][]S) error {
	if from == to || slices.Contains(table[from], to) {
		return nil
	}
	return fmt.Errorf("%s: %s → %s", what, from, to)
}

func same[T comparable](what string, was, is T) error {
	if was == is {
		return nil
	}
	return fmt.Errorf("%s: %v → %v", what, was, is)
}
