package sandbox

// falsified is a paid order's transaction, or one that a careless receiver would take for it.
func (p *Platform) falsified(o Order, fault string) transaction {
	t := transactionOf(o)
	switch fault {
	case faultWrongAmount:
		less := max(1, t.Amount.Total/2)
		if less == t.Amount.Total {
			less++
		}
		t.Amount.Total, t.Amount.PayerTotal = less, &less
	case faultWrongMchid:
		t.MchID = "19" + p.ids.text(digits, 8)
	case faultWrongAppid:
		t.AppID = "wx" + p.ids.text(hexLower, 16)
	case faultSwapped:
		t.OutTradeNo = p.book.anotherNumber(o)
	}
	return t
}

// anotherNumber is the newest other order of the same merchant, or a number that nobody knows.
func (b *book) anotherNumber(than Order) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := len(b.orders) - 1; i >= 0; i-- {
		if o := b.orders[i]; o.MchID == than.MchID && o.OutTradeNo != than.OutTradeNo {
			return o.OutTradeNo
		}
	}
	return b.ids.text(alnum, 24)
}
