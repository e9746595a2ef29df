package sandbox

import "time"

// placeRefund accepts a refund, or finds it again. wanted names its order by one of the two numbers.
func (b *book) placeRefund(wanted Refund) (Refund, *Refusal) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.settle()
	order := b.byTrade[wanted.TransactionID]
	if wanted.TransactionID == "" {
		order = b.byNumber[orderKey{wanted.MchID, wanted.OutTradeNo}]
	}
	if order == nil || order.MchID != wanted.MchID || !order.paid() {
		return Refund{}, resourceNotExists("订单不存在")
	}
	if order.SubMchID != wanted.SubMchID {
		return Refund{}, subMchNotMatch()
	}
	key := refundKey{wanted.MchID, wanted.OutRefundNo}
	if known := b.byRefund[key]; known != nil {
		if known.order != order || known.parameters != wanted.parameters {
			return Refund{}, refundChanged()
		}
		return *known, nil
	}
	now := b.clock.now()
	if refused := b.refundable(order, wanted, now); refused != nil {
		return Refund{}, refused
	}
	r := &wanted
	r.order, r.OutTradeNo, r.TransactionID = order, order.OutTradeNo, order.TransactionID
	r.RefundID, r.Status, r.Created = b.ids.refundID(now), RefundProcessing, now
	r.Channel, r.ReceivedBy = channelOriginal, "支付用户零钱"
	r.outcome, r.due = b.plan(r.OutRefundNo), now.Add(b.behaviour.RefundTakes)
	b.byRefund[key] = r
	b.refunds, b.open, order.refunds = append(b.refunds, r), append(b.open, r), append(order.refunds, r)
	if !b.behaviour.RefundStateOnSuccess {
		order.State = StateRefund
	}
	accepted := *r
	accepted.fresh = true
	return accepted, nil
}

// refundable holds the limits of refunds against an order.
func (b *book) refundable(o *Order, wanted Refund, now time.Time) *Refusal {
	taken, times, last := o.takenBack()
	switch {
	case wanted.Total != o.Total:
		return refundChanged()
	case now.Sub(o.PaidAt) > refundWindow:
		return invalidRequest(internalParamInvalid, "订单已超过可退款期限", nil)
	case taken == o.Total:
		return invalidRequest(internalParamInvalid, "订单已全额退款", nil)
	case taken+wanted.Amount > o.Total:
		return invalidRequest(internalParamInvalid, "申请退款金额大于订单可退金额", nil)
	case times >= refundsAtMost:
		return invalidRequest(internalParamInvalid, "订单退款次数超过限制", nil)
	case times > 0 && now.Sub(last) < b.behaviour.RefundGap:
		return frequencyLimited()
	}
	return nil
}

// plan is the outcome that somebody ordered for this refund, or for the next one.
func (b *book) plan(outRefundNo string) string {
	for _, number := range []string{outRefundNo, ""} {
		if status, found := b.planned[number]; found {
			delete(b.planned, number)
			return status
		}
	}
	return RefundSuccess
}

// findRefund returns a copy with the state of now; those of other merchants do not exist.
func (b *book) findRefund(mchID, outRefundNo string) (Refund, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.settle()
	r := b.byRefund[refundKey{mchID, outRefundNo}]
	if r == nil {
		return Refund{}, false
	}
	return *r, true
}

func refundChanged() *Refusal {
	return invalidRequest(internalParamInvalid, "订单金额或退款金额与之前请求不一致，请核实后再试", nil)
}
