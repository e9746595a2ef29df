package sandbox

import (
	"encoding/json"
	"time"
)

const maxDetailBytes = 6 << 10

// prepayRequest is the part of a prepay that the platform works with. It is filled only after the schema held.
type prepayRequest struct {
	AppID       string `json:"appid"`
	MchID       string `json:"mchid"`
	Description string `json:"description"`
	OutTradeNo  string `json:"out_trade_no"`
	TimeExpire  string `json:"time_expire"`
	Attach      string `json:"attach"`
	NotifyURL   string `json:"notify_url"`
	Amount      struct {
		Total int64 `json:"total"` // fen
	} `json:"amount"`
	Payer struct {
		OpenID string `json:"openid"`
	} `json:"payer"`
	SceneInfo struct {
		DeviceID string `json:"device_id"`
	} `json:"scene_info"`
	Detail json.RawMessage `json:"detail"`
}

// prepayAnswer carries the prepay_id, good for two hours.
type prepayAnswer struct {
	PrepayID string `json:"prepay_id"`
}

func (p *Platform) prepayJSAPI(in *v3Call) (any, error) {
	object, refused := parseObject(in.body, prepayFields())
	if refused != nil {
		return nil, refused
	}
	var request prepayRequest
	if json.Unmarshal(in.body, &request) != nil {
		return nil, invalidRequest(internalParamInvalid, "请求体不是合法的JSON对象", nil)
	}
	in.appID, in.outTradeNo = request.AppID, request.OutTradeNo
	expires, refused := p.checkPrepay(in, &request)
	if refused != nil {
		return nil, refused
	}
	id, refused := p.book.place(Order{
		MchID: request.MchID, AppID: request.AppID, OutTradeNo: request.OutTradeNo, TradeType: "JSAPI",
		Description: request.Description, Attach: request.Attach, NotifyURL: request.NotifyURL,
		Total: request.Amount.Total, OpenID: request.Payer.OpenID, DeviceID: request.SceneInfo.DeviceID,
		LastPayment: expires, parameters: parametersOf(object),
	})
	if refused != nil {
		return nil, refused
	}
	return prepayAnswer{id}, nil
}

// checkPrepay holds the rules that a schema cannot express, in the platform's order: values, merchant, payer.
func (p *Platform) checkPrepay(in *v3Call, r *prepayRequest) (expires time.Time, refused *Refusal) {
	if refused := checkNumber(r.OutTradeNo); refused != nil {
		return expires, refused
	}
	if refused := checkNotifyURL(r.NotifyURL); refused != nil {
		return expires, refused
	}
	if len(r.Detail) > maxDetailBytes {
		return expires, paramError(internalParamRange, "输入源“/body/detail”长度超过限制", detailOf("/detail", "too long"))
	}
	expires, refused = p.lastPayment(r.TimeExpire)
	if refused != nil {
		return expires, refused
	}
	if refused := p.checkMerchant(in, r.MchID); refused != nil {
		return expires, refused
	}
	if !in.merchant.boundTo(r.AppID) {
		return expires, appIDMchIDNotMatch()
	}
	return expires, p.checkPayer(r.AppID, r.Payer.OpenID)
}

// checkMerchant compares the merchant of a body or query with the one that signed.
func (p *Platform) checkMerchant(in *v3Call, mchID string) *Refusal {
	switch {
	case p.world.merchant(mchID) == nil:
		return mchNotExists()
	case mchID != in.merchant.ID:
		return paramError(internalMchMismatch, "http header中的mchid与post payload中的mchid不匹配", nil)
	}
	return nil
}

func (p *Platform) checkPayer(appID, openID string) *Refusal {
	if openID == "" {
		return paramError(internalOpenIDRequired, "JSAPI支付必须传openid", detailOf("/payer/openid", "missing"))
	}
	switch _, app := p.crowd.owner(openID); app {
	case appID:
		return nil
	case "":
		return paramError(internalParamInvalid, "无效的openid", detailOf("/payer/openid", "unknown"))
	default:
		return paramError(internalParamInvalid, "appid和openid不匹配", detailOf("/payer/openid", "of another appid"))
	}
}

// parametersOf is the canonical text by which re-entry compares two prepays.
func parametersOf(object map[string]any) string {
	if amount, ok := object["amount"].(map[string]any); ok && amount["currency"] == nil {
		amount["currency"] = "CNY"
	}
	return string(encode(object))
}
