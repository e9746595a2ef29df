package sandbox

import "net/http"

// closeOrder answers 204, also for an order that is closed already.
func (p *Platform) closeOrder(in *v3Call) (any, error) {
	if refused := checkNumber(in.outTradeNo); refused != nil {
		return nil, refused
	}
	object, refused := parseObject(in.body, []field{{name: "mchid", label: "商户号", required: true, min: 1, max: 32}})
	if refused != nil {
		return nil, refused
	}
	mchID, _ := object["mchid"].(string)
	if refused := p.checkMerchant(in, mchID); refused != nil {
		return nil, refused
	}
	if refused := p.book.close(mchID, in.outTradeNo); refused != nil {
		return nil, refused
	}
	return nil, nil
}

func bodyTooLarge() *Refusal {
	return &Refusal{Status: http.StatusRequestEntityTooLarge, Code: "INVALID_REQUEST", Message: "请求体过大", Internal: internalParamRange}
}
