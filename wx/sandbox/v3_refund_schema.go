package sandbox

// refundFields is the body of a refund.
func refundFields() []field {
	return []field{
		{name: "sub_mchid", label: "子商户号", min: 1, max: 32},
		{name: "transaction_id", label: "微信支付订单号", min: 1, max: 32},
		{name: "out_trade_no", label: "商户订单号", min: 6, max: 32},
		{name: "out_refund_no", label: "商户退款单号", required: true, min: 1, max: 64},
		{name: "reason", label: "退款原因", min: 1, max: 80},
		{name: "notify_url", label: "退款结果回调url", min: 1, max: 256},
		{name: "funds_account", label: "退款资金来源", enum: []string{"AVAILABLE", "UNSETTLED"}},
		{name: "amount", label: "金额信息", shape: shapeObject, required: true, fields: []field{
			{name: "refund", label: "退款金额", shape: shapeInt, required: true, min: 1},
			{name: "total", label: "原订单金额", shape: shapeInt, required: true, min: 1},
			{name: "currency", label: "退款币种", required: true, max: 16, enum: []string{"CNY"}},
			{name: "from", label: "退款出资账户及金额", shape: shapeObjects, fields: []field{
				{name: "account", label: "出资账户类型", required: true, enum: []string{"AVAILABLE", "UNAVAILABLE"}},
				{name: "amount", label: "出资金额", shape: shapeInt, required: true, min: 1},
			}},
		}},
		{name: "goods_detail", label: "退款商品", shape: shapeObjects, fields: []field{
			{name: "merchant_goods_id", label: "商户侧商品编码", required: true, min: 1, max: 32},
			{name: "wechatpay_goods_id", label: "微信侧商品编码", max: 32},
			{name: "goods_name", label: "商品名称", max: 256},
			{name: "unit_price", label: "商品单价", shape: shapeInt, required: true},
			{name: "refund_amount", label: "商品退款金额", shape: shapeInt, required: true},
			{name: "refund_quantity", label: "商品退货数量", shape: shapeInt, required: true, min: 1},
		}},
	}
}

// refundAnswer is a refund as both calls show it.
type refundAnswer struct {
	RefundID            string       `json:"refund_id"`
	OutRefundNo         string       `json:"out_refund_no"`
	TransactionID       string       `json:"transaction_id"`
	OutTradeNo          string       `json:"out_trade_no"`
	Channel             string       `json:"channel"`
	UserReceivedAccount string       `json:"user_received_account"`
	SuccessTime         string       `json:"success_time,omitempty"`
	CreateTime          string       `json:"create_time"`
	Status              string       `json:"status"`
	FundsAccount        string       `json:"funds_account"`
	Amount              refundAmount `json:"amount"`
	PromotionDetail     []struct{}   `json:"promotion_detail"` // always empty
}

// refundAmount is in fen. There are no coupons, so the payer's amounts are the order's.
type refundAmount struct {
	Total            int64      `json:"total"`
	Refund           int64      `json:"refund"`
	From             []struct{} `json:"from"`
	PayerTotal       int64      `json:"payer_total"`
	PayerRefund      int64      `json:"payer_refund"`
	SettlementRefund int64      `json:"settlement_refund"`
	SettlementTotal  int64      `json:"settlement_total"`
	DiscountRefund   int64      `json:"discount_refund"`
	Currency         string     `json:"currency"`
	RefundFee        int64      `json:"refund_fee"`
}

func refundAnswerOf(r Refund) refundAnswer {
	a := refundAnswer{
		RefundID: r.RefundID, OutRefundNo: r.OutRefundNo, TransactionID: r.TransactionID, OutTradeNo: r.OutTradeNo,
		Channel: r.Channel, UserReceivedAccount: r.ReceivedBy, CreateTime: stamp(r.Created), Status: r.Status,
		FundsAccount: "AVAILABLE", PromotionDetail: []struct{}{},
		Amount: refundAmount{
			Total: r.Total, Refund: r.Amount, From: []struct{}{}, PayerTotal: r.Total, PayerRefund: r.Amount,
			SettlementRefund: r.Amount, SettlementTotal: r.Total, Currency: "CNY",
		},
	}
	if r.Status == RefundSuccess {
		a.SuccessTime = stamp(r.Ended)
	}
	return a
}
