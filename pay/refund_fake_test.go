package pay_test

import (
	"context"
	"strings"
	"time"

	"wxhub/model"
	"wxhub/wx"
)

// refund is one refund at the platform, after PROTOCOL §2.6: its number with the same
// values gives the same refund, all refunds of a payment never exceed it.
type refund struct {
	asked wx.RefundRequest
	state wx.RefundStatus
}

func (r *refund) said() wx.RefundState {
	out := wx.RefundState{
		Trade: r.asked.Trade, OutRefundNo: r.asked.OutRefundNo, RefundID: "5030" + r.asked.OutRefundNo,
		Status: r.state, Amount: r.asked.Amount, Total: r.asked.Total,
	}
	if r.state == wx.RefundSuccess {
		out.SuccessTime = model.Instant(time.Now())
	}
	return out
}

func (p *platform) Refund(_ context.Context, asked wx.RefundRequest) (wx.RefundState, error) {
	answer := p.enter("refund")
	if err := p.refused("refund"); err != nil {
		return wx.RefundState{}, answer(err)
	}
	r, known := p.refunds[asked.OutRefundNo]
	t := p.trades[asked.OutTradeNo]
	switch {
	case known && r.asked != asked:
		return wx.RefundState{}, answer(wx.ErrRejected)
	case known:
	case t == nil || t.paid.IsZero() || asked.Total != t.asked.Amount || p.givenBack(asked.OutTradeNo)+asked.Amount > asked.Total:
		return wx.RefundState{}, answer(wx.ErrRejected)
	default:
		r = &refund{asked, wx.RefundProcessing}
		p.refunds[asked.OutRefundNo] = r
		t.state = wx.TradeRefund
	}
	return r.said(), answer(nil)
}

// givenBack is what was given back of a payment, or is about to be. The lock is held.
func (p *platform) givenBack(number string) (sum model.Fen) {
	for _, r := range p.refunds {
		if r.asked.OutTradeNo == number && r.state != wx.RefundClosed {
			sum += r.asked.Amount
		}
	}
	return sum
}

func (p *platform) QueryRefund(_ context.Context, _ wx.Trade, number string) (wx.RefundState, error) {
	answer := p.enter("query_refund")
	if err := p.refused("query_refund"); err != nil {
		return wx.RefundState{}, answer(err)
	}
	r, known := p.refunds[number]
	if !known {
		return wx.RefundState{}, answer(wx.ErrRefundUnknown)
	}
	return r.said(), answer(nil)
}

// ends decides a refund at the platform.
func (p *platform) ends(number string, as wx.RefundStatus) wx.RefundState {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.refunds[number]
	r.state = as
	return r.said()
}

// total is what was given back of every payment of an order.
func (p *platform) total(orderID string) (sum model.Fen) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for number := range p.trades {
		if strings.HasPrefix(number, orderID) {
			sum += p.givenBack(number)
		}
	}
	return sum
}
