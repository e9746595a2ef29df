package sandbox

import "time"

// A combined order is one payment for several orders. Its head is what the phone pays: it has a ticket and the sum, but
// no transaction id, and stands in no list. Its sub orders stand in the book like any other, so that refunds, the ledger
// and bills need to know nothing of it.

// placeCombined creates a combined order, or enters it again, and issues what the phone needs. Either all its sub orders
// are new or none is created.
func (b *book) placeCombined(wanted Order, subs []Order, base string) (string, *Refusal) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now, key := b.clock.now(), orderKey{wanted.MchID, wanted.OutTradeNo}
	if b.poisonedCombined[key] {
		return "", refusal(b.behaviour.ChangedReentry)
	}
	head := b.combined[key]
	if head != nil {
		if refused := b.reenter(head, wanted.parameters, now); refused != nil {
			return "", refused
		}
		return b.issue(head, base, now), nil
	}
	for _, sub := range subs {
		if refused := b.taken(sub, now); refused != nil {
			return "", refused
		}
	}
	wanted.State, wanted.Created = StateNotPay, now
	head = &wanted
	for i := range subs {
		sub := &subs[i]
		sub.State, sub.Created = StateNotPay, now
		b.byNumber[orderKey{sub.MchID, sub.OutTradeNo}] = sub
		b.orders, head.subs = append(b.orders, sub), append(head.subs, sub)
	}
	b.combined[key] = head
	return b.issue(head, base, now), nil
}

// taken refuses a sub order whose number its merchant has used.
func (b *book) taken(sub Order, now time.Time) *Refusal {
	key := orderKey{sub.MchID, sub.OutTradeNo}
	if b.poisoned[key] {
		return refusal(b.behaviour.ChangedReentry)
	}
	known := b.byNumber[key]
	if known == nil {
		return nil
	}
	return b.reenter(known, sub.parameters, now) // which has other parameters, as those name the combined order
}

// commit pays an order, or all of a combined one. The book is locked.
func (b *book) commit(o *Order, u User, now time.Time) {
	if o.subs == nil {
		b.charged(o, u, now)
		return
	}
	o.paidAt(now, u)
	for _, sub := range o.subs {
		b.charged(sub, u, now)
	}
}

// findCombined returns a copy, with the states of now.
func (b *book) findCombined(mchID, number string) (Order, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.settle()
	head := b.combined[orderKey{mchID, number}]
	if head == nil {
		return Order{}, false
	}
	seen, now := head.copied(), b.clock.now()
	seen.State = seen.stateAt(now)
	for _, sub := range seen.subs {
		sub.State = sub.stateAt(now)
	}
	return seen, true
}

// closeCombined closes an unpaid combined order; again and again is fine. listed must be its sub orders, in any order.
func (b *book) closeCombined(mchID, appID, number string, listed []combineClosing) *Refusal {
	b.mu.Lock()
	defer b.mu.Unlock()
	key := orderKey{mchID, number}
	head := b.combined[key]
	switch {
	case head == nil && b.behaviour.CloseUnknown != nil:
		return refusal(*b.behaviour.CloseUnknown)
	case head == nil:
		b.poisonedCombined[key] = true
		return nil
	case head.AppID != appID, !head.lists(listed):
		return refusal(b.behaviour.CloseOtherSubs)
	case head.paid():
		return refusal(b.behaviour.ClosePaid)
	}
	head.State = StateClosed
	for _, sub := range head.subs {
		sub.State = StateClosed
	}
	return nil
}

// lists tells whether these are exactly the sub orders.
func (o *Order) lists(listed []combineClosing) bool {
	left := map[combineClosing]bool{}
	for _, sub := range o.subs {
		left[combineClosing{sub.MchID, sub.OutTradeNo, sub.SubMchID, sub.SubAppID}] = true
	}
	for _, one := range listed {
		if !left[one] {
			return false
		}
		delete(left, one)
	}
	return len(left) == 0
}

// copied is the order with its sub orders as they are now, for use without the lock.
func (o *Order) copied() Order {
	out := *o
	out.subs = nil
	for _, sub := range o.subs {
		one := *sub
		out.subs = append(out.subs, &one)
	}
	return out
}
