package sandbox

import "encoding/json"

// combineClosing names one sub order of a combined order to close.
type combineClosing struct {
	MchID      string `json:"mchid"`
	OutTradeNo string `json:"out_trade_no"`
	SubMchID   string `json:"sub_mchid"`
	SubAppID   string `json:"sub_appid"`
}

// closeCombined answers 204, also for an order that is closed already.
func (p *Platform) closeCombined(in *v3Call) (any, error) {
	if refused := checkCombineNumber(in.outTradeNo); refused != nil {
		return nil, refused
	}
	if _, refused := parseObject(in.body, []field{
		{name: "combine_appid", label: "合单商户appid", required: true, min: 1, max: 32},
		{name: "sub_orders", label: "子单信息", shape: shapeObjects, required: true, fields: subOrderParties(in.partner)},
	}); refused != nil {
		return nil, refused
	}
	var request struct {
		AppID     string           `json:"combine_appid"`
		SubOrders []combineClosing `json:"sub_orders"`
	}
	if json.Unmarshal(in.body, &request) != nil {
		return nil, invalidRequest(internalParamInvalid, "请求体不是合法的JSON对象", nil)
	}
	in.appID = request.AppID
	if !in.merchant.boundTo(request.AppID) {
		return nil, appIDMchIDNotMatch()
	}
	if refused := p.book.closeCombined(in.merchant.ID, request.AppID, in.outTradeNo, request.SubOrders); refused != nil {
		return nil, refused
	}
	return nil, nil
}
