package sandbox

func receiverTypes() []string { return []string{receiverMerchant, receiverPerson, receiverSub} }

// receiverFields is the body of adding a receiver; the first five are that of deleting one.
func receiverFields() []field {
	return []field{
		{name: "sub_mchid", label: "子商户号", min: 1, max: 32},
		{name: "appid", label: "应用ID", required: true, min: 1, max: 32},
		{name: "sub_appid", label: "子商户应用ID", min: 1, max: 32},
		{name: "type", label: "分账接收方类型", required: true, enum: receiverTypes()},
		{name: "account", label: "分账接收方帐号", required: true, min: 1, max: 64},
		{name: "name", label: "分账个人接收方姓名", max: 1024},
		{name: "relation_type", label: "与分账方的关系类型", required: true, enum: []string{
			"SERVICE_PROVIDER", "STORE", "STAFF", "STORE_OWNER", "PARTNER", "HEADQUARTER", "BRAND", "DISTRIBUTOR", "USER", "SUPPLIER", "CUSTOM"}},
		{name: "custom_relation", label: "自定义的分账关系", max: 10},
	}
}

func sharingFields() []field {
	return []field{
		{name: "sub_mchid", label: "子商户号", min: 1, max: 32},
		{name: "appid", label: "应用ID", required: true, min: 1, max: 32},
		{name: "sub_appid", label: "子商户应用ID", min: 1, max: 32},
		{name: "transaction_id", label: "微信订单号", required: true, min: 1, max: 32},
		{name: "out_order_no", label: "商户分账单号", required: true, min: 1, max: 64},
		{name: "receivers", label: "分账接收方列表", shape: shapeObjects, required: true, fields: []field{
			{name: "type", label: "分账接收方类型", required: true, enum: receiverTypes()},
			{name: "account", label: "分账接收方帐号", required: true, min: 1, max: 64},
			{name: "name", label: "分账个人接收方姓名", max: 1024},
			{name: "amount", label: "分账金额", shape: shapeInt, required: true, min: 1},
			{name: "description", label: "分账描述", required: true, min: 1, max: 80},
		}},
		{name: "unfreeze_unsplit", label: "是否解冻剩余未分资金", shape: shapeBool, required: true},
	}
}

func unfreezeFields() []field {
	return []field{
		{name: "sub_mchid", label: "子商户号", min: 1, max: 32},
		{name: "transaction_id", label: "微信订单号", required: true, min: 1, max: 32},
		{name: "out_order_no", label: "商户分账单号", required: true, min: 1, max: 64},
		{name: "description", label: "分账描述", required: true, min: 1, max: 80},
	}
}

func returnFields() []field {
	return []field{
		{name: "sub_mchid", label: "子商户号", min: 1, max: 32},
		{name: "order_id", label: "微信分账单号", max: 64},
		{name: "out_order_no", label: "商户分账单号", max: 64},
		{name: "out_return_no", label: "商户回退单号", required: true, min: 1, max: 64},
		{name: "return_mchid", label: "回退商户号", required: true, min: 1, max: 32},
		{name: "amount", label: "回退金额", shape: shapeInt, required: true, min: 1},
		{name: "description", label: "回退描述", required: true, min: 1, max: 80},
	}
}
