package wxpay

import "wxhub/wx"

// The requests of payments by code, which the SDK does not have. Names are those of
// DOC:4012382150 and 4012382161 (direct), 4012382179 and 4012382181 (partner); there is no
// notify_url and no time_expire among them.

// codeIdentity says whose payment it is and in which app: also all that reverse takes.
type codeIdentity struct {
	AppID    string `json:"appid,omitempty"`
	MchID    string `json:"mchid,omitempty"`
	SpAppID  string `json:"sp_appid,omitempty"`
	SpMchID  string `json:"sp_mchid,omitempty"`
	SubAppID string `json:"sub_appid,omitempty"`
	SubMchID string `json:"sub_mchid,omitempty"`
}

type codeRequest struct {
	codeIdentity
	Description string      `json:"description"`
	OutTradeNo  string      `json:"out_trade_no"`
	Attach      string      `json:"attach,omitempty"`
	Payer       codePayer   `json:"payer"`
	Amount      codeAmount  `json:"amount"`
	SceneInfo   codeScene   `json:"scene_info"`
	SettleInfo  *codeSettle `json:"settle_info,omitempty"`
}

type codeSettle struct {
	ProfitSharing bool `json:"profit_sharing"`
}

// codePayer holds the payer's code in the clear: it is made for the wire and goes nowhere
// else.
type codePayer struct {
	AuthCode string `json:"auth_code"`
}

type codeAmount struct {
	Total    int64  `json:"total"`
	Currency string `json:"currency"`
}

// codeScene has names of its own: device_ip, where the other channels have payer_client_ip.
type codeScene struct {
	DeviceID  string    `json:"device_id,omitempty"`
	DeviceIP  string    `json:"device_ip,omitempty"`
	StoreInfo codeStore `json:"store_info"`
}

// codeStore needs WeChat Pay's own number of the shop (id) or the merchant's (out_id).
type codeStore struct {
	OutID string `json:"out_id"`
}

func (m *merchant) identify(t wx.CodeTrade) codeIdentity {
	if m.Partner {
		return codeIdentity{SpAppID: t.AppID, SpMchID: t.MerchantID, SubAppID: t.SubAppID, SubMchID: t.SubMerchantID}
	}
	return codeIdentity{AppID: t.AppID, MchID: t.MerchantID}
}

// codeBody is what is asked. A merchant that names no shop is its own: WeChat Pay refuses a
// payment by code without one.
func codeBody(m *merchant, p wx.CodePayment) codeRequest {
	store := p.StoreID
	if store == "" {
		store = p.MerchantID
		if m.Partner {
			store = p.SubMerchantID
		}
	}
	var settle *codeSettle
	if p.ProfitSharing {
		settle = &codeSettle{ProfitSharing: true}
	}
	return codeRequest{
		SettleInfo:   settle,
		codeIdentity: m.identify(p.CodeTrade),
		Description:  p.Description, OutTradeNo: p.OutTradeNo, Attach: p.Attach,
		Payer:     codePayer{AuthCode: p.AuthCode.Reveal()},
		Amount:    codeAmount{Total: int64(p.Amount), Currency: p.Currency},
		SceneInfo: codeScene{DeviceID: p.DeviceID, DeviceIP: p.DeviceIP, StoreInfo: codeStore{OutID: store}},
	}
}
