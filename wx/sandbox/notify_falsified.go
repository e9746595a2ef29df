package sandbox

// falsified is a paid order's transaction, or one that a careless receiver would take for it.
func (p *Platform) falsified(o Order, fault string) transaction {
	t := transactionOf(o)
	switch fault {
	case faultWrongAmount:
		less := another(t.Amount.Total)
		t.Amount.Total, t.Amount.PayerTotal = less, &less
	case faultWrongMchid:
		t.wrongMerchant("19" + p.ids.text(digits, 8))
	case faultWrongAppid:
		t.wrongApp("wx" + p.ids.text(hexLower, 16))
	case faultSwapped:
		t.OutTradeNo = p.book.anotherNumber(o)
	}
	return t
}

// another is half the amount, or more than it when there is no half.
func another(fen int64) int64 {
	if less := max(1, fen/2); less != fen {
		return less
	}
	return fen + 1
}

// wrongMerchant names another one: of a service provider another sub merchant, who is easier to overlook.
func (t *transaction) wrongMerchant(id string) {
	if t.SubMchID != "" {
		t.SubMchID = id
	} else {
		t.MchID = id
	}
}

func (t *transaction) wrongApp(id string) {
	if t.SpAppID != "" {
		t.SpAppID = id
	} else {
		t.AppID = id
	}
}

// falsifiedRefund is an ended refund's notice, or a false one. It names no app, so wrong_appid changes nothing.
func (p *Platform) falsifiedRefund(r Refund, fault string) refundNotice {
	n := refundNoticeOf(r)
	switch fault {
	case faultWrongAmount:
		n.Amount.Refund = another(n.Amount.Refund)
		n.Amount.PayerRefund = n.Amount.Refund
	case faultWrongMchid:
		if n.SubMchID != "" {
			n.SubMchID = "19" + p.ids.text(digits, 8)
		} else {
			n.MchID = "19" + p.ids.text(digits, 8)
		}
	case faultSwapped:
		n.OutRefundNo = p.book.anotherRefund(r)
	}
	return n
}

// anotherRefund is the newest other refund of the same merchant, or a number that nobody knows.
func (b *book) anotherRefund(than Refund) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := len(b.refunds) - 1; i >= 0; i-- {
		if r := b.refunds[i]; r.MchID == than.MchID && r.OutRefundNo != than.OutRefundNo {
			return r.OutRefundNo
		}
	}
	return b.ids.text(alnum, 24)
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
