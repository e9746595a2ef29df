package sandbox

import (
	"encoding/json"
	"time"
)

const maxDetailBytes = 6 << 10

// prepayRequest is the part of a prepay that the platform works with. It is filled only after the schema held, so of
// the names of direct and partner bodies only one kind is there.
type prepayRequest struct {
	v3Parties
	Description string `json:"description"`
	OutTradeNo  string `json:"out_trade_no"`
	TimeExpire  string `json:"time_expire"`
	Attach      string `json:"attach"`
	NotifyURL   string `json:"notify_url"`
	Amount      struct {
		Total int64 `json:"total"` // fen
	} `json:"amount"`
	Payer struct {
		OpenID    string `json:"openid"`
		SpOpenID  string `json:"sp_openid"`
		SubOpenID string `json:"sub_openid"`
	} `json:"payer"`
	SceneInfo struct {
		PayerClientIP string `json:"payer_client_ip"`
		DeviceID      string `json:"device_id"`
	} `json:"scene_info"`
	Detail     json.RawMessage `json:"detail"`
	SettleInfo settleInfo      `json:"settle_info"`
}

// settleInfo says what becomes of the money.
type settleInfo struct {
	ProfitSharing bool `json:"profit_sharing"`
}

// prepay answers one prepay endpoint.
func (c channel) prepay(p *Platform, in *v3Call) (any, error) {
	object, refused := parseObject(in.body, prepayFields(c, in.partner))
	if refused != nil {
		return nil, refused
	}
	var request prepayRequest
	if json.Unmarshal(in.body, &request) != nil {
		return nil, invalidRequest(internalParamInvalid, "请求体不是合法的JSON对象", nil)
	}
	request.v3Parties = request.v3Parties.named(in.partner)
	in.appID, in.outTradeNo = request.AppID, request.OutTradeNo
	expires, refused := p.checkPrepay(c, in, &request)
	if refused != nil {
		return nil, refused
	}
	given, refused := p.book.place(Order{
		MchID: request.MchID, AppID: request.AppID, SubMchID: request.SubMchID, SubAppID: request.SubAppID,
		OutTradeNo: request.OutTradeNo, TradeType: c.tradeType,
		Description: request.Description, Attach: request.Attach, NotifyURL: request.NotifyURL,
		Total: request.Amount.Total, OpenID: request.openID(), SubOpenID: request.Payer.SubOpenID, DeviceID: request.SceneInfo.DeviceID,
		LastPayment: expires, profitSharing: request.SettleInfo.ProfitSharing, parameters: c.tradeType + " " + parametersOf(object),
	}, p.baseURL(in.request))
	if refused != nil {
		return nil, refused
	}
	return c.answer(given), nil
}

// openID is the payer under AppID.
func (r *prepayRequest) openID() string { return r.Payer.OpenID + r.Payer.SpOpenID }

// checkPrepay holds the rules that a schema cannot express, in the platform's order: values, merchant, payer.
func (p *Platform) checkPrepay(c channel, in *v3Call, r *prepayRequest) (expires time.Time, refused *Refusal) {
	if refused := checkNumber(r.OutTradeNo); refused != nil {
		return expires, refused
	}
	if refused := checkNotifyURL(r.NotifyURL); refused != nil {
		return expires, refused
	}
	if len(r.Detail) > maxDetailBytes {
		return expires, paramError(internalParamRange, "输入源“/body/detail”长度超过限制", detailOf("/detail", "too long"))
	}
	if c.h5 {
		if refused := p.checkClientIP(r.SceneInfo.PayerClientIP); refused != nil {
			return expires, refused
		}
	}
	expires, refused = p.lastPayment(r.TimeExpire)
	if refused != nil {
		return expires, refused
	}
	if refused := p.checkParties(in, r.v3Parties); refused != nil {
		return expires, refused
	}
	if refused := p.checkApps(c, in.merchant, r.v3Parties); refused != nil {
		return expires, refused
	}
	if !c.payer {
		return expires, nil
	}
	return expires, p.checkPayer(in.partner, r)
}

// parametersOf is the canonical text by which re-entry compares two prepays.
func parametersOf(object map[string]any) string {
	if amount, ok := object["amount"].(map[string]any); ok && amount["currency"] == nil {
		amount["currency"] = "CNY"
	}
	return string(encode(object))
}
