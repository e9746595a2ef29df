package sandbox

import (
	"errors"
	"slices"
	"time"
)

// Limits of refunds.
const (
	refundWindow  = 365 * 24 * time.Hour // after the payment
	refundsAtMost = 50                   // per order
)

// States of a refund. An abnormal one left the merchant and did not reach the payer; a closed one came back.
const (
	RefundProcessing = "PROCESSING"
	RefundSuccess    = "SUCCESS"
	RefundClosed     = "CLOSED"
	RefundAbnormal   = "ABNORMAL"
)

// Channels of a refund.
const (
	channelOriginal  = "ORIGINAL"
	channelOtherCard = "OTHER_BANKCARD" // of an abnormal one
)

// Errors of SetRefundOutcome.
var (
	ErrRefundStatus  = errors.New("status is SUCCESS, CLOSED or ABNORMAL, or PROCESSING for a refund that does not end until another is set")
	ErrRefundSettled = errors.New("the refund has ended; only an ABNORMAL one can still become SUCCESS or CLOSED")
)

// refundKey: numbers are unique per merchant, of a service provider across all its sub merchants.
type refundKey struct{ mchID, outRefundNo string }

// Refund is a refund as the platform keeps it.
type Refund struct {
	MchID         string    `json:"mchid"`
	SubMchID      string    `json:"sub_mchid,omitempty"`
	RefundID      string    `json:"refund_id"`
	OutRefundNo   string    `json:"out_refund_no"`
	OutTradeNo    string    `json:"out_trade_no"`
	TransactionID string    `json:"transaction_id"`
	Total         int64     `json:"total"`  // of the order, fen
	Amount        int64     `json:"refund"` // fen
	Status        string    `json:"status"`
	Channel       string    `json:"channel"`
	ReceivedBy    string    `json:"user_received_account"`
	Reason        string    `json:"reason,omitempty"`
	NotifyURL     string    `json:"notify_url,omitempty"`
	Created       time.Time `json:"created"`
	Ended         time.Time `json:"ended,omitzero"`

	order      *Order
	outcome    string    // what it becomes; PROCESSING: nothing until somebody decides
	due        time.Time // when
	round      int       // how often its end was decided anew: notifications of earlier rounds never leave
	parameters string    // canonical text of the request
	fresh      bool      // of a copy: accepted just now, not found again
}

// Refunds lists all refunds in the order in which they were accepted.
func (p *Platform) Refunds() []Refund {
	p.book.mu.Lock()
	defer p.book.mu.Unlock()
	p.book.settle()
	out := []Refund{}
	for _, r := range p.book.refunds {
		out = append(out, *r)
	}
	return out
}

// settle ends the refunds and profit sharings whose time has come. It is called before anything is read, so that no reader sees a refund
// linger; the notification follows by itself. The book is locked.
func (b *book) settle() {
	now := b.clock.now()
	b.open = slices.DeleteFunc(b.open, func(r *Refund) bool {
		if r.outcome == RefundProcessing || now.Before(r.due) {
			return false
		}
		b.end(r, r.outcome, r.due)
		return true
	})
	b.settleProfits(now)
}

// end commits how a refund ended.
func (b *book) end(r *Refund, status string, at time.Time) {
	r.Status, r.Ended = status, at
	if b.behaviour.RefundStateOnSuccess && status == RefundSuccess {
		r.order.State = StateRefund
	}
}

// takenBack is how much of an order was refunded or is on its way, and how often.
func (o *Order) takenBack() (fen int64, times int, last time.Time) {
	for _, r := range o.refunds {
		times++
		last = r.Created
		if r.Status != RefundClosed {
			fen += r.Amount
		}
	}
	return fen, times, last
}
