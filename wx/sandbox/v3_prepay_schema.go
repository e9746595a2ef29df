package sandbox

// prepayFields is the body of one prepay endpoint: who, what all channels share, and what only this one has.
func prepayFields(c channel, partner bool) []field {
	who := []field{
		{name: "appid", label: "应用ID", required: true, min: 1, max: 32},
		{name: "mchid", label: "商户号", required: true, min: 1, max: 32},
	}
	payer := []field{{name: "openid", label: "用户标识", max: 128}}
	if partner {
		who = append(partnerMerchants(),
			field{name: "sp_appid", label: "服务商应用ID", required: true, min: 1, max: 32},
			field{name: "sub_appid", label: "子商户应用ID", min: 1, max: 32})
		payer = []field{{name: "sp_openid", label: "用户服务标识", max: 128}, {name: "sub_openid", label: "用户子标识", max: 128}}
	}
	fields := append(who, commonFields()...)
	if c.payer {
		// Not required here: its absence has its own message.
		fields = append(fields, field{name: "payer", label: "支付者信息", shape: shapeObject, fields: payer})
	}
	scene := sceneFields()
	if c.h5 {
		scene = append(scene, h5Field())
	}
	return append(fields, field{name: "scene_info", label: "场景信息", shape: shapeObject, required: c.h5, fields: scene})
}

// partnerMerchants are the two merchants that every call of a service provider names.
func partnerMerchants() []field {
	return []field{
		{name: "sp_mchid", label: "服务商户号", required: true, min: 1, max: 32},
		{name: "sub_mchid", label: "子商户号", required: true, min: 1, max: 32},
	}
}

func commonFields() []field {
	return []field{
		{name: "description", label: "商品描述", required: true, min: 1, max: 127},
		{name: "out_trade_no", label: "商户订单号", required: true, min: 6, max: 32},
		{name: "time_expire", label: "支付结束时间", min: 1, max: 64},
		{name: "attach", label: "商户数据包", max: 128},
		{name: "notify_url", label: "商户回调地址", required: true, min: 1, max: 255},
		{name: "goods_tag", label: "订单优惠标记", max: 32},
		{name: "support_fapiao", label: "电子发票入口开放标识", shape: shapeBool},
		{name: "limit_pay", label: "指定支付方式", shape: shapeStrings, enum: []string{"no_balance", "no_credit", "no_debit", "balance_only"}},
		{name: "amount", label: "订单金额", shape: shapeObject, required: true, fields: amountFields()},
		{name: "detail", label: "优惠功能", shape: shapeObject, fields: detailFields()},
		{name: "settle_info", label: "结算信息", shape: shapeObject, fields: []field{
			{name: "profit_sharing", label: "分账标识", shape: shapeBool},
		}},
	}
}

func amountFields() []field {
	return []field{
		{name: "total", label: "总金额", shape: shapeInt, required: true, min: 1},
		{name: "currency", label: "货币类型", max: 16, enum: []string{"CNY"}},
	}
}

func detailFields() []field {
	return []field{
		{name: "cost_price", label: "订单原价", shape: shapeInt},
		{name: "invoice_id", label: "商品小票ID", max: 32},
		{name: "goods_detail", label: "单品列表", shape: shapeObjects, fields: []field{
			{name: "merchant_goods_id", label: "商户侧商品编码", required: true, min: 1, max: 32},
			{name: "wechatpay_goods_id", label: "微信支付商品编码", max: 32},
			{name: "goods_name", label: "商品名称", max: 256},
			{name: "quantity", label: "商品数量", shape: shapeInt, required: true, min: 1},
			{name: "unit_price", label: "商品单价", shape: shapeInt, required: true},
		}},
	}
}

func sceneFields() []field {
	return []field{
		{name: "payer_client_ip", label: "用户终端IP", required: true, min: 1, max: 45},
		{name: "device_id", label: "商户端设备号", max: 32},
		{name: "store_info", label: "商户门店信息", shape: shapeObject, fields: []field{
			{name: "id", label: "门店编号", required: true, min: 1, max: 32},
			{name: "name", label: "门店名称", max: 256},
			{name: "area_code", label: "地区编码", max: 32},
			{name: "address", label: "详细地址", max: 512},
		}},
	}
}

// h5Field tells where the browser is.
func h5Field() field {
	return field{name: "h5_info", label: "H5场景信息", shape: shapeObject, required: true, fields: []field{
		{name: "type", label: "场景类型", required: true, min: 1, max: 32, enum: []string{"iOS", "Android", "Wap"}},
		{name: "app_name", label: "应用名称", max: 64},
		{name: "app_url", label: "网站URL", max: 128},
		{name: "bundle_id", label: "iOS平台BundleID", max: 128},
		{name: "package_name", label: "Android平台PackageName", max: 128},
	}}
}
