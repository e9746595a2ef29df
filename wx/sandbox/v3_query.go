package sandbox

// transaction is an order as queries and notifications show it. Of an unpaid order the fields that payment
// fills are empty strings, not absent.
type transaction struct {
	MchID           string            `json:"mchid"`
	AppID           string            `json:"appid"`
	OutTradeNo      string            `json:"out_trade_no"`
	TransactionID   string            `json:"transaction_id"`
	TradeType       string            `json:"trade_type"`
	TradeState      string            `json:"trade_state"`
	TradeStateDesc  string            `json:"trade_state_desc"`
	BankType        string            `json:"bank_type"`
	Attach          string            `json:"attach"`
	SuccessTime     string            `json:"success_time"`
	Payer           transactionPayer  `json:"payer"`
	Amount          transactionAmount `json:"amount"`
	SceneInfo       *transactionScene `json:"scene_info,omitempty"`
	PromotionDetail *[]struct{}       `json:"promotion_detail,omitempty"` // queries only; always empty
}

type transactionPayer struct {
	OpenID string `json:"openid,omitempty"`
}

// transactionAmount is in fen. PayerTotal is absent before payment.
type transactionAmount struct {
	Total         int64  `json:"total"`
	PayerTotal    *int64 `json:"payer_total,omitempty"`
	Currency      string `json:"currency"`
	PayerCurrency string `json:"payer_currency,omitempty"`
}

type transactionScene struct {
	DeviceID string `json:"device_id"`
}

func transactionOf(o Order) transaction {
	t := transaction{
		MchID: o.MchID, AppID: o.AppID, OutTradeNo: o.OutTradeNo, TradeState: o.State,
		TradeStateDesc: stateText(o.State), Amount: transactionAmount{Total: o.Total, Currency: "CNY"},
	}
	if o.State != StateSuccess {
		return t
	}
	t.TransactionID, t.TradeType, t.BankType = o.TransactionID, o.TradeType, o.BankType
	t.Attach, t.SuccessTime, t.Payer.OpenID = o.Attach, stamp(o.PaidAt), o.OpenID
	t.Amount.PayerTotal, t.Amount.PayerCurrency = &o.Total, "CNY"
	if o.DeviceID != "" {
		t.SceneInfo = &transactionScene{o.DeviceID}
	}
	return t
}

func stateText(state string) string {
	switch state {
	case StateSuccess:
		return "支付成功"
	case StateClosed:
		return "订单已关闭"
	default:
		return "订单未支付"
	}
}

func (p *Platform) queryByNumber(in *v3Call) (any, error) {
	if refused := checkNumber(in.outTradeNo); refused != nil {
		return nil, refused
	}
	if refused := p.checkQueryMerchant(in); refused != nil {
		return nil, refused
	}
	return queried(p.book.find(in.merchant.ID, in.outTradeNo))
}

func (p *Platform) queryByTransaction(in *v3Call) (any, error) {
	if refused := p.checkQueryMerchant(in); refused != nil {
		return nil, refused
	}
	order, found := p.book.findTrade(in.merchant.ID, in.path["transaction_id"])
	in.outTradeNo = order.OutTradeNo
	return queried(order, found)
}

func queried(order Order, found bool) (any, error) {
	if !found {
		return nil, orderNotExist()
	}
	t := transactionOf(order)
	t.PromotionDetail = &[]struct{}{}
	return t, nil
}

// checkQueryMerchant checks the mchid of the query string.
func (p *Platform) checkQueryMerchant(in *v3Call) *Refusal {
	mchID := in.request.URL.Query().Get("mchid")
	if mchID == "" {
		return paramError(internalParamInvalid, "输入源“/query/mchid”映射到字段“商户号”必填性规则校验失败，此字段为必填项",
			fieldDetail{Field: "mchid", Issue: "missing", Location: "query"})
	}
	return p.checkMerchant(in, mchID)
}
