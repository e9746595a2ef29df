package sandbox

// combineTransaction is a combined order as queries and notifications show it.
type combineTransaction struct {
	CombineAppID      string            `json:"combine_appid"`
	CombineMchID      string            `json:"combine_mchid"`
	CombineOutTradeNo string            `json:"combine_out_trade_no"`
	SceneInfo         *transactionScene `json:"scene_info,omitempty"`
	SubOrders         []combineSubOrder `json:"sub_orders"`
	Payer             combinePayer      `json:"combine_payer_info"`
}

type combinePayer struct {
	OpenID string `json:"openid,omitempty"`
}

// combineSubOrder is one of its orders. Of an unpaid one the fields that payment fills are empty strings, as in an
// ordinary query.
type combineSubOrder struct {
	MchID           string        `json:"mchid"`
	SubMchID        string        `json:"sub_mchid,omitempty"`
	SubAppID        string        `json:"sub_appid,omitempty"`
	SubOpenID       string        `json:"sub_openid,omitempty"`
	OutTradeNo      string        `json:"out_trade_no"`
	TransactionID   string        `json:"transaction_id"`
	TradeType       string        `json:"trade_type"`
	TradeState      string        `json:"trade_state"`
	BankType        string        `json:"bank_type"`
	Attach          string        `json:"attach"`
	SuccessTime     string        `json:"success_time"`
	Amount          combineAmount `json:"amount"`
	PromotionDetail *[]struct{}   `json:"promotion_detail,omitempty"` // queries only; always empty
}

// combineAmount is in fen. PayerAmount is absent before payment. There is no settlement_rate: nothing is converted.
type combineAmount struct {
	Total         int64  `json:"total_amount"`
	Currency      string `json:"currency"`
	PayerAmount   *int64 `json:"payer_amount,omitempty"`
	PayerCurrency string `json:"payer_currency,omitempty"`
}

func combineTransactionOf(head Order) combineTransaction {
	t := combineTransaction{CombineAppID: head.AppID, CombineMchID: head.MchID, CombineOutTradeNo: head.OutTradeNo}
	for _, sub := range head.subs {
		t.SubOrders = append(t.SubOrders, combineSubOrderOf(*sub))
	}
	if !head.paid() {
		return t
	}
	t.Payer.OpenID = head.OpenID
	if head.DeviceID != "" {
		t.SceneInfo = &transactionScene{head.DeviceID}
	}
	return t
}

func combineSubOrderOf(o Order) combineSubOrder {
	out := combineSubOrder{
		MchID: o.MchID, SubMchID: o.SubMchID, SubAppID: o.SubAppID, OutTradeNo: o.OutTradeNo, TradeState: o.State, Attach: o.Attach,
		Amount: combineAmount{Total: o.Total, Currency: "CNY"},
	}
	if o.paid() {
		out.SubOpenID, out.TransactionID, out.TradeType, out.BankType = o.SubOpenID, o.TransactionID, o.TradeType, o.BankType
		out.SuccessTime, out.Amount.PayerAmount, out.Amount.PayerCurrency = stamp(o.PaidAt), &o.Total, "CNY"
	}
	return out
}

// queryCombined names its merchant by the signature alone.
func (p *Platform) queryCombined(in *v3Call) (any, error) {
	if refused := checkCombineNumber(in.outTradeNo); refused != nil {
		return nil, refused
	}
	head, found := p.book.findCombined(in.merchant.ID, in.outTradeNo)
	if !found {
		return nil, orderNotExist()
	}
	in.appID = head.AppID
	t := combineTransactionOf(head)
	for i := range t.SubOrders {
		t.SubOrders[i].PromotionDetail = &[]struct{}{}
	}
	return t, nil
}

// falsifiedCombined is a paid combined order, or one that a careless receiver would take for it: what is false stands in
// the last sub order, where it is easy to overlook.
func (p *Platform) falsifiedCombined(head Order, fault string) combineTransaction {
	t := combineTransactionOf(head)
	for i := range t.SubOrders {
		t.SubOrders[i].SuccessTime = stampMilli(head.PaidAt) // only notifications are that exact
	}
	last := &t.SubOrders[len(t.SubOrders)-1]
	switch fault {
	case faultWrongAmount:
		less := another(last.Amount.Total)
		last.Amount.Total, last.Amount.PayerAmount = less, &less
	case faultWrongMchid:
		if wrong := "19" + p.ids.text(digits, 8); last.SubMchID != "" {
			last.SubMchID = wrong
		} else {
			last.MchID = wrong
		}
	case faultWrongAppid:
		t.CombineAppID = "wx" + p.ids.text(hexLower, 16)
	case faultSwapped:
		last.OutTradeNo = p.book.anotherNumber(*head.subs[len(head.subs)-1])
	}
	return t
}
