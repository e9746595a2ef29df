package sandbox

import (
	"slices"
	"time"
)

// placeSharing accepts a profit sharing or an unfreezing, or finds it again. wanted names its payment by transaction id.
func (b *book) placeSharing(wanted Sharing) (Sharing, *Refusal) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.settle()
	order, refused := b.sharable(wanted)
	if refused != nil {
		return Sharing{}, refused
	}
	key := orderKey{wanted.MchID, wanted.OutOrderNo}
	if known := b.profits.byNumber[key]; known != nil {
		if known.parameters != wanted.parameters {
			return Sharing{}, refusal(b.behaviour.ChangedSharing)
		}
		return known.copied(), nil
	}
	now := b.clock.now()
	if refused := b.sharingRefused(order, wanted, now); refused != nil {
		return Sharing{}, refused
	}
	s := &wanted
	s.order, s.OutTradeNo, s.OrderID = order, order.OutTradeNo, b.ids.sharingID(now)
	s.State, s.Created, s.due = SharingProcessing, now, now.Add(b.behaviour.SharingTakes)
	for i := range s.Parts {
		s.Parts[i].Result, s.Parts[i].DetailID = PartPending, b.ids.detailID(now)
	}
	order.unfrozen = order.unfrozen || s.Unfreezes
	order.sharings = append(order.sharings, s)
	b.profits.all, b.profits.open, b.profits.byNumber[key] = append(b.profits.all, s), append(b.profits.open, s), s
	accepted := s.copied()
	accepted.fresh = true
	return accepted, nil
}

// sharable finds the payment. One that does not exist reads like one that was not to be shared.
func (b *book) sharable(wanted Sharing) (*Order, *Refusal) {
	o := b.byTrade[wanted.TransactionID]
	text := "非分账订单不支持分账"
	if len(wanted.Parts) == 0 {
		text = "非分账订单不支持解冻剩余资金"
	}
	switch {
	case o == nil, o.MchID != wanted.MchID:
		return nil, invalidRequest(internalParamInvalid, text, nil)
	case o.SubMchID != wanted.SubMchID:
		return nil, subMchNotMatch()
	case !o.profitSharing:
		return nil, invalidRequest(internalParamInvalid, text, nil)
	}
	return o, nil
}

// sharingRefused holds the limits of profit sharing against a payment.
func (b *book) sharingRefused(o *Order, wanted Sharing, now time.Time) *Refusal {
	stranger := func(part SharingPart) bool { return !b.related(o, part) }
	sum, others := int64(0), o.shared(true)
	for _, part := range wanted.Parts {
		sum += part.Amount
		if part.Account != o.owner() {
			others += part.Amount
		}
	}
	switch {
	case now.Before(o.PaidAt.Add(b.behaviour.SharingAfter)):
		return refusal(b.behaviour.SharingTooEarly)
	case len(o.sharings) >= sharingsAtMost:
		return invalidRequest(internalParamInvalid, "订单分账次数超过限制", nil)
	case b.behaviour.UnknownReceiver != nil && slices.ContainsFunc(wanted.Parts, stranger):
		return refusal(*b.behaviour.UnknownReceiver)
	case len(wanted.Parts) == 0 && (!o.frozen(now) || b.rest(o) == 0):
		return sharingNotEnough("分账金额为0")
	case !o.frozen(now), sum > b.rest(o):
		return sharingNotEnough("分账金额不足")
	case others > o.Total*b.behaviour.MaxSharingRatio/10000:
		return ruleLimit("分账金额超出最大分账比例")
	}
	return nil
}

// findSharing returns a copy with the state of now; what belongs to other merchants does not exist.
func (b *book) findSharing(mchID, outOrderNo string) (Sharing, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.settle()
	s := b.profits.byNumber[orderKey{mchID, outOrderNo}]
	if s == nil {
		return Sharing{}, false
	}
	return s.copied(), true
}

// unsplit is what of a payment can still be shared, in fen.
func (b *book) unsplit(mchID, transactionID string) (int64, *Refusal) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.settle()
	o := b.byTrade[transactionID]
	switch {
	case o == nil, o.MchID != mchID:
		return 0, invalidRequest(internalMchMismatch, "非本商户的订单不支持查询", nil)
	case !o.profitSharing:
		return 0, invalidRequest(internalParamInvalid, "非分账订单不支持此查询", nil)
	case !o.frozen(b.clock.now()):
		return 0, nil
	}
	return b.rest(o), nil
}
