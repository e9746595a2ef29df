package sandbox

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

func profitEndpoints() []v3Endpoint {
	const at = "/v3/profitsharing"
	return []v3Endpoint{
		{http.MethodPost, at + "/receivers/add", (*Platform).addReceiver},
		{http.MethodPost, at + "/receivers/delete", (*Platform).deleteReceiver},
		{http.MethodPost, at + "/orders", (*Platform).shareProfit},
		{http.MethodPost, at + "/orders/unfreeze", (*Platform).unfreezeProfit},
		{http.MethodGet, at + "/orders/{out_order_no}", (*Platform).querySharing},
		{http.MethodPost, at + "/return-orders", (*Platform).returnProfit},
		{http.MethodGet, at + "/return-orders/{out_return_no}", (*Platform).queryReturn},
		{http.MethodGet, at + "/transactions/{transaction_id}/amounts", (*Platform).unsplitAmount},
		{http.MethodGet, at + "/merchant-configs/{sub_mchid}", (*Platform).sharingRatio},
	}
}

// sharingRequest is a profit sharing's body, and an unfreezing's.
type sharingRequest struct {
	SubMchID      string `json:"sub_mchid"`
	AppID         string `json:"appid"`
	SubAppID      string `json:"sub_appid"`
	TransactionID string `json:"transaction_id"`
	OutOrderNo    string `json:"out_order_no"`
	Receivers     []struct {
		Type        string `json:"type"`
		Account     string `json:"account"`
		Name        string `json:"name"`
		Amount      int64  `json:"amount"` // fen
		Description string `json:"description"`
	} `json:"receivers"`
	Unfreeze    bool   `json:"unfreeze_unsplit"`
	Description string `json:"description"`
}

func (p *Platform) shareProfit(in *v3Call) (any, error) {
	object, refused := parseObject(in.body, sharingFields())
	if refused != nil {
		return nil, refused
	}
	var r sharingRequest
	if json.Unmarshal(in.body, &r) != nil {
		return nil, invalidRequest(internalParamInvalid, "请求体不是合法的JSON对象", nil)
	}
	if refused := p.checkSharing(in, &r); refused != nil {
		return nil, refused
	}
	for _, receiver := range object["receivers"].([]any) {
		delete(receiver.(map[string]any), "name") // encrypted, so other each time
	}
	return p.placeSharing(in, r, string(encode(object)))
}

// checkSharing holds the rules that a schema cannot express.
func (p *Platform) checkSharing(in *v3Call, r *sharingRequest) *Refusal {
	if refused := checkSharingNumber("/out_order_no", r.OutOrderNo); refused != nil {
		return refused
	}
	if n := len(r.Receivers); n < 1 || n > partsAtMost {
		return paramError(internalParamRange, "分账接收方数量必须在1到50之间", detailOf("/receivers", "bad count"))
	}
	if refused := checkRefundSub(in, r.SubMchID); refused != nil {
		return refused
	}
	if !in.merchant.boundTo(r.AppID) {
		return appIDMchIDNotMatch()
	}
	sub := false
	for _, receiver := range r.Receivers {
		sub = sub || receiver.Type == receiverSub
		if receiver.Name == "" {
			continue
		}
		if _, refused := p.unsealed(in, "/receivers/name", receiver.Name); refused != nil {
			return refused
		}
	}
	return checkSubApp(in, sub, r.SubMchID, r.SubAppID)
}

// checkSubApp wants sub_appid where an account is an openid of it, and only an app of the sub merchant's.
func checkSubApp(in *v3Call, needed bool, subMchID, subAppID string) *Refusal {
	switch {
	case needed && subAppID == "":
		return paramError(internalParamInvalid, "分账接收方类型为PERSONAL_SUB_OPENID时，sub_appid必填", detailOf("/sub_appid", "missing"))
	case subAppID != "" && !in.merchant.sub(subMchID).boundTo(subAppID):
		return appIDMchIDNotMatch()
	}
	return nil
}

// checkSharingNumber holds length and alphabet of the numbers of profit sharing.
func checkSharingNumber(at, number string) *Refusal {
	if n := len(number); n >= 1 && n <= 64 && strings.Trim(number, alnum+"_-|*@") == "" {
		return nil
	}
	return paramError(internalParamInvalid, "订单号格式不正确", detailOf(at, "bad characters"))
}

func (p *Platform) unfreezeProfit(in *v3Call) (any, error) {
	object, refused := parseObject(in.body, unfreezeFields())
	if refused != nil {
		return nil, refused
	}
	var r sharingRequest
	if json.Unmarshal(in.body, &r) != nil {
		return nil, invalidRequest(internalParamInvalid, "请求体不是合法的JSON对象", nil)
	}
	if refused := checkSharingNumber("/out_order_no", r.OutOrderNo); refused != nil {
		return nil, refused
	}
	if refused := checkRefundSub(in, r.SubMchID); refused != nil {
		return nil, refused
	}
	r.Unfreeze = true
	return p.placeSharing(in, r, "unfreeze "+string(encode(object)))
}

func (p *Platform) placeSharing(in *v3Call, r sharingRequest, parameters string) (any, error) {
	wanted := Sharing{MchID: in.merchant.ID, SubMchID: r.SubMchID, OutOrderNo: r.OutOrderNo, TransactionID: r.TransactionID,
		Unfreezes: r.Unfreeze, parameters: parameters}
	for _, x := range r.Receivers {
		wanted.Parts = append(wanted.Parts, SharingPart{Type: x.Type, Account: x.Account, Amount: x.Amount, Description: x.Description})
	}
	s, refused := p.book.placeSharing(wanted)
	if refused != nil {
		return nil, refused
	}
	in.outTradeNo = s.OutTradeNo
	if s.fresh {
		p.notifier.shared(s)
	}
	return sharingAnswerOf(s), nil
}

func (p *Platform) querySharing(in *v3Call) (any, error) {
	query := in.request.URL.Query()
	transactionID, subMchID := query.Get("transaction_id"), query.Get("sub_mchid")
	if transactionID == "" {
		return nil, missingInQuery(field{name: "transaction_id", label: "微信订单号"})
	}
	if refused := checkRefundSub(in, subMchID); refused != nil {
		return nil, refused
	}
	s, found := p.book.findSharing(in.merchant.ID, in.path["out_order_no"])
	if !found || s.TransactionID != transactionID || s.SubMchID != subMchID {
		return nil, resourceNotExists("记录不存在")
	}
	in.outTradeNo = s.OutTradeNo
	return sharingAnswerOf(s), nil
}

func (p *Platform) unsplitAmount(in *v3Call) (any, error) {
	left, refused := p.book.unsplit(in.merchant.ID, in.path["transaction_id"])
	if refused != nil {
		return nil, refused
	}
	return unsplitAnswer{in.path["transaction_id"], left}, nil
}

// sharingRatio is for service providers; others see theirs in the console.
func (p *Platform) sharingRatio(in *v3Call) (any, error) {
	if in.merchant.sub(in.path["sub_mchid"]) == nil {
		return nil, noAuth("非服务商下的签约子商户", internalNoRelation)
	}
	return ratioAnswer{in.path["sub_mchid"], p.behaviour.MaxSharingRatio}, nil
}

// sharingAnswer is a profit sharing as all calls show it.
type sharingAnswer struct {
	SubMchID      string        `json:"sub_mchid,omitempty"`
	TransactionID string        `json:"transaction_id"`
	OutOrderNo    string        `json:"out_order_no"`
	OrderID       string        `json:"order_id"`
	State         string        `json:"state"`
	Receivers     []sharingShow `json:"receivers"`
}

type sharingShow struct {
	SharingPart
	CreateTime string `json:"create_time"`
	FinishTime string `json:"finish_time"` // the epoch until then
}

func sharingAnswerOf(s Sharing) sharingAnswer {
	out := sharingAnswer{SubMchID: s.SubMchID, TransactionID: s.TransactionID, OutOrderNo: s.OutOrderNo, OrderID: s.OrderID, State: s.State,
		Receivers: []sharingShow{}}
	for _, part := range s.Parts {
		out.Receivers = append(out.Receivers, sharingShow{part, stamp(s.Created), stampEnd(s.Ended)})
	}
	return out
}

// stampEnd is a time that may not have come yet.
func stampEnd(t time.Time) string {
	if t.IsZero() {
		t = time.Unix(0, 0)
	}
	return stamp(t)
}

type unsplitAnswer struct {
	TransactionID string `json:"transaction_id"`
	UnsplitAmount int64  `json:"unsplit_amount"` // fen
}

type ratioAnswer struct {
	SubMchID string `json:"sub_mchid"`
	MaxRatio int64  `json:"max_ratio"` // in hundredths of a percent
}
