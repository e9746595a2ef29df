package reconcile_test

import (
	"strings"
	"time"

	"wxhub/model"
	"wxhub/wx"
)

const (
	open     = model.DifferenceOpen
	repaired = model.DifferenceRepaired
)

// seeds are all the ways in which the two sides can differ. Each makes one difference, and says which.
var seeds = []func(w *world, o model.Order) string{
	func(w *world, o model.Order) string { // the notification was lost, and WeChat Pay says so too
		w.put(w.unpaid(o))
		w.pays(o, nil)
		return label(model.DiffMissingHere, model.EntryPayment, o.Payments[0].OutTradeNo, repaired)
	},
	func(w *world, o model.Order) string { // closed here, paid there
		o2 := w.unpaid(o)
		o2.Status, o2.Payments[0].Status = model.OrderClosed, model.PaymentClosed
		w.put(o2)
		w.pays(o, nil)
		return label(model.DiffMissingHere, model.EntryPayment, o.Payments[0].OutTradeNo, repaired)
	},
	func(w *world, o model.Order) string { // the bill is not believed alone
		w.put(w.unpaid(o))
		delete(w.weChat.paid, o.Payments[0].OutTradeNo)
		w.pays(o, nil)
		return label(model.DiffMissingHere, model.EntryPayment, o.Payments[0].OutTradeNo, open)
	},
	func(w *world, o model.Order) string {
		w.put(o)
		return label(model.DiffMissingThere, model.EntryPayment, o.Payments[0].OutTradeNo, open)
	},
	func(w *world, o model.Order) string {
		w.put(o)
		w.pays(o, func(r *wx.TradeRow) { r.Amount++ })
		return label(model.DiffAmount, model.EntryPayment, o.Payments[0].OutTradeNo, open)
	},
	func(w *world, o model.Order) string {
		w.put(o)
		w.pays(o, func(r *wx.TradeRow) { r.TransactionID = "42OTHER" })
		return label(model.DiffReference, model.EntryPayment, o.Payments[0].OutTradeNo, open)
	},
	func(w *world, o model.Order) string { // a code payment: reversed there, paid here
		w.put(o)
		w.pays(o, func(r *wx.TradeRow) { r.State, r.Amount = wx.RowReversed, 0 })
		return label(model.DiffStatus, model.EntryPayment, o.Payments[0].OutTradeNo, open)
	},
	func(w *world, o model.Order) string {
		o.Payments[0].PaidAt = model.Instant(noon.AddDate(0, 0, -1))
		w.put(o)
		w.pays(o, func(r *wx.TradeRow) { r.At = noon })
		return label(model.DiffDay, model.EntryPayment, o.Payments[0].OutTradeNo, open)
	},
	func(w *world, o model.Order) string {
		w.put(o)
		w.pays(o, nil)
		w.pays(o, nil)
		return label(model.DiffDuplicate, model.EntryPayment, o.Payments[0].OutTradeNo, open)
	},
	func(w *world, o model.Order) string { // another system's
		w.pays(o, func(r *wx.TradeRow) { r.OutTradeNo = "shop-" + o.ID[10:] })
		return label(model.DiffUnknownHere, model.EntryPayment, "shop-"+o.ID[10:], open)
	},
	func(w *world, o model.Order) string { // lost here
		w.pays(o, nil)
		return label(model.DiffUnknownHere, model.EntryPayment, o.Payments[0].OutTradeNo, open)
	},
	func(w *world, o model.Order) string { // a refund whose end was not heard of
		o = refunded(o, 1, noon, noon)
		r := o.Refunds[0]
		w.weChat.refunds[r.ID] = wx.RefundState{
			Trade: wx.Trade{MerchantID: o.MerchantID, OutTradeNo: r.OutTradeNo}, OutRefundNo: r.ID, RefundID: r.RefundID, Status: wx.RefundSuccess,
			Amount: r.Amount, Total: o.Amount, SuccessTime: noon,
		}
		w.pays(o, nil)
		w.gives(o, r, nil)
		o.Refunds[0].Status, o.Refunds[0].SucceededAt, o.Refunds[0].RefundID = model.RefundProcessing, time.Time{}, ""
		o.Status, o.AmountRefunded = model.OrderPaid, 0
		w.put(o)
		return label(model.DiffMissingHere, model.EntryRefund, r.ID, repaired)
	},
	func(w *world, o model.Order) string { // made by hand on the merchant platform
		w.put(o)
		w.pays(o, nil)
		r := refunded(o, 1, noon, noon).Refunds[0]
		w.gives(o, r, func(row *wx.TradeRow) { row.OutRefundNo = "hand-" + o.ID[10:] })
		return label(model.DiffMissingHere, model.EntryRefund, "hand-"+o.ID[10:], open)
	},
	func(w *world, o model.Order) string {
		o = refunded(o, 1, noon, noon)
		w.put(o)
		w.pays(o, nil)
		return label(model.DiffMissingThere, model.EntryRefund, o.Refunds[0].ID, open)
	},
	func(w *world, o model.Order) string {
		o = refunded(o, 2, noon, noon)
		w.put(o)
		w.pays(o, nil)
		w.gives(o, o.Refunds[0], func(r *wx.TradeRow) { r.RefundAmount = 1 })
		return label(model.DiffAmount, model.EntryRefund, o.Refunds[0].ID, open)
	},
	func(w *world, o model.Order) string {
		o = refunded(o, 1, noon, noon)
		w.put(o)
		w.pays(o, nil)
		w.gives(o, o.Refunds[0], func(r *wx.TradeRow) { r.RefundState = wx.RowRefundFailed })
		return label(model.DiffStatus, model.EntryRefund, o.Refunds[0].ID, open)
	},
	func(w *world, o model.Order) string {
		o = refunded(o, 1, noon, noon)
		w.put(o)
		w.pays(o, nil)
		w.gives(o, o.Refunds[0], func(r *wx.TradeRow) { r.RefundID = "50OTHER" })
		return label(model.DiffReference, model.EntryRefund, o.Refunds[0].ID, open)
	},
	func(w *world, o model.Order) string { // of a payment and by a number that nobody knows
		r := refunded(o, 1, noon, noon).Refunds[0]
		r.OutTradeNo = "shop-" + o.ID[10:]
		w.gives(o, r, func(row *wx.TradeRow) { row.OutRefundNo = "shop-" + strings.ToLower(o.ID[10:]) })
		return label(model.DiffUnknownHere, model.EntryRefund, "shop-"+strings.ToLower(o.ID[10:]), open)
	},
}

// harmless are what looks like a difference and is none.
var harmless = []func(w *world, o model.Order){
	func(w *world, o model.Order) { w.put(o); w.pays(o, nil) },
	func(w *world, o model.Order) { // the first moment of the day
		o.Payments[0].PaidAt = model.Instant(noon.Add(-12 * time.Hour))
		w.put(o)
		w.pays(o, nil)
	},
	func(w *world, o model.Order) { // the last
		o.Payments[0].PaidAt = model.Instant(noon.Add(12*time.Hour - time.Millisecond))
		w.put(o)
		w.pays(o, nil)
	},
	func(w *world, o model.Order) { // the day before, and the day after: not in this bill
		for _, at := range []time.Time{noon.Add(-12*time.Hour - time.Millisecond), noon.Add(12 * time.Hour)} {
			o := w.order(o.MerchantID, o.Amount, at)
			w.put(o)
		}
	},
	func(w *world, o model.Order) { // never paid
		o = w.unpaid(o)
		delete(w.weChat.paid, o.Payments[0].OutTradeNo)
		w.put(o)
	},
	func(w *world, o model.Order) { o.MerchantID = rival; w.put(o) },
	func(w *world, o model.Order) { // paid, and given back in part
		o = refunded(o, 1, noon, noon)
		w.put(o)
		w.pays(o, nil)
		w.gives(o, o.Refunds[0], nil)
	},
	func(w *world, o model.Order) { // a refund of a payment of last month
		o.Payments[0].PaidAt = model.Instant(noon.AddDate(0, -1, 0))
		o = refunded(o, 1, noon, noon)
		w.put(o)
		w.gives(o, o.Refunds[0], nil)
	},
	func(w *world, o model.Order) { // a refund over midnight, in the bill of the day on which it was accepted
		o = refunded(o, 1, noon, noon.Add(20*time.Hour))
		w.put(o)
		w.pays(o, nil)
		w.gives(o, o.Refunds[0], func(r *wx.TradeRow) { r.RefundState = wx.RowRefundProcessing })
	},
	func(w *world, o model.Order) { // one from the evening before, whose row is in that bill
		o.Payments[0].PaidAt = model.Instant(noon.AddDate(0, 0, -1))
		o = refunded(o, 1, noon.Add(-13*time.Hour), noon.Add(-11*time.Hour))
		w.put(o)
	},
	func(w *world, o model.Order) { // one that is still under way on both sides
		o = refunded(o, 1, noon, time.Time{})
		o.Refunds[0].Status = model.RefundProcessing
		w.put(o)
		w.pays(o, nil)
		w.gives(o, o.Refunds[0], func(r *wx.TradeRow) { r.RefundState = wx.RowRefundProcessing })
	},
	func(w *world, o model.Order) { // one that failed on both sides
		o = refunded(o, 1, noon, time.Time{})
		o.Refunds[0].Status = model.RefundClosed
		w.put(o)
		w.pays(o, nil)
		w.gives(o, o.Refunds[0], func(r *wx.TradeRow) { r.RefundState = wx.RowRefundFailed })
	},
	func(w *world, o model.Order) { // paid twice: the second payment and its refund are rows of their own
		second := o.Payments[0]
		second.OutTradeNo, second.Status, second.TransactionID = o.ID+"02", model.PaymentDuplicate, "42"+o.ID+"B"
		o.Payments = append(o.Payments, second)
		o = refunded(o, o.Amount, noon, noon)
		o.Refunds[0].OutTradeNo, o.Refunds[0].Automatic = second.OutTradeNo, true
		w.put(o)
		w.pays(o, nil)
		w.pays(o, func(r *wx.TradeRow) { r.OutTradeNo, r.TransactionID = second.OutTradeNo, second.TransactionID })
		w.gives(o, o.Refunds[0], nil)
	},
	func(w *world, o model.Order) { // a code payment that was reversed
		was := w.unpaid(o)
		was.Status, was.Payments[0].Status = model.OrderClosed, model.PaymentClosed
		w.put(was)
		w.pays(o, nil)
		w.pays(o, func(r *wx.TradeRow) { r.State, r.Amount = wx.RowReversed, 0 })
	},
}
