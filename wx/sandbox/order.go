package sandbox

import "time"

// Life spans on the platform's clock.
const (
	orderLife  = 7 * 24 * time.Hour // an unpaid order is closed after this, and payable no longer by default
	prepayLife = 2 * time.Hour      // of a prepay_id and a code_url
	h5Life     = 5 * time.Minute    // of an h5_url
)

// States of an order (trade_state).
const (
	StateNotPay  = "NOTPAY"
	StateSuccess = "SUCCESS"
	StateRefund  = "REFUND" // paid, and a refund was accepted
	StateClosed  = "CLOSED"

	StateUserPaying = "USERPAYING" // of a payment code: waits for the password
	StatePayError   = "PAYERROR"   // of a payment code: failed
	StateRevoked    = "REVOKED"    // of a payment code: reversed, and refunded if it was paid
)

// Trade types of an order.
const (
	TradeJSAPI  = "JSAPI"
	TradeNative = "NATIVE"
	TradeApp    = "APP"
	TradeH5     = "MWEB"

	TradeMicropay = "MICROPAY" // by payment code
)

// Order is a transaction as the platform keeps it. Of a service provider MchID and AppID are its own.
type Order struct {
	MchID       string    `json:"mchid"`
	AppID       string    `json:"appid"`
	SubMchID    string    `json:"sub_mchid,omitempty"` // set: the order of a service provider
	SubAppID    string    `json:"sub_appid,omitempty"`
	OutTradeNo  string    `json:"out_trade_no"`
	TradeType   string    `json:"trade_type"`
	Description string    `json:"description"`
	Attach      string    `json:"attach,omitempty"`
	NotifyURL   string    `json:"notify_url"`
	OpenID      string    `json:"openid"`               // of JSAPI the only payer, of others known once paid
	SubOpenID   string    `json:"sub_openid,omitempty"` // the payer under SubAppID
	DeviceID    string    `json:"device_id,omitempty"`
	Total       int64     `json:"total"` // fen
	State       string    `json:"trade_state"`
	Created     time.Time `json:"created"`
	LastPayment time.Time `json:"last_payment"` // payable before this (time_expire)

	TransactionID string    `json:"transaction_id,omitempty"`
	BankType      string    `json:"bank_type,omitempty"`
	PaidAt        time.Time `json:"paid_at,omitzero"`

	// Of a sub order of a combined one: whose it is.
	CombineMchID      string `json:"combine_mchid,omitempty"`
	CombineOutTradeNo string `json:"combine_out_trade_no,omitempty"`

	subs       []*Order // of the head of a combined order
	codeURL    string   // the only one that is good, of a native order
	payer      string   // id of the user who alone may pay from now on; empty: not known yet
	refunds    []*Refund
	code       string // the payment code charged last
	sharings   []*Sharing
	parameters string // canonical text of the first prepay's parameters

	passwordUntil time.Time // of USERPAYING
	profitSharing bool      // frozen once it is paid, for profit sharing
	unfrozen      bool      // nothing more can be shared
}

// stateAt is the order's state at a time: past its last payment an unpaid order stays NOTPAY though nobody can
// pay it, and is closed by itself only after orderLife.
func (o *Order) stateAt(now time.Time) string {
	if o.State == StateNotPay && o.expiredAt(now) && !now.Before(o.Created.Add(orderLife)) {
		return StateClosed
	}
	if o.State == StateUserPaying && !now.Before(o.passwordUntil) {
		return StatePayError
	}
	return o.State
}

func (o *Order) expiredAt(now time.Time) bool { return !now.Before(o.LastPayment) }

// paid tells whether the money has moved, also when some of it went back.
func (o *Order) paid() bool { return !o.PaidAt.IsZero() }

// combinedSub tells whether it is part of a combined order, so that the calls about ordinary ones do not know it.
func (o *Order) combinedSub() bool { return o.CombineOutTradeNo != "" }

// paidBy tells whether this openid of this app paid it.
func (o *Order) paidBy(appID, openID string) bool {
	return o.AppID == appID && o.OpenID == openID || o.SubMchID != "" && o.SubAppID == appID && o.SubOpenID == openID
}

// invokers are the apps that may bring the order to the phone.
func (o *Order) invokers() []string {
	if o.SubAppID == "" {
		return []string{o.AppID}
	}
	return []string{o.SubAppID, o.AppID}
}
