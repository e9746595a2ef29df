package sandbox

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Limits of profit sharing.
const (
	sharingsAtMost  = 50 // requests of one payment, unfreezes included
	partsAtMost     = 50 // receivers of one request
	returnsAtMost   = 20 // of one profit sharing
	receiversAtMost = 20000
	freezeLife      = 30 * 24 * time.Hour // after the payment; then what is left is the merchant's
	giveBackLife    = 180 * 24 * time.Hour
)

// States of a profit sharing, and results of a receiver's part.
const (
	SharingProcessing = "PROCESSING"
	SharingFinished   = "FINISHED"
	PartPending       = "PENDING"
	PartSuccess       = "SUCCESS"
	PartClosed        = "CLOSED"
)

// Types of receivers.
const (
	receiverMerchant = "MERCHANT_ID"
	receiverPerson   = "PERSONAL_OPENID"
	receiverSub      = "PERSONAL_SUB_OPENID"
)

// noRelation is the fail_reason of somebody who was deleted in between.
const noRelation = "NO_RELATION"

// noGivingBack is a receiver who has not agreed to returns in its console.
const noGivingBack = "NO_AUTH"

// ErrProfitFailure: a reason that the platform does not have.
var ErrProfitFailure = errors.New("receive is ACCOUNT_ABNORMAL, NO_RELATION, RECEIVER_HIGH_RISK, RECEIVER_REAL_NAME_NOT_VERIFIED, NO_AUTH, RECEIVER_RECEIPT_LIMIT, " +
	"PAYER_ACCOUNT_ABNORMAL or INVALID_REQUEST, give_back is ACCOUNT_ABNORMAL, BALANCE_NOT_ENOUGH, TIME_OUT_CLOSED, or NO_AUTH to refuse; empty: all goes well")

// Sharing is one profit sharing of a payment, or the unfreezing of what is left of it.
type Sharing struct {
	MchID         string        `json:"mchid"`
	SubMchID      string        `json:"sub_mchid,omitempty"`
	OutOrderNo    string        `json:"out_order_no"`
	OrderID       string        `json:"order_id"`
	TransactionID string        `json:"transaction_id"`
	OutTradeNo    string        `json:"out_trade_no"`
	State         string        `json:"state"`
	Unfreezes     bool          `json:"unfreezes"`
	Parts         []SharingPart `json:"receivers"`
	Created       time.Time     `json:"created"`
	Ended         time.Time     `json:"ended,omitzero"`

	order      *Order
	parameters string // canonical text of the request, names left out: they are encrypted anew each time
	due        time.Time
	fresh      bool // of a copy: accepted just now
}

// SharingPart is what one receiver gets. The platform adds one for the merchant when it unfreezes.
type SharingPart struct {
	Type        string `json:"type"`
	Account     string `json:"account"`
	Amount      int64  `json:"amount"` // fen
	Description string `json:"description"`
	Result      string `json:"result"`
	FailReason  string `json:"fail_reason,omitempty"`
	DetailID    string `json:"detail_id"`
}

// profitReceiver is one receiver of one merchant's money.
type profitReceiver struct{ mchID, subMchID, kind, account string }

// profits is the part of the book about profit sharing. The book's lock guards it.
type profits struct {
	receivers map[profitReceiver]bool
	all       []*Sharing
	open      []*Sharing // those that are processing
	byNumber  map[orderKey]*Sharing
	returns   []*ProfitReturn
	opened    []*ProfitReturn // those that are processing
	byReturn  map[orderKey]*ProfitReturn
	failing   map[string]profitFailure // by account
	notifyURL map[string]string        // by merchant
}

// profitFailure is why an account's parts or returns fail.
type profitFailure struct{ receive, giveBack string }

func newProfits() *profits {
	return &profits{
		receivers: map[profitReceiver]bool{}, byNumber: map[orderKey]*Sharing{}, byReturn: map[orderKey]*ProfitReturn{},
		failing: map[string]profitFailure{}, notifyURL: map[string]string{},
	}
}

// FailProfit makes what an account is to receive, or to give back, fail for these reasons when its time comes, until other
// ones are set. It returns ErrProfitFailure.
func (p *Platform) FailProfit(account, receive, giveBack string) error {
	receives := []string{"", "ACCOUNT_ABNORMAL", noRelation, "RECEIVER_HIGH_RISK", "RECEIVER_REAL_NAME_NOT_VERIFIED", "NO_AUTH",
		"RECEIVER_RECEIPT_LIMIT", "PAYER_ACCOUNT_ABNORMAL", "INVALID_REQUEST"}
	gives := []string{"", "ACCOUNT_ABNORMAL", "BALANCE_NOT_ENOUGH", "TIME_OUT_CLOSED", noGivingBack}
	if !slices.Contains(receives, receive) || !slices.Contains(gives, giveBack) {
		return fmt.Errorf("%q, %q: %w", receive, giveBack, ErrProfitFailure)
	}
	p.book.mu.Lock()
	defer p.book.mu.Unlock()
	p.book.settle()
	p.book.profits.failing[account] = profitFailure{receive, giveBack}
	return nil
}

// Sharings lists all profit sharings in the order in which they were accepted.
func (p *Platform) Sharings() []Sharing {
	p.book.mu.Lock()
	defer p.book.mu.Unlock()
	p.book.settle()
	return p.book.sharings()
}

func (b *book) sharings() []Sharing {
	out := []Sharing{}
	for _, s := range b.profits.all {
		out = append(out, s.copied())
	}
	return out
}

func (s *Sharing) copied() Sharing {
	out := *s
	out.Parts = slices.Clone(s.Parts)
	return out
}

// owner is whose money is shared.
func (o *Order) owner() string {
	if o.SubMchID != "" {
		return o.SubMchID
	}
	return o.MchID
}

// frozen tells whether something of the payment can still be shared.
func (o *Order) frozen(now time.Time) bool {
	return o.profitSharing && !o.unfrozen && now.Before(o.PaidAt.Add(freezeLife))
}

// shared is what receivers got or will get of the payment, in fen; others leaves out the merchant itself.
func (o *Order) shared(others bool) (fen int64) {
	for _, s := range o.sharings {
		for _, part := range s.Parts {
			if part.Result != PartClosed && !(others && part.Account == o.owner()) {
				fen += part.Amount
			}
		}
	}
	return fen
}

// rest is what of the payment was neither refunded nor shared, in fen, whether frozen or not.
func (b *book) rest(o *Order) int64 {
	refunded, _, _ := o.takenBack()
	left := o.Total - refunded
	if b.behaviour.SharingNetOfFee {
		left -= (billEntry{amount: left}).fee(b.behaviour.FeeRate)
	}
	return max(0, left-o.shared(false))
}

// settleProfits ends what is due. It is called before anything is read. The book is locked.
func (b *book) settleProfits(now time.Time) {
	b.profits.open = slices.DeleteFunc(b.profits.open, func(s *Sharing) bool {
		if now.Before(s.due) {
			return false
		}
		b.endSharing(s)
		return true
	})
	b.profits.opened = slices.DeleteFunc(b.profits.opened, func(r *ProfitReturn) bool {
		if now.Before(r.due) {
			return false
		}
		b.endReturn(r)
		return true
	})
}

// endSharing gives every receiver its part, or not, and the merchant what an unfreezing one leaves.
func (b *book) endSharing(s *Sharing) {
	s.State, s.Ended = SharingFinished, s.due
	for i := range s.Parts {
		part := &s.Parts[i]
		part.Result, part.FailReason = PartSuccess, b.profits.failing[part.Account].receive
		if part.FailReason == "" && !b.related(s.order, *part) {
			part.FailReason = noRelation
		}
		if part.FailReason != "" {
			part.Result = PartClosed
		}
	}
	if left := b.rest(s.order); s.Unfreezes && left > 0 {
		s.Parts = append(s.Parts, SharingPart{Type: receiverMerchant, Account: s.order.owner(), Amount: left,
			Description: "解冻给分账方", Result: PartSuccess, DetailID: b.ids.detailID(s.due)})
	}
}

// related tells whether somebody may receive parts of this payment: the merchant itself always.
func (b *book) related(o *Order, part SharingPart) bool {
	return part.Type == receiverMerchant && part.Account == o.owner() ||
		b.profits.receivers[profitReceiver{o.MchID, o.SubMchID, part.Type, part.Account}]
}
