package sandbox

// How many sub orders a combined order has, and what one may cost.
const (
	subOrdersAtLeast = 2
	subOrdersDirect  = 10
	subOrdersPartner = 50
	subOrderMaxFen   = 1_000_000_000
)

const combineNumberField = "combine_out_trade_no"

// combineFields is the body of one prepay of a combined order.
func combineFields(c channel, partner bool) []field {
	scene := []field{
		{name: "device_id", label: "商户端设备号", max: 32},
		{name: "payer_client_ip", label: "用户终端IP", required: true, min: 1, max: 45},
	}
	if c.h5 {
		scene = append(scene, h5Field())
	}
	payer := []field{{name: "openid", label: "用户标识", max: 128}}
	if partner {
		payer = append(payer, field{name: "sub_openid", label: "用户子标识", max: 128})
	}
	return []field{
		{name: "combine_appid", label: "合单商户appid", required: true, min: 1, max: 32},
		{name: "combine_mchid", label: "合单商户号", required: true, min: 1, max: 32},
		{name: combineNumberField, label: "合单商户订单号", required: true, min: 6, max: 32},
		{name: "scene_info", label: "场景信息", shape: shapeObject, required: c.h5, fields: scene},
		{name: "sub_orders", label: "子单信息", shape: shapeObjects, required: true, fields: subOrderFields(partner)},
		{name: "combine_payer_info", label: "支付者", shape: shapeObject, fields: payer}, // its absence has its own message
		{name: "time_start", label: "交易起始时间", min: 1, max: 64},
		{name: "time_expire", label: "交易结束时间", min: 1, max: 64},
		{name: "notify_url", label: "通知地址", required: true, min: 1, max: 255},
		{name: "limit_pay", label: "指定支付方式", shape: shapeStrings, enum: []string{"no_balance", "no_credit", "no_debit", "balance_only"}},
	}
}

func subOrderFields(partner bool) []field {
	return append(subOrderParties(partner),
		field{name: "attach", label: "附加数据", required: true, min: 1, max: 128},
		field{name: "amount", label: "订单金额", shape: shapeObject, required: true, fields: []field{
			{name: "total_amount", label: "标价金额", shape: shapeInt, required: true, min: 1, max: subOrderMaxFen},
			{name: "currency", label: "标价币种", required: true, min: 1, max: 8, enum: []string{"CNY"}},
		}},
		field{name: "description", label: "商品描述", required: true, min: 1, max: 127},
		field{name: "detail", label: "优惠功能", shape: shapeObject, fields: detailFields()},
		field{name: "goods_tag", label: "订单优惠标记", max: 32},
		field{name: "settle_info", label: "结算信息", shape: shapeObject, fields: []field{
			{name: "profit_sharing", label: "是否指定分账", shape: shapeBool},
			{name: "subsidy_amount", label: "补差金额", shape: shapeInt},
		}})
}

// subOrderParties name a sub order, also when it is closed.
func subOrderParties(partner bool) []field {
	out := []field{
		{name: "mchid", label: "子单商户号", required: true, min: 1, max: 32},
		{name: "out_trade_no", label: "子单商户订单号", required: true, min: 6, max: 32},
	}
	if partner {
		out = append(out,
			field{name: "sub_mchid", label: "二级商户号", required: true, min: 1, max: 32},
			field{name: "sub_appid", label: "子商户应用ID", min: 1, max: 32})
	}
	return out
}
