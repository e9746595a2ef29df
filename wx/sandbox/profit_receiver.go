package sandbox

// addReceiver keeps a receiver; once more is fine.
func (b *book) addReceiver(r profitReceiver) *Refusal {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.settle()
	known := 0
	for other := range b.profits.receivers {
		if other.mchID == r.mchID && other.subMchID == r.subMchID {
			known++
		}
	}
	if known >= receiversAtMost && !b.profits.receivers[r] {
		return invalidRequest(internalParamInvalid, "分账接收方数量超过限制", nil)
	}
	b.profits.receivers[r] = true
	return nil
}

// deleteReceiver forgets one; that nobody was there is fine. What is being shared with it comes to nothing.
func (b *book) deleteReceiver(r profitReceiver) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.settle()
	delete(b.profits.receivers, r)
}

// profitURL is where a merchant wants to hear of what it receives.
func (b *book) profitURL(mchID string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.profits.notifyURL[mchID]
}

// SetProfitNotifyURL sets what a merchant sets in its console: where it hears of money that it receives by profit sharing.
// Empty: nowhere. It returns ErrNoMerchant.
func (p *Platform) SetProfitNotifyURL(mchID, url string) error {
	if p.world.merchant(mchID) == nil {
		return ErrNoMerchant
	}
	p.book.mu.Lock()
	defer p.book.mu.Unlock()
	p.book.profits.notifyURL[mchID] = url
	return nil
}
