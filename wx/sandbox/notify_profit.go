package sandbox

import "time"

// profitNotice is what a merchant is told of money that it received or gave back.
type profitNotice struct {
	MchID         string         `json:"mchid,omitempty"` // who shares, like the next two
	SpMchID       string         `json:"sp_mchid,omitempty"`
	SubMchID      string         `json:"sub_mchid,omitempty"`
	TransactionID string         `json:"transaction_id"`
	OrderID       string         `json:"order_id"`     // of the sharing or the return
	OutOrderNo    string         `json:"out_order_no"` // likewise
	Receiver      noticeReceiver `json:"receiver"`
	SuccessTime   string         `json:"success_time"`
}

type noticeReceiver struct {
	Type        string `json:"type"`
	Account     string `json:"account"`
	Amount      int64  `json:"amount"` // fen
	Description string `json:"description"`
}

// noticeOf is about one movement of a sharing's money.
func noticeOf(s *Sharing, orderID, outOrderNo string, at time.Time, r noticeReceiver) profitNotice {
	out := profitNotice{MchID: s.MchID, TransactionID: s.TransactionID, OrderID: orderID, OutOrderNo: outOrderNo, Receiver: r, SuccessTime: stamp(at)}
	if s.SubMchID != "" {
		out.MchID, out.SpMchID, out.SubMchID = "", s.MchID, s.SubMchID
	}
	return out
}

// shared tells every merchant among the receivers, once its part has arrived.
func (n *notifier) shared(accepted Sharing) {
	for i, part := range accepted.Parts {
		if part.Type == receiverMerchant {
			n.profit(part.Account, "TRANSACTION.SUCCESS", "分账", accepted, accepted.due, func() (profitNotice, bool) {
				s, found := n.p.book.findSharing(accepted.MchID, accepted.OutOrderNo)
				return noticeOf(&s, s.OrderID, s.OutOrderNo, s.Ended, noticeReceiver{part.Type, part.Account, part.Amount, part.Description}),
					found && s.Parts[i].Result == PartSuccess
			})
		}
	}
}

// givenBack tells the merchant from which a return took money.
func (n *notifier) givenBack(accepted ProfitReturn) {
	n.profit(accepted.ReturnMchID, "PROFITSHARING.RETURN", "分账回退", *accepted.sharing, accepted.due, func() (profitNotice, bool) {
		r, found := n.p.book.findReturn(accepted.MchID, accepted.OutReturnNo)
		return noticeOf(accepted.sharing, r.ReturnID, r.OutReturnNo, r.Ended, noticeReceiver{receiverMerchant, r.ReturnMchID, r.Amount, r.Description}),
			found && r.Result == ReturnSuccess
	})
}

// profit waits for the end of one movement; a merchant without a URL in its console, or without a key, hears nothing.
func (n *notifier) profit(mchID, event, summary string, about Sharing, due time.Time, end func() (profitNotice, bool)) {
	d := &delivery{kind: "profitsharing", event: event, summary: summary, url: n.p.book.profitURL(mchID), to: n.p.world.merchant(mchID),
		outTradeNo: about.OutTradeNo, subMchID: about.SubMchID}
	if d.url == "" || d.to == nil || d.to.APIv3Key == "" {
		return
	}
	d.ready = func() bool {
		notice, moved := end()
		d.content = func(fault string) any {
			if fault == faultWrongAmount {
				notice.Receiver.Amount = another(notice.Receiver.Amount)
			}
			return notice
		}
		return moved
	}
	n.announceAt(d, due)
}
