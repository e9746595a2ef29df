package sandbox

// refundNotice is the plain resource of a refund's notification. Its amount has no currency.
type refundNotice struct {
	MchID               string             `json:"mchid,omitempty"`
	SpMchID             string             `json:"sp_mchid,omitempty"`
	SubMchID            string             `json:"sub_mchid,omitempty"`
	OutTradeNo          string             `json:"out_trade_no"`
	TransactionID       string             `json:"transaction_id"`
	OutRefundNo         string             `json:"out_refund_no"`
	RefundID            string             `json:"refund_id"`
	RefundStatus        string             `json:"refund_status"`
	SuccessTime         string             `json:"success_time,omitempty"`
	UserReceivedAccount string             `json:"user_received_account"`
	Amount              refundNoticeAmount `json:"amount"`
}

// refundNoticeAmount is in fen.
type refundNoticeAmount struct {
	Total       int64 `json:"total"`
	Refund      int64 `json:"refund"`
	PayerTotal  int64 `json:"payer_total"`
	PayerRefund int64 `json:"payer_refund"`
}

func refundNoticeOf(r Refund) refundNotice {
	n := refundNotice{
		MchID: r.MchID, OutTradeNo: r.OutTradeNo, TransactionID: r.TransactionID, OutRefundNo: r.OutRefundNo,
		RefundID: r.RefundID, RefundStatus: r.Status, UserReceivedAccount: r.ReceivedBy,
		Amount: refundNoticeAmount{r.Total, r.Amount, r.Total, r.Amount},
	}
	if r.SubMchID != "" {
		n.MchID, n.SpMchID, n.SubMchID = "", r.MchID, r.SubMchID
	}
	if r.Status == RefundSuccess {
		n.SuccessTime = stamp(r.Ended)
	}
	return n
}

// refunded waits for a refund's end and announces it then, unless the request named no notify_url.
func (n *notifier) refunded(r Refund) {
	d := &delivery{
		kind: "refund", url: r.NotifyURL, to: n.p.world.merchant(r.MchID), outTradeNo: r.OutTradeNo,
		outRefundNo: r.OutRefundNo, subMchID: r.SubMchID,
	}
	if d.url == "" || d.to.APIv3Key == "" {
		return
	}
	d.ready = func() bool { return n.ended(d, r) }
	n.announceAt(d, r.due)
}

// ended fills in how the refund ended. False: it has not, or not so: who decided it anew has queued it anew.
func (n *notifier) ended(d *delivery, asked Refund) bool {
	r, found := n.p.book.findRefund(asked.MchID, asked.OutRefundNo)
	if !found || r.Status == RefundProcessing || r.round != asked.round {
		return false
	}
	texts := map[string]string{RefundSuccess: "退款成功", RefundClosed: "退款关闭", RefundAbnormal: "退款异常"}
	d.event, d.summary = "REFUND."+r.Status, texts[r.Status]
	d.created = r.Ended
	d.content = func(fault string) any { return n.p.falsifiedRefund(r, fault) }
	return true
}
