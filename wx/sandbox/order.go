package sandbox

import "time"

// Life spans on the platform's clock.
const (
	orderLife  = 7 * 24 * time.Hour // an unpaid order is closed after this, and payable no longer by default
	prepayLife = 2 * time.Hour      // of a prepay_id
)

// States of an order (trade_state).
const (
	StateNotPay  = "NOTPAY"
	StateSuccess = "SUCCESS"
	StateClosed  = "CLOSED"
)

// Order is a transaction as the platform keeps it.
type Order struct {
	MchID       string    `json:"mchid"`
	AppID       string    `json:"appid"`
	OutTradeNo  string    `json:"out_trade_no"`
	TradeType   string    `json:"trade_type"`
	Description string    `json:"description"`
	Attach      string    `json:"attach,omitempty"`
	NotifyURL   string    `json:"notify_url"`
	OpenID      string    `json:"openid"` // the only payer
	DeviceID    string    `json:"device_id,omitempty"`
	Total       int64     `json:"total"` // fen
	State       string    `json:"trade_state"`
	Created     time.Time `json:"created"`
	LastPayment time.Time `json:"last_payment"` // payable before this (time_expire)

	TransactionID string    `json:"transaction_id,omitempty"`
	BankType      string    `json:"bank_type,omitempty"`
	PaidAt        time.Time `json:"paid_at,omitzero"`

	parameters string // canonical text of the first prepay's parameters
}

// stateAt is the order's state at a time: past its last payment an unpaid order stays NOTPAY though nobody can
// pay it, and is closed by itself only after orderLife.
func (o *Order) stateAt(now time.Time) string {
	if o.State == StateNotPay && o.expiredAt(now) && !now.Before(o.Created.Add(orderLife)) {
		return StateClosed
	}
	return o.State
}

func (o *Order) expiredAt(now time.Time) bool { return !now.Before(o.LastPayment) }
