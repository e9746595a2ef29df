package wxpay

import (
	"encoding/json"
	"errors"
	"time"

	"wxhub/wx"
)

// The messages of combined payments, which the SDK does not have. The names are those of
// PROTOCOL §2.5 and of gopay.

type combineRequest struct {
	AppID      string           `json:"combine_appid"`
	MchID      string           `json:"combine_mchid"`
	OutTradeNo string           `json:"combine_out_trade_no"`
	SceneInfo  *combineScene    `json:"scene_info,omitempty"`
	SubOrders  []combinePart    `json:"sub_orders"`
	Payer      *combinePayer    `json:"combine_payer_info,omitempty"`
	TimeExpire *combineDeadline `json:"time_expire,omitempty"`
	NotifyURL  string           `json:"notify_url"`
}

// combineDeadline is written to the second, in WeChat Pay's zone.
type combineDeadline time.Time

func (d combineDeadline) MarshalText() ([]byte, error) {
	return []byte(time.Time(d).In(chinaTime).Format(time.RFC3339)), nil
}

type combineScene struct {
	PayerClientIP string    `json:"payer_client_ip"`
	H5Info        combineH5 `json:"h5_info"`
}

type combineH5 struct {
	Type string `json:"type"`
}

type combinePayer struct {
	OpenID    string `json:"openid,omitempty"`
	SubOpenID string `json:"sub_openid,omitempty"`
}

// combineParties name one sub order: also all that close takes.
type combineParties struct {
	MchID      string `json:"mchid"`
	SubMchID   string `json:"sub_mchid,omitempty"`
	SubAppID   string `json:"sub_appid,omitempty"`
	OutTradeNo string `json:"out_trade_no"`
}

type combinePart struct {
	combineParties
	Attach      string         `json:"attach"`
	Description string         `json:"description"`
	Amount      combineAmount  `json:"amount"`
	SettleInfo  *combineSettle `json:"settle_info,omitempty"`
}

type combineAmount struct {
	Total    int64  `json:"total_amount"`
	Currency string `json:"currency"`
}

type combineSettle struct {
	ProfitSharing bool `json:"profit_sharing"`
}

type combineClose struct {
	AppID     string           `json:"combine_appid"`
	SubOrders []combineParties `json:"sub_orders"`
}

func combineBody(p wx.CombinedPrepay) combineRequest {
	r := combineRequest{AppID: p.AppID, MchID: p.MerchantID, OutTradeNo: p.OutTradeNo, NotifyURL: p.NotifyURL}
	if !p.ExpiresAt.IsZero() {
		deadline := combineDeadline(p.ExpiresAt)
		r.TimeExpire = &deadline
	}
	switch p.Channel {
	case wx.ChannelH5:
		r.SceneInfo = &combineScene{PayerClientIP: p.ClientIP, H5Info: combineH5{wap}}
	case wx.ChannelJSAPI:
		r.Payer = &combinePayer{OpenID: p.OpenID}
		if p.SubAppID != "" { // an openid belongs to one app
			r.Payer = &combinePayer{SubOpenID: p.OpenID}
		}
	}
	for _, part := range p.Parts {
		sub := combinePart{
			combineParties: partiesOf(p.CombinedTrade, part.Trade), Attach: part.Attach, Description: part.Description,
			Amount: combineAmount{int64(part.Amount), part.Currency},
		}
		if part.ProfitSharing {
			sub.SettleInfo = &combineSettle{true}
		}
		r.SubOrders = append(r.SubOrders, sub)
	}
	return r
}

func partiesOf(t wx.CombinedTrade, part wx.Trade) combineParties {
	return combineParties{MchID: part.MerchantID, SubMchID: part.SubMerchantID, SubAppID: t.SubAppID, OutTradeNo: part.OutTradeNo}
}

// combineStatement is a combined payment in answers and notifications.
type combineStatement struct {
	AppID      string `json:"combine_appid"`
	MchID      string `json:"combine_mchid"`
	OutTradeNo string `json:"combine_out_trade_no"`
	Payer      struct {
		OpenID string `json:"openid"`
	} `json:"combine_payer_info"`
	SubOrders []struct {
		combineParties
		SubOpenID     string `json:"sub_openid"`
		TransactionID string `json:"transaction_id"`
		TradeState    string `json:"trade_state"`
		SuccessTime   string `json:"success_time"` // may have milliseconds (PROTOCOL §4)
		Amount        struct {
			Total    *int64  `json:"total_amount"`
			Currency *string `json:"currency"`
		} `json:"amount"`
	} `json:"sub_orders"`
}

// maxParts is the most that any merchant combines (PROTOCOL §2.5).
const maxParts = 50

// transaction refuses a statement without the fields that make it mean something.
func (c combineStatement) transaction(partner bool) (*wx.CombinedTransaction, error) {
	if c.AppID == "" || c.MchID == "" || c.OutTradeNo == "" || len(c.SubOrders) == 0 || len(c.SubOrders) > maxParts {
		return nil, errors.New("a combined payment lacks combine_appid, combine_mchid, combine_out_trade_no or believable sub_orders")
	}
	out := wx.CombinedTransaction{MerchantID: c.MchID, OutTradeNo: c.OutTradeNo}
	for _, sub := range c.SubOrders {
		if sub.MchID == "" || sub.OutTradeNo == "" || sub.TradeState == "" || partner != (sub.SubMchID != "") {
			return nil, errors.New("a sub order lacks mchid, sub_mchid, out_trade_no or trade_state")
		}
		t := wx.Transaction{
			Trade: wx.Trade{MerchantID: sub.MchID, SubMerchantID: sub.SubMchID, OutTradeNo: sub.OutTradeNo},
			AppID: c.AppID, SubAppID: sub.SubAppID, OpenID: c.Payer.OpenID, TransactionID: sub.TransactionID, State: wx.TradeState(sub.TradeState),
		}
		if t.SubAppID != "" {
			t.OpenID = sub.SubOpenID
		}
		t.Amount, t.Currency = asked(sub.Amount.Total, sub.Amount.Currency)
		t, err := finished(t, sub.SuccessTime)
		if err != nil {
			return nil, err
		}
		out.Parts = append(out.Parts, t)
	}
	return &out, nil
}

// isCombined tells a combined payment's notification from an ordinary one: the event is the
// same, the fields of the resource are not (PROTOCOL §4).
func isCombined(plain []byte) bool {
	var probe struct {
		MchID *string `json:"combine_mchid"`
	}
	return json.Unmarshal(plain, &probe) == nil && probe.MchID != nil
}

func (m *merchant) readCombined(plain []byte) (*wx.CombinedTransaction, error) {
	var c combineStatement
	if err := json.Unmarshal(plain, &c); err != nil {
		return nil, errors.New("the resource is not a combined payment")
	}
	return c.transaction(m.Partner)
}

// combineAnswer is what a combined prepay answers, by channel.
type combineAnswer struct {
	PrepayID string `json:"prepay_id"`
	CodeURL  string `json:"code_url"`
	H5URL    string `json:"h5_url"`
}

func (a combineAnswer) of(c wx.Channel) string {
	switch c {
	case wx.ChannelNative:
		return a.CodeURL
	case wx.ChannelH5:
		return a.H5URL
	}
	return a.PrepayID
}
