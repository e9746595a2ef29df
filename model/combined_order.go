package model

import "time"

// CombinedOrder is several orders that a payer pays in one payment (合单支付). It says which
// orders and which numbers belong together; what is paid, and what becomes of the money, is
// told by the orders alone. It is an aggregate of its own, replaced as a whole when its
// version is still the one that was read.
type CombinedOrder struct {
	ID         string
	MerchantID string   // of every order
	Orders     []string // their ids, 2 to 10
	Payments   []CombinedPayment
	BodyHash   string // of the request, when it had an Idempotency-Key
	CreatedAt  time.Time
	Version    int64
}

// CombinedStatus is where one attempt to pay orders together stands. Package pay owns the table
// of legal changes. Whether it was paid is told by the payments of the orders.
type CombinedStatus string

// The statuses of an attempt to pay orders together.
const (
	CombinedReserving CombinedStatus = "reserving" // the orders are getting their numbers; WeChat has not heard of it
	CombinedAsked     CombinedStatus = "asked"     // WeChat may hold it
	CombinedClosed    CombinedStatus = "closed"    // given up: closed at WeChat, if WeChat had heard of it
)

// CombinedStatuses lists all of them.
var CombinedStatuses = []CombinedStatus{CombinedReserving, CombinedAsked, CombinedClosed}

// CombinedPayment is one attempt to pay the orders together. Each of them has a Payment with
// its number.
type CombinedPayment struct {
	OutTradeNo string // combine_out_trade_no at WeChat, 6–32 chars, unique for ever
	Method     Method
	AppID      string
	OpenID     string
	ClientIP   string // of the payer, for h5
	NotifyURL  string // kept: WeChat refuses the number when a parameter differs on retry
	Status     CombinedStatus
	PrepayID   string    // what WeChat gave: a prepay_id, a code_url (native) or an h5_url (h5)
	PrepaidAt  time.Time // when WeChat gave it
	CreatedAt  time.Time
}
