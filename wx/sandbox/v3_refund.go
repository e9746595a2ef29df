package sandbox

import (
	"encoding/json"
	"strings"
)

// refundRequest is the part of a refund that the platform works with.
type refundRequest struct {
	SubMchID      string `json:"sub_mchid"`
	TransactionID string `json:"transaction_id"`
	OutTradeNo    string `json:"out_trade_no"`
	OutRefundNo   string `json:"out_refund_no"`
	Reason        string `json:"reason"`
	NotifyURL     string `json:"notify_url"`
	Amount        struct {
		Refund int64 `json:"refund"` // fen
		Total  int64 `json:"total"`
		From   []struct {
			Amount int64 `json:"amount"`
		} `json:"from"`
	} `json:"amount"`
}

// createRefund accepts a refund; the same number with the same parameters is the same refund.
func (p *Platform) createRefund(in *v3Call) (any, error) {
	object, refused := parseObject(in.body, refundFields())
	if refused != nil {
		return nil, refused
	}
	var r refundRequest
	if json.Unmarshal(in.body, &r) != nil {
		return nil, invalidRequest(internalParamInvalid, "请求体不是合法的JSON对象", nil)
	}
	in.outTradeNo, in.outRefundNo = r.OutTradeNo, r.OutRefundNo
	if refused := r.check(); refused != nil {
		return nil, refused
	}
	if refused := checkRefundSub(in, r.SubMchID); refused != nil {
		return nil, refused
	}
	// By which of its numbers the order is named does not change the refund.
	delete(object, "transaction_id")
	delete(object, "out_trade_no")
	placed, refused := p.book.placeRefund(Refund{
		MchID: in.merchant.ID, SubMchID: r.SubMchID, OutRefundNo: r.OutRefundNo, OutTradeNo: r.OutTradeNo, TransactionID: r.TransactionID,
		Total: r.Amount.Total, Amount: r.Amount.Refund, Reason: r.Reason, NotifyURL: r.NotifyURL, parameters: string(encode(object)),
	})
	if refused != nil {
		return nil, refused
	}
	in.outTradeNo = placed.OutTradeNo
	if placed.fresh {
		p.notifier.refunded(placed)
	}
	return refundAnswerOf(placed), nil
}

// check holds the rules that a schema cannot express.
func (r *refundRequest) check() *Refusal {
	if refused := checkRefundNumber(r.OutRefundNo); refused != nil {
		return refused
	}
	if (r.TransactionID == "") == (r.OutTradeNo == "") {
		return paramError(internalParamInvalid, "transaction_id和out_trade_no必须且只能传其中一个", detailOf("/transaction_id", "exactly one"))
	}
	if r.OutTradeNo != "" {
		if refused := checkNumber(r.OutTradeNo); refused != nil {
			return refused
		}
	}
	if r.NotifyURL != "" {
		if refused := checkNotifyURL(r.NotifyURL); refused != nil {
			return refused
		}
	}
	if r.Amount.Refund > r.Amount.Total {
		return paramError(internalParamRange, "退款金额不能大于原订单金额", detailOf("/amount/refund", "too large"))
	}
	sum := int64(0)
	for _, from := range r.Amount.From {
		sum += from.Amount
	}
	if len(r.Amount.From) > 0 && sum != r.Amount.Refund {
		return paramError(internalParamInvalid, "出资账户金额之和与退款金额不一致", detailOf("/amount/from", "sum"))
	}
	return nil
}

// checkRefundSub wants a sub merchant from a service provider and none from others.
func checkRefundSub(in *v3Call, subMchID string) *Refusal {
	if in.subMchID = subMchID; in.merchant.partner() && subMchID == "" {
		return paramError(internalSubMissing, "必须传sub_mchid", detailOf("/sub_mchid", "missing"))
	}
	if subMchID == "" {
		return nil
	}
	return checkRelation(in.merchant, subMchID)
}

// checkRefundNumber holds length and alphabet of out_refund_no, in bodies and in paths.
func checkRefundNumber(number string) *Refusal {
	if n := len(number); n >= 1 && n <= 64 && strings.Trim(number, alnum+"_-|*@") == "" {
		return nil
	}
	return paramError(internalParamInvalid, "商户退款单号只能是1到64个数字、大小写字母_-|*@", detailOf("/out_refund_no", "bad characters"))
}

func (p *Platform) queryRefund(in *v3Call) (any, error) {
	in.outRefundNo = in.path["out_refund_no"]
	if refused := checkRefundNumber(in.outRefundNo); refused != nil {
		return nil, refused
	}
	subMchID := in.request.URL.Query().Get("sub_mchid")
	if refused := checkRefundSub(in, subMchID); refused != nil {
		return nil, refused
	}
	r, found := p.book.findRefund(in.merchant.ID, in.outRefundNo)
	if !found || r.SubMchID != subMchID {
		return nil, resourceNotExists("退款单不存在")
	}
	in.outTradeNo = r.OutTradeNo
	return refundAnswerOf(r), nil
}
