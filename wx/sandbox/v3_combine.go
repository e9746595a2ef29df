package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// combineRequest is the part of a combined prepay that the platform works with. It is filled only after the schema held.
type combineRequest struct {
	AppID      string `json:"combine_appid"`
	MchID      string `json:"combine_mchid"`
	OutTradeNo string `json:"combine_out_trade_no"`
	TimeStart  string `json:"time_start"`
	TimeExpire string `json:"time_expire"`
	NotifyURL  string `json:"notify_url"`
	Payer      struct {
		OpenID    string `json:"openid"`
		SubOpenID string `json:"sub_openid"`
	} `json:"combine_payer_info"`
	SceneInfo struct {
		PayerClientIP string `json:"payer_client_ip"`
		DeviceID      string `json:"device_id"`
	} `json:"scene_info"`
	SubOrders []subOrderRequest `json:"sub_orders"`
}

type subOrderRequest struct {
	MchID       string `json:"mchid"`
	SubMchID    string `json:"sub_mchid"`
	SubAppID    string `json:"sub_appid"`
	OutTradeNo  string `json:"out_trade_no"`
	Attach      string `json:"attach"`
	Description string `json:"description"`
	Amount      struct {
		Total int64 `json:"total_amount"` // fen
	} `json:"amount"`
	Detail     json.RawMessage `json:"detail"`
	SettleInfo settleInfo      `json:"settle_info"`
}

// combineEndpoints serve direct merchants and service providers alike: who signs decides.
func combineEndpoints() []v3Endpoint {
	const root = "/v3/combine-transactions/"
	as := func(serve v3Serve) v3Serve {
		return func(p *Platform, in *v3Call) (any, error) {
			in.partner = in.merchant.partner()
			if number := in.path[combineNumberField]; number != "" {
				in.outTradeNo = number
			}
			return serve(p, in)
		}
	}
	var out []v3Endpoint
	for _, c := range channels() {
		out = append(out, v3Endpoint{http.MethodPost, root + c.path, as(c.prepayCombined)})
	}
	return append(out,
		v3Endpoint{http.MethodGet, root + "out-trade-no/{combine_out_trade_no}", as((*Platform).queryCombined)},
		v3Endpoint{http.MethodPost, root + "out-trade-no/{combine_out_trade_no}/close", as((*Platform).closeCombined)})
}

// prepayCombined answers one prepay endpoint of combined orders.
func (c channel) prepayCombined(p *Platform, in *v3Call) (any, error) {
	object, refused := parseObject(in.body, combineFields(c, in.partner))
	if refused != nil {
		return nil, refused
	}
	var r combineRequest
	if json.Unmarshal(in.body, &r) != nil {
		return nil, invalidRequest(internalParamInvalid, "请求体不是合法的JSON对象", nil)
	}
	in.appID, in.outTradeNo = r.AppID, r.OutTradeNo
	expires, refused := p.checkCombined(c, in, &r)
	if refused != nil {
		return nil, refused
	}
	head := Order{
		MchID: r.MchID, AppID: r.AppID, OutTradeNo: r.OutTradeNo, TradeType: c.tradeType, NotifyURL: r.NotifyURL,
		DeviceID: r.SceneInfo.DeviceID, LastPayment: expires, parameters: "combined " + c.tradeType + " " + string(encode(object)),
	}
	if c.payer {
		head.OpenID, head.SubOpenID = r.Payer.OpenID, r.Payer.SubOpenID
	}
	head.SubAppID = r.sharedSubAppID()
	given, refused := p.book.placeCombined(head, head.parts(&r), p.baseURL(in.request))
	if refused != nil {
		return nil, refused
	}
	return c.answer(given), nil
}

// sharedSubAppID is the sub_appid that all sub orders name, else "".
func (r *combineRequest) sharedSubAppID() string {
	for _, s := range r.SubOrders {
		if s.SubAppID != r.SubOrders[0].SubAppID {
			return ""
		}
	}
	return r.SubOrders[0].SubAppID
}

// parts are the sub orders, and adds up what the head costs. Each carries the parameters of the whole: no other call may
// enter it again.
func (o *Order) parts(r *combineRequest) []Order {
	var out []Order
	for _, s := range r.SubOrders {
		o.Total += s.Amount.Total
		out = append(out, Order{
			MchID: s.MchID, AppID: o.AppID, SubMchID: s.SubMchID, SubAppID: s.SubAppID, OutTradeNo: s.OutTradeNo,
			CombineMchID: o.MchID, CombineOutTradeNo: o.OutTradeNo, TradeType: o.TradeType, Description: s.Description, Attach: s.Attach,
			NotifyURL: o.NotifyURL, OpenID: o.OpenID, SubOpenID: o.SubOpenID, DeviceID: o.DeviceID, Total: s.Amount.Total,
			LastPayment: o.LastPayment, profitSharing: s.SettleInfo.ProfitSharing, parameters: o.parameters,
		})
	}
	return out
}

// checkCombined holds the rules that a schema cannot express, in the order of an ordinary prepay.
func (p *Platform) checkCombined(c channel, in *v3Call, r *combineRequest) (expires time.Time, refused *Refusal) {
	if refused := checkCombineNumber(r.OutTradeNo); refused != nil {
		return expires, refused
	}
	if refused := checkSubOrders(in.partner, r.SubOrders); refused != nil {
		return expires, refused
	}
	if refused := checkNotifyURL(r.NotifyURL); refused != nil {
		return expires, refused
	}
	if c.h5 {
		if refused := p.checkClientIP(r.SceneInfo.PayerClientIP); refused != nil {
			return expires, refused
		}
	}
	if _, err := time.Parse(time.RFC3339, r.TimeStart); r.TimeStart != "" && err != nil {
		return expires, paramError(internalParamInvalid, "time_start格式错误，应为yyyy-MM-DDTHH:mm:ss+TIMEZONE", detailOf("/time_start", "bad format"))
	}
	if expires, refused = p.lastPayment(r.TimeExpire); refused != nil {
		return expires, refused
	}
	if refused := p.checkCombineParties(c, in, r); refused != nil || !c.payer {
		return expires, refused
	}
	return expires, p.checkCombinePayer(in.partner, r)
}

// checkCombineNumber allows one character more than other numbers may have.
func checkCombineNumber(number string) *Refusal {
	if checkNumber(strings.ReplaceAll(number, "@", "*")) == nil {
		return nil
	}
	return paramError(internalParamInvalid, "合单商户订单号只能是6到32个数字、大小写字母_-|*@", detailOf("/"+combineNumberField, "bad characters"))
}

// checkSubOrders judges the list by itself.
func checkSubOrders(partner bool, subs []subOrderRequest) *Refusal {
	most := subOrdersDirect
	if partner {
		most = subOrdersPartner
	}
	if n := len(subs); n < subOrdersAtLeast || n > most {
		return paramError(internalParamRange, fmt.Sprintf("子单数量必须在%d到%d之间", subOrdersAtLeast, most), detailOf("/sub_orders", "bad count"))
	}
	seen := map[orderKey]bool{}
	for i, s := range subs {
		at, key := fmt.Sprintf("/sub_orders/%d", i), orderKey{s.MchID, s.OutTradeNo}
		switch {
		case checkNumber(s.OutTradeNo) != nil:
			return paramError(internalParamInvalid, "商户订单号只能是6到32个数字、大小写字母_-|*", detailOf(at+"/out_trade_no", "bad characters"))
		case len(s.Detail) > maxDetailBytes:
			return paramError(internalParamRange, "输入源“/body"+at+"/detail”长度超过限制", detailOf(at+"/detail", "too long"))
		case seen[key]:
			return paramError(internalParamInvalid, "子单商户订单号重复", detailOf(at+"/out_trade_no", "twice"))
		}
		seen[key] = true
	}
	return nil
}

// checkCombineParties wants the combining merchant to sign, and every merchant to be bound to the one app. A service
// provider combines orders of service providers, a direct merchant those of direct merchants.
func (p *Platform) checkCombineParties(c channel, in *v3Call, r *combineRequest) *Refusal {
	switch {
	case p.world.merchant(r.MchID) == nil:
		return mchNotExists()
	case r.MchID != in.merchant.ID:
		return paramError(internalMchMismatch, "http header中的mchid与post payload中的combine_mchid不匹配", nil)
	case !in.merchant.boundTo(r.AppID):
		return appIDMchIDNotMatch()
	}
	for _, s := range r.SubOrders {
		m := p.world.merchant(s.MchID)
		switch {
		case m == nil:
			return mchNotExists()
		case m.partner() != in.partner:
			return noAuth("商户号该产品权限未开通，请前往商户平台>产品中心检查后重试", 0)
		}
		if in.partner {
			if refused := checkRelation(m, s.SubMchID); refused != nil {
				return refused
			}
		}
		if refused := p.checkApps(c, m, v3Parties{AppID: r.AppID, MchID: s.MchID, SubAppID: s.SubAppID, SubMchID: s.SubMchID}); refused != nil {
			return refused
		}
	}
	return nil
}

// checkCombinePayer judges who a JSAPI order is for. A sub_openid belongs to one app, which all sub orders must name.
func (p *Platform) checkCombinePayer(partner bool, r *combineRequest) *Refusal {
	openID, sub := r.Payer.OpenID, r.Payer.SubOpenID
	if !partner || sub == "" {
		return p.checkOpenID(r.AppID, openID, "/combine_payer_info/openid")
	}
	if openID != "" {
		return paramError(internalParamInvalid, "openid和sub_openid只能传其中一个", detailOf("/combine_payer_info", "both openids"))
	}
	for i, s := range r.SubOrders {
		if s.SubAppID == "" || s.SubAppID != r.SubOrders[0].SubAppID {
			return paramError(internalParamInvalid, "传入sub_openid时，各子单的sub_appid必填且一致", detailOf(fmt.Sprintf("/sub_orders/%d/sub_appid", i), "missing or different"))
		}
	}
	return p.checkOpenID(r.SubOrders[0].SubAppID, sub, "/combine_payer_info/sub_openid")
}
