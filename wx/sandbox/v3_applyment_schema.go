package sandbox

import "regexp"

// Plain texts of encrypted fields.
var (
	sealedText   = regexp.MustCompile(`^.+$`)
	sealedPhone  = regexp.MustCompile(`^1[0-9]{10}$`)
	sealedEmail  = regexp.MustCompile(`^[^@\s]+@[^@\s]+$`)
	sealedDigits = regexp.MustCompile(`^[0-9]{4,30}$`)
	sealedID     = regexp.MustCompile(`^[0-9A-Za-z()-]{5,32}$`)
)

func needed(name, label string, max int) field {
	return field{name: name, label: label, required: true, min: 1, max: max}
}

func optional(name, label string, max int) field {
	return field{name: name, label: label, min: 1, max: max}
}

func sealedField(name, label string, required bool, plain *regexp.Regexp) field {
	return field{name: name, label: label, required: required, min: 1, max: 2048, sealed: plain}
}

func image(name, label string, required bool) field {
	return field{name: name, label: label, required: required, min: 1, max: 512, media: mediaImage}
}

func images(name, label string, required bool) field {
	return field{name: name, label: label, shape: shapeStrings, required: required, min: 1, max: 512, media: mediaImage}
}

func part(name, label string, required bool, fields ...field) field {
	return field{name: name, label: label, shape: shapeObject, required: required, fields: fields}
}

var idDocTypes = []string{
	idCard, passport, "IDENTIFICATION_TYPE_HONGKONG_PASSPORT", "IDENTIFICATION_TYPE_MACAO_PASSPORT", "IDENTIFICATION_TYPE_TAIWAN_PASSPORT",
	"IDENTIFICATION_TYPE_FOREIGN_RESIDENT", "IDENTIFICATION_TYPE_HONGKONG_MACAO_RESIDENT", "IDENTIFICATION_TYPE_TAIWAN_RESIDENT",
}

// applymentFields are the application's, as of pay.weixin.qq.com/doc/v3/partner/4012719997.
func applymentFields() []field {
	return []field{
		needed("business_code", "业务申请编号", 124),
		part("contact_info", "超级管理员信息", true,
			field{name: "contact_type", label: "超级管理员类型", required: true, enum: []string{holderLegal, holderSuper}},
			sealedField("contact_name", "超级管理员姓名", true, sealedText),
			field{name: "contact_id_doc_type", label: "超级管理员证件类型", enum: idDocTypes},
			sealedField("contact_id_number", "超级管理员身份证件号码", false, sealedID),
			image("contact_id_doc_copy", "超级管理员证件正面照片", false), image("contact_id_doc_copy_back", "超级管理员证件反面照片", false),
			optional("contact_period_begin", "超级管理员证件有效期开始时间", 32), optional("contact_period_end", "超级管理员证件有效期结束时间", 32),
			image("business_authorization_letter", "业务办理授权函", false),
			sealedField("openid", "超级管理员微信OpenID", false, sealedText),
			sealedField("mobile_phone", "联系手机", true, sealedPhone), sealedField("contact_email", "联系邮箱", false, sealedEmail)),
		part("subject_info", "主体资料", true, subjectFields()...),
		part("business_info", "经营资料", true,
			needed("merchant_shortname", "商户简称", 64), needed("service_phone", "客服电话", 32), part("sales_info", "经营场景", true, salesFields()...)),
		part("settlement_info", "结算规则", true,
			needed("settlement_id", "入驻结算规则ID", 8), needed("qualification_type", "所属行业", 200), images("qualifications", "特殊资质图片", false),
			optional("activities_id", "优惠费率活动ID", 32), optional("activities_rate", "优惠费率活动值", 50), images("activities_additions", "优惠费率活动补充材料", false),
			optional("debit_activities_rate", "非信用卡活动费率值", 50), optional("credit_activities_rate", "信用卡活动费率值", 50)),
		part("bank_account_info", "结算银行账户", true,
			field{name: "bank_account_type", label: "账户类型", required: true, enum: []string{accountCorporate, accountPersonal}},
			sealedField("account_name", "开户名称", true, sealedText), needed("account_bank", "开户银行", 128), optional("bank_address_code", "开户银行省市编码", 20),
			optional("bank_branch_id", "开户银行联行号", 128), optional("bank_name", "开户银行全称（含支行）", 128), sealedField("account_number", "银行账号", true, sealedDigits)),
		part("addition_info", "补充材料", false,
			image("legal_person_commitment", "法人开户承诺函", false), field{name: "legal_person_video", label: "法人开户意愿视频", min: 1, max: 512, media: mediaVideo},
			images("business_addition_pics", "补充材料", false), optional("business_addition_msg", "补充说明", 512)),
	}
}

func subjectFields() []field {
	return []field{
		{name: "subject_type", label: "主体类型", required: true, enum: []string{subjectIndividual, subjectEnterprise, "SUBJECT_TYPE_GOVERNMENT", "SUBJECT_TYPE_INSTITUTIONS", "SUBJECT_TYPE_OTHERS"}},
		{name: "finance_institution", label: "是否是金融机构", shape: shapeBool},
		part("business_license_info", "营业执照", false,
			image("license_copy", "营业执照照片", true), needed("license_number", "注册号/统一社会信用代码", 32), needed("merchant_name", "商户名称", 128),
			needed("legal_person", "个体户经营者/法定代表人姓名", 64), optional("license_address", "注册地址", 512),
			optional("period_begin", "有效期限开始日期", 32), optional("period_end", "有效期限结束日期", 32)),
		part("certificate_info", "登记证书", false,
			image("cert_copy", "登记证书照片", true), needed("cert_type", "登记证书类型", 32), needed("cert_number", "证书号", 32), needed("merchant_name", "商户名称", 128),
			needed("company_address", "注册地址", 128), needed("legal_person", "法定代表人", 64),
			needed("period_begin", "有效期限开始日期", 32), needed("period_end", "有效期限结束日期", 32)),
		image("certificate_letter_copy", "单位证明函照片", false),
		part("finance_institution_info", "金融机构许可证信息", false,
			field{name: "finance_type", label: "金融机构类型", required: true, enum: []string{"BANK_AGENT", "PAYMENT_AGENT", "INSURANCE", "TRADE_AND_SETTLE", "OTHER"}},
			images("finance_license_pics", "金融机构许可证图片", true)),
		part("identity_info", "经营者/法人身份证件", true,
			field{name: "id_holder_type", label: "证件持有人类型", enum: []string{holderLegal, holderSuper}},
			field{name: "id_doc_type", label: "证件类型", enum: idDocTypes}, image("authorize_letter_copy", "法定代表人说明函", false),
			part("id_card_info", "身份证信息", false,
				image("id_card_copy", "身份证人像面照片", true), image("id_card_national", "身份证国徽面照片", true), sealedField("id_card_name", "身份证姓名", true, sealedText),
				sealedField("id_card_number", "身份证号码", true, sealedID), sealedField("id_card_address", "身份证居住地址", false, sealedText),
				needed("card_period_begin", "身份证有效期开始时间", 32), needed("card_period_end", "身份证有效期结束时间", 32)),
			part("id_doc_info", "其他类型证件信息", false,
				image("id_doc_copy", "证件正面照片", true), image("id_doc_copy_back", "证件反面照片", false), sealedField("id_doc_name", "证件姓名", true, sealedText),
				sealedField("id_doc_number", "证件号码", true, sealedID), sealedField("id_doc_address", "证件居住地址", false, sealedText),
				needed("doc_period_begin", "证件有效期开始时间", 32), needed("doc_period_end", "证件有效期结束时间", 32)),
			field{name: "owner", label: "经营者/法人是否为受益人", shape: shapeBool}),
		{name: "ubo_info_list", label: "最终受益人信息列表", shape: shapeObjects, fields: []field{
			{name: "ubo_id_doc_type", label: "证件类型", required: true, enum: idDocTypes}, image("ubo_id_doc_copy", "证件正面照片", true),
			image("ubo_id_doc_copy_back", "证件反面照片", false), sealedField("ubo_id_doc_name", "证件姓名", true, sealedText),
			sealedField("ubo_id_doc_number", "证件号码", true, sealedID), sealedField("ubo_id_doc_address", "证件居住地址", true, sealedText),
			needed("ubo_period_begin", "证件有效期开始时间", 32), needed("ubo_period_end", "证件有效期结束时间", 32),
		}},
	}
}

func salesFields() []field {
	var scenes []string
	for _, s := range salesScenes {
		scenes = append(scenes, s.scene)
	}
	return []field{
		{name: "sales_scenes_type", label: "经营场景类型", shape: shapeStrings, required: true, enum: scenes},
		part("biz_store_info", "线下场所场景", false,
			needed("biz_store_name", "线下场所名称", 128), needed("biz_address_code", "线下场所省市编码", 20), needed("biz_store_address", "线下场所地址", 512),
			images("store_entrance_pic", "线下场所门头照片", true), images("indoor_pic", "线下场所内部照片", true), optional("biz_sub_appid", "线下场所对应的商家AppID", 256)),
		part("mp_info", "公众号场景", false,
			optional("mp_appid", "服务商公众号AppID", 256), optional("mp_sub_appid", "商家公众号AppID", 256), images("mp_pics", "公众号页面截图", false)),
		part("mini_program_info", "小程序场景", false,
			optional("mini_program_appid", "服务商小程序AppID", 256), optional("mini_program_sub_appid", "商家小程序AppID", 256), images("mini_program_pics", "小程序截图", false)),
		part("app_info", "App场景", false,
			optional("app_appid", "服务商应用AppID", 256), optional("app_sub_appid", "商家应用AppID", 256), images("app_pics", "App截图", false)),
		part("web_info", "互联网网站场景", false,
			needed("domain", "互联网网站域名", 1024), image("web_authorisation", "网站授权函", false), optional("web_appid", "互联网网站对应的商家AppID", 256)),
		part("wework_info", "企业微信场景", false,
			needed("sub_corp_id", "商家企业微信CorpID", 256), images("wework_pics", "企业微信页面截图", true)),
	}
}
