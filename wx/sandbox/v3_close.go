package sandbox

import (
	"encoding/json"
	"net/http"
)

// closeOrder answers 204, also for an order that is closed already.
func (p *Platform) closeOrder(in *v3Call) (any, error) {
	if refused := checkNumber(in.outTradeNo); refused != nil {
		return nil, refused
	}
	fields := []field{{name: "mchid", label: "商户号", required: true, min: 1, max: 32}}
	if in.partner {
		fields = partnerMerchants()
	}
	if _, refused := parseObject(in.body, fields); refused != nil {
		return nil, refused
	}
	var parties v3Parties
	if json.Unmarshal(in.body, &parties) != nil {
		return nil, invalidRequest(internalParamInvalid, "请求体不是合法的JSON对象", nil)
	}
	parties = parties.named(in.partner)
	if refused := p.checkParties(in, parties); refused != nil {
		return nil, refused
	}
	if refused := p.book.close(parties.MchID, parties.SubMchID, in.outTradeNo); refused != nil {
		return nil, refused
	}
	return nil, nil
}

func bodyTooLarge() *Refusal {
	return &Refusal{Status: http.StatusRequestEntityTooLarge, Code: "INVALID_REQUEST", Message: "请求体过大", Internal: internalParamRange}
}
