package sandbox

import (
	"crypto/rsa"
	"crypto/sha1" // the platform's padding is OAEP with SHA-1
	"encoding/base64"
	"encoding/json"
)

// Ways of an abnormal refund.
const (
	toUserCard     = "USER_BANK_CARD"
	toMerchantCard = "MERCHANT_BANK_CARD"
)

// abnormalRequest sends the money of an abnormal refund somewhere else.
type abnormalRequest struct {
	SubMchID    string `json:"sub_mchid"`
	OutRefundNo string `json:"out_refund_no"`
	Type        string `json:"type"`
	BankType    string `json:"bank_type"`
	BankAccount string `json:"bank_account"` // encrypted, like the next
	RealName    string `json:"real_name"`
}

func abnormalFields() []field {
	return []field{
		{name: "sub_mchid", label: "子商户号", min: 1, max: 32},
		{name: "out_refund_no", label: "商户退款单号", required: true, min: 1, max: 64},
		{name: "type", label: "异常退款处理方式", required: true, enum: []string{toUserCard, toMerchantCard}},
		{name: "bank_type", label: "开户银行", max: 16},
		{name: "bank_account", label: "收款银行卡号", max: 1024},
		{name: "real_name", label: "收款用户姓名", max: 1024},
	}
}

// abnormalRefund makes an abnormal refund process once more.
func (p *Platform) abnormalRefund(in *v3Call) (any, error) {
	if _, refused := parseObject(in.body, abnormalFields()); refused != nil {
		return nil, refused
	}
	var r abnormalRequest
	if json.Unmarshal(in.body, &r) != nil {
		return nil, invalidRequest(internalParamInvalid, "请求体不是合法的JSON对象", nil)
	}
	in.outRefundNo = r.OutRefundNo
	if refused := checkRefundSub(in, r.SubMchID); refused != nil {
		return nil, refused
	}
	if refused := p.checkCard(in, r); refused != nil {
		return nil, refused
	}
	again, refused := p.book.redo(in.merchant.ID, r, in.path["refund_id"])
	if refused != nil {
		return nil, refused
	}
	in.outTradeNo = again.OutTradeNo
	if again.fresh {
		p.notifier.refunded(again)
	}
	return refundAnswerOf(again), nil
}

// checkCard wants a payer's card complete, and its secrets encrypted with the key that Wechatpay-Serial names.
func (p *Platform) checkCard(in *v3Call, r abnormalRequest) *Refusal {
	if r.Type != toUserCard {
		return nil
	}
	if r.BankType == "" || r.BankAccount == "" || r.RealName == "" {
		return paramError(internalParamInvalid, "退款至用户时，bank_type、bank_account、real_name为必填项", detailOf("/bank_account", "missing"))
	}
	_, refused := p.unsealed(in, "/bank_account", r.BankAccount, r.RealName)
	return refused
}

// unsealed decrypts secrets, which must be encrypted with the key that Wechatpay-Serial names; at is the field that is named when one is not.
func (p *Platform) unsealed(in *v3Call, at string, secrets ...string) (plain []string, refused *Refusal) {
	for _, secret := range secrets {
		text, refused := p.opened(in, at, secret)
		if refused != nil {
			return nil, refused
		}
		plain = append(plain, text)
	}
	return plain, nil
}

// opened is the plain text of one.
func (p *Platform) opened(in *v3Call, at, secret string) (string, *Refusal) {
	key := p.verification.key(in.merchant, in.request.Header.Get("Wechatpay-Serial"))
	if key == nil {
		return "", paramError(internalParamInvalid, "Http头Wechatpay-Serial缺失或不是有效的微信支付公钥ID、平台证书序列号", nil)
	}
	sealed, err := base64.StdEncoding.DecodeString(secret)
	if err != nil {
		return "", paramError(internalParamInvalid, "敏感字段解密失败", detailOf(at, "cannot be decrypted"))
	}
	plain, err := rsa.DecryptOAEP(sha1.New(), nil, key, sealed, nil)
	if err != nil {
		return "", paramError(internalParamInvalid, "敏感字段解密失败", detailOf(at, "cannot be decrypted"))
	}
	return string(plain), nil
}

// redo takes an abnormal refund up again; asked twice it is the same. The order was REFUND all the time.
func (b *book) redo(mchID string, r abnormalRequest, refundID string) (Refund, *Refusal) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.settle()
	known := b.byRefund[refundKey{mchID, r.OutRefundNo}]
	switch {
	case known == nil, known.RefundID != refundID, known.SubMchID != r.SubMchID:
		return Refund{}, resourceNotExists("退款单不存在")
	case known.Status == RefundProcessing && known.Channel == channelOtherCard:
		return *known, nil
	case known.Status != RefundAbnormal:
		return Refund{}, invalidRequest(internalParamInvalid, "退款单状态不是退款异常", nil)
	}
	known.Status, known.Channel, known.ReceivedBy = RefundProcessing, channelOtherCard, "用户银行卡"
	if r.Type == toMerchantCard {
		known.ReceivedBy = "商户结算银行账户"
	}
	known.round++
	known.outcome, known.due = b.plan(r.OutRefundNo), b.clock.now().Add(b.behaviour.RefundTakes)
	b.open = append(b.open, known)
	again := *known
	again.fresh = true
	return again, nil
}
