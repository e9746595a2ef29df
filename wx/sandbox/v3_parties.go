package sandbox

import (
	"net/http"
	"net/netip"
	"net/url"
)

// v3Parties are who a body or a query is about. MchID and AppID are also a service provider's.
type v3Parties struct {
	AppID    string `json:"appid"`
	MchID    string `json:"mchid"`
	SpAppID  string `json:"sp_appid"`
	SpMchID  string `json:"sp_mchid"`
	SubAppID string `json:"sub_appid"`
	SubMchID string `json:"sub_mchid"`
}

// named moves a service provider's names to the common ones.
func (w v3Parties) named(partner bool) v3Parties {
	if !partner {
		return v3Parties{AppID: w.AppID, MchID: w.MchID}
	}
	w.AppID, w.MchID = w.SpAppID, w.SpMchID
	return w
}

// queryParties reads and checks the parties of a query string.
func (p *Platform) queryParties(in *v3Call) (v3Parties, *Refusal) {
	query := in.request.URL.Query()
	fields := []field{{name: "mchid", label: "商户号"}}
	if in.partner {
		fields = []field{{name: "sp_mchid", label: "服务商户号"}, {name: "sub_mchid", label: "子商户号"}}
	}
	for _, f := range fields {
		if query.Get(f.name) == "" {
			return v3Parties{}, missingInQuery(f)
		}
	}
	parties := partiesOf(query).named(in.partner)
	return parties, p.checkParties(in, parties)
}

func partiesOf(query url.Values) v3Parties {
	return v3Parties{MchID: query.Get("mchid"), SpMchID: query.Get("sp_mchid"), SubMchID: query.Get("sub_mchid")}
}

func missingInQuery(f field) *Refusal {
	return paramError(internalParamInvalid, "输入源“/query/"+f.name+"”映射到字段“"+f.label+"”必填性规则校验失败，此字段为必填项",
		fieldDetail{Field: f.name, Issue: "missing", Location: "query"})
}

// checkParties compares the merchant with the one that signed, and the sub merchant with its own.
func (p *Platform) checkParties(in *v3Call, w v3Parties) *Refusal {
	switch {
	case p.world.merchant(w.MchID) == nil:
		return mchNotExists()
	case w.MchID != in.merchant.ID:
		return paramError(internalMchMismatch, "http header中的mchid与post payload中的mchid不匹配", nil)
	case in.partner:
		in.subMchID = w.SubMchID
		return checkRelation(in.merchant, w.SubMchID)
	case in.merchant.partner():
		return noAuth("商户号该产品权限未开通，请前往商户平台>产品中心检查后重试", 0)
	}
	return nil
}

// checkRelation wants the sub merchant to be one of the service provider's.
func checkRelation(m *merchant, subMchID string) *Refusal {
	switch {
	case subMchID == m.ID:
		return paramError(internalSubIsSelf, "子商户号不能等于自身", detailOf("/sub_mchid", "own number"))
	case m.sub(subMchID) == nil:
		return noAuth("受理关系不存在", internalNoRelation)
	}
	return nil
}

// checkApps wants apps that are bound to their merchants, and one of them of the channel's kind.
func (p *Platform) checkApps(c channel, m *merchant, w v3Parties) *Refusal {
	same := w.SubAppID == w.AppID
	switch {
	case same && p.behaviour.SameSubAppID != nil:
		return refusal(*p.behaviour.SameSubAppID)
	case !m.boundTo(w.AppID), w.SubAppID != "" && !same && !m.sub(w.SubMchID).boundTo(w.SubAppID):
		return appIDMchIDNotMatch()
	case p.behaviour.WrongAppKind == nil, p.invokes(c, w.AppID), w.SubAppID != "" && p.invokes(c, w.SubAppID):
		return nil
	}
	return refusal(*p.behaviour.WrongAppKind)
}

// invokes tells whether this app can bring the payment to the phone. A QR code and an H5 page need no app.
func (p *Platform) invokes(c channel, appID string) bool {
	kind := p.world.app(appID).Kind
	switch c.tradeType {
	case TradeJSAPI:
		return kind == KindMiniProgram || kind == KindOfficialAccount
	case TradeApp:
		return kind == KindMobileApp
	}
	return true
}

// checkClientIP judges the payer's address of an H5 payment.
func (p *Platform) checkClientIP(text string) *Refusal {
	ip, err := netip.ParseAddr(text)
	if err != nil {
		return paramError(internalParamInvalid, "输入源“/body/scene_info/payer_client_ip”映射到字段“用户终端IP”规则校验失败，IP格式错误", detailOf("/scene_info/payer_client_ip", "bad address"))
	}
	if loopback := p.behaviour.LoopbackClient; loopback != nil && ip.IsLoopback() {
		return refusal(*loopback)
	}
	return nil
}

func noAuth(message string, internal int) *Refusal {
	return &Refusal{Status: http.StatusForbidden, Code: "NO_AUTH", Message: message, Internal: internal}
}
