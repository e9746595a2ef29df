package sandbox

// transaction is an order as queries and notifications show it. Of an unpaid order the fields that payment
// fills are empty strings, not absent.
type transaction struct {
	MchID           string            `json:"mchid,omitempty"`
	AppID           string            `json:"appid,omitempty"`
	SpMchID         string            `json:"sp_mchid,omitempty"` // of a service provider, instead of the two above
	SpAppID         string            `json:"sp_appid,omitempty"`
	SubMchID        string            `json:"sub_mchid,omitempty"`
	SubAppID        string            `json:"sub_appid,omitempty"`
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
	OpenID    string `json:"openid,omitempty"`
	SpOpenID  string `json:"sp_openid,omitempty"`
	SubOpenID string `json:"sub_openid,omitempty"`
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
	if o.SubMchID != "" {
		t.MchID, t.AppID = "", ""
		t.SpMchID, t.SpAppID, t.SubMchID, t.SubAppID = o.MchID, o.AppID, o.SubMchID, o.SubAppID
	}
	if !o.paid() {
		return t
	}
	t.TransactionID, t.TradeType, t.BankType = o.TransactionID, o.TradeType, o.BankType
	t.Attach, t.SuccessTime, t.Payer = o.Attach, stamp(o.PaidAt), transactionPayer{OpenID: o.OpenID}
	if o.SubMchID != "" {
		t.Payer = transactionPayer{SpOpenID: o.OpenID, SubOpenID: o.SubOpenID}
	}
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
	case StateRefund:
		return "订单发生过退款，退款详情请查询退款单"
	case StateClosed:
		return "订单已关闭"
	case StateUserPaying:
		return "用户支付中，需要输入密码"
	case StatePayError:
		return "支付失败"
	case StateRevoked:
		return "订单已撤销"
	default:
		return "订单未支付"
	}
}

func (p *Platform) queryByNumber(in *v3Call) (any, error) {
	if refused := checkNumber(in.outTradeNo); refused != nil {
		return nil, refused
	}
	parties, refused := p.queryParties(in)
	if refused != nil {
		return nil, refused
	}
	order, found := p.book.find(in.merchant.ID, in.outTradeNo)
	return queried(order, found, parties)
}

func (p *Platform) queryByTransaction(in *v3Call) (any, error) {
	parties, refused := p.queryParties(in)
	if refused != nil {
		return nil, refused
	}
	order, found := p.book.findTrade(in.merchant.ID, in.path["transaction_id"])
	in.outTradeNo = order.OutTradeNo
	return queried(order, found, parties)
}

func queried(order Order, found bool, parties v3Parties) (any, error) {
	switch {
	case !found, order.combinedSub():
		return nil, orderNotExist()
	case order.SubMchID != parties.SubMchID:
		return nil, subMchNotMatch()
	}
	t := transactionOf(order)
	t.PromotionDetail = &[]struct{}{}
	return t, nil
}
