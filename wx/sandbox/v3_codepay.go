package sandbox

import (
	"encoding/json"
	"strings"
)

// codePay answers one charge of a payment code. Nothing is ever notified.
func (p *Platform) codePay(in *v3Call) (any, error) {
	object, refused := parseObject(in.body, codePayFields(in.partner))
	if refused != nil {
		return nil, refused
	}
	var request struct {
		prepayRequest
		Payer struct {
			AuthCode string `json:"auth_code"`
		} `json:"payer"`
	}
	if json.Unmarshal(in.body, &request) != nil {
		return nil, invalidRequest(internalParamInvalid, "请求体不是合法的JSON对象", nil)
	}
	r := &request.prepayRequest
	r.v3Parties = r.named(in.partner)
	in.appID, in.outTradeNo = r.AppID, r.OutTradeNo
	if refused := p.checkCodePay(in, r, request.Payer.AuthCode); refused != nil {
		return nil, refused
	}
	expires, refused := p.lastPayment(r.TimeExpire)
	if refused != nil {
		return nil, refused
	}
	delete(object, "payer") // another code may pay the same order
	order, refused := p.book.charge(Order{
		MchID: r.MchID, AppID: r.AppID, SubMchID: r.SubMchID, SubAppID: r.SubAppID, OutTradeNo: r.OutTradeNo, TradeType: TradeMicropay,
		Description: r.Description, Attach: r.Attach, Total: r.Amount.Total, DeviceID: r.SceneInfo.DeviceID,
		LastPayment: expires, profitSharing: r.SettleInfo.ProfitSharing, parameters: TradeMicropay + " " + parametersOf(object),
	}, request.Payer.AuthCode)
	if refused != nil {
		return nil, refused
	}
	t := transactionOf(order)
	t.PromotionDetail = &[]struct{}{}
	return t, nil
}

// checkCodePay holds the rules that a schema cannot express.
func (p *Platform) checkCodePay(in *v3Call, r *prepayRequest, authCode string) *Refusal {
	if refused := checkNumber(r.OutTradeNo); refused != nil {
		return refused
	}
	if len(r.Detail) > maxDetailBytes {
		return paramError(internalParamRange, "输入源“/body/detail”长度超过限制", detailOf("/detail", "too long"))
	}
	if !isPayCode(authCode) {
		return paramError(internalParamInvalid, "请扫描微信支付授权码(以10/11/12/13/14/15为前缀的18位数字)", detailOf("/payer/auth_code", "bad code"))
	}
	if refused := p.checkParties(in, r.v3Parties); refused != nil {
		return refused
	}
	return p.checkApps(channel{tradeType: TradeMicropay}, in.merchant, r.v3Parties)
}

func isPayCode(code string) bool {
	return len(code) == 18 && strings.Trim(code, digits) == "" && code[0] == '1' && code[1] <= '5'
}

// codePayFields is the body of a charge: that of a prepay without notify_url, with a code for a payer and a device's address.
func codePayFields(partner bool) []field {
	var fields []field
	for _, f := range prepayFields(channel{}, partner) {
		switch f.name {
		case "notify_url":
			continue
		case "scene_info":
			f.fields = []field{
				{name: "device_id", label: "商户端设备号", max: 32},
				{name: "device_ip", label: "商户端设备IP", max: 45},
				{name: "store_info", label: "商户门店信息", shape: shapeObject, fields: []field{
					{name: "id", label: "门店编号", max: 32},
					{name: "out_id", label: "商户侧门店编号", max: 32},
				}},
			}
		}
		fields = append(fields, f)
	}
	return append(fields, field{name: "payer", label: "支付者信息", shape: shapeObject, required: true, fields: []field{
		{name: "auth_code", label: "付款码", required: true, min: 1, max: 32},
	}})
}

// reversed repeats whose order was reversed.
type reversed struct {
	AppID      string `json:"appid,omitempty"`
	MchID      string `json:"mchid,omitempty"`
	SpAppID    string `json:"sp_appid,omitempty"`
	SpMchID    string `json:"sp_mchid,omitempty"`
	SubAppID   string `json:"sub_appid,omitempty"`
	SubMchID   string `json:"sub_mchid,omitempty"`
	OutTradeNo string `json:"out_trade_no"`
}

// reverseOrder answers for one that is reversed already as for the first time.
func (p *Platform) reverseOrder(in *v3Call) (any, error) {
	if refused := checkNumber(in.outTradeNo); refused != nil {
		return nil, refused
	}
	fields := prepayFields(channel{}, in.partner)[:2]
	if in.partner {
		fields = prepayFields(channel{}, true)[:4]
	}
	if _, refused := parseObject(in.body, fields); refused != nil {
		return nil, refused
	}
	var given v3Parties
	if json.Unmarshal(in.body, &given) != nil {
		return nil, invalidRequest(internalParamInvalid, "请求体不是合法的JSON对象", nil)
	}
	w := given.named(in.partner)
	if refused := p.checkParties(in, w); refused != nil {
		return nil, refused
	}
	if refused := p.checkApps(channel{tradeType: TradeMicropay}, in.merchant, w); refused != nil {
		return nil, refused
	}
	if refused := p.book.reverse(w.MchID, w.SubMchID, in.outTradeNo); refused != nil {
		return nil, refused
	}
	return reversed{given.AppID, given.MchID, given.SpAppID, given.SpMchID, given.SubAppID, given.SubMchID, in.outTradeNo}, nil
}
