package wxpay

import (
	"errors"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/services/refunddomestic"

	"wxhub/model"
	"wxhub/wx"
)

// refundOf turns the SDK's pointers into our type. An answer does not say whose the refund
// is; t, which was asked about, does.
func refundOf(t wx.Trade, r *refunddomestic.Refund) (wx.RefundState, error) {
	if r == nil || r.Status == nil || r.Amount == nil {
		return wx.RefundState{}, errors.New("a refund lacks status or amount")
	}
	t.OutTradeNo = value(r.OutTradeNo)
	out := wx.RefundState{
		Trade: t, OutRefundNo: value(r.OutRefundNo), RefundID: value(r.RefundId), TransactionID: value(r.TransactionId),
		Status: wx.RefundStatus(*r.Status), Amount: model.Fen(number(r.Amount.Refund)), Total: model.Fen(number(r.Amount.Total)),
	}
	if r.SuccessTime != nil {
		out.SuccessTime = *r.SuccessTime
	}
	return sound(out)
}

// refundNotice is the decrypted resource of a refund notification (PROTOCOL §4); the SDK
// has no type for it. Direct merchants get mchid, service providers the other two.
type refundNotice struct {
	Mchid         string `json:"mchid"`
	SpMchid       string `json:"sp_mchid"`
	SubMchid      string `json:"sub_mchid"`
	OutTradeNo    string `json:"out_trade_no"`
	TransactionID string `json:"transaction_id"`
	OutRefundNo   string `json:"out_refund_no"`
	RefundID      string `json:"refund_id"`
	RefundStatus  string `json:"refund_status"`
	SuccessTime   string `json:"success_time"`
	Amount        struct {
		Total  int64 `json:"total"`
		Refund int64 `json:"refund"`
	} `json:"amount"`
}

func (n refundNotice) state(partner bool) (wx.RefundState, error) {
	t := wx.Trade{MerchantID: n.Mchid, OutTradeNo: n.OutTradeNo}
	if partner {
		t.MerchantID, t.SubMerchantID = n.SpMchid, n.SubMchid
	}
	if t.MerchantID == "" || (partner && t.SubMerchantID == "") {
		return wx.RefundState{}, errors.New("a refund does not say whose it is")
	}
	at, _ := time.Parse(time.RFC3339, n.SuccessTime) // a successful refund without one is refused below
	return sound(wx.RefundState{
		Trade: t, OutRefundNo: n.OutRefundNo, RefundID: n.RefundID, TransactionID: n.TransactionID,
		Status: wx.RefundStatus(n.RefundStatus), Amount: model.Fen(n.Amount.Refund), Total: model.Fen(n.Amount.Total),
		SuccessTime: at,
	})
}

// sound refuses a refund without what makes it mean something, so that "absent" is never
// taken for a value.
func sound(s wx.RefundState) (wx.RefundState, error) {
	switch {
	case s.OutTradeNo == "" || s.OutRefundNo == "" || s.RefundID == "" || len(s.RefundID) > 64:
		return wx.RefundState{}, errors.New("a refund lacks out_trade_no, out_refund_no or refund_id")
	case s.Amount <= 0 || s.Total < s.Amount:
		return wx.RefundState{}, errors.New("a refund has no believable amount")
	}
	switch s.Status {
	case wx.RefundSuccess:
		if s.SuccessTime.IsZero() {
			return wx.RefundState{}, errors.New("a successful refund has no success_time")
		}
		s.SuccessTime = model.Instant(s.SuccessTime)
	case wx.RefundProcessing, wx.RefundClosed, wx.RefundAbnormal:
		s.SuccessTime = time.Time{}
	default:
		return wx.RefundState{}, errors.New("a refund has a status that nobody knows")
	}
	return s, nil
}
