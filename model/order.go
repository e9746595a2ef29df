package model

import "time"

// OrderStatus is where an order stands. Package pay owns the table of legal changes.
type OrderStatus string

// The statuses of an order (CONTRACT §3).
const (
	OrderCreated           OrderStatus = "created"
	OrderPending           OrderStatus = "pending" // a prepay exists
	OrderPaid              OrderStatus = "paid"
	OrderPartiallyRefunded OrderStatus = "partially_refunded"
	OrderRefunded          OrderStatus = "refunded"
	OrderClosed            OrderStatus = "closed"
)

// OrderStatuses lists all of them, in the order of a life.
var OrderStatuses = []OrderStatus{
	OrderCreated, OrderPending, OrderPaid, OrderPartiallyRefunded, OrderRefunded, OrderClosed,
}

// PaymentStatus is where one payment attempt stands.
type PaymentStatus string

// The statuses of a payment attempt.
const (
	PaymentCreated   PaymentStatus = "created"   // the number is ours; whether WeChat has it is not known
	PaymentPending   PaymentStatus = "pending"   // WeChat gave a prepay_id
	PaymentPaid      PaymentStatus = "paid"      // WeChat says SUCCESS; this attempt settles the order
	PaymentDuplicate PaymentStatus = "duplicate" // WeChat says SUCCESS, but another attempt had settled the order
	PaymentLate      PaymentStatus = "late"      // WeChat says SUCCESS, but its order was closed, and the policy is to refund
	PaymentClosed    PaymentStatus = "closed"    // closed at WeChat
	PaymentFailed    PaymentStatus = "failed"    // WeChat refused the prepay for good
	PaymentReversing PaymentStatus = "reversing" // by code only: it is being taken back, whether it was paid or not
)

// PaymentStatuses lists all of them.
var PaymentStatuses = []PaymentStatus{
	PaymentCreated, PaymentPending, PaymentPaid, PaymentDuplicate, PaymentLate, PaymentClosed, PaymentFailed, PaymentReversing,
}

// Method is how the payer pays (CONTRACT §3).
type Method string

// The methods of the contract.
const (
	MethodMiniProgram     Method = "mini_program"
	MethodOfficialAccount Method = "official_account"
	MethodNative          Method = "native"
	MethodH5              Method = "h5"
	MethodApp             Method = "app"
	MethodCode            Method = "code"
)

// Order is what somebody owes. It is one aggregate with its payment attempts and
// its unsent events: one document, replaced as a whole when its version is still
// the one that was read, so no change of money needs a multi-document transaction.
type Order struct {
	ID             string
	MerchantID     string
	SubMerchantID  string // the merchant whose money it is, when MerchantID is a service provider; "" otherwise
	Status         OrderStatus
	Amount         Fen
	Currency       string
	AmountRefunded Fen
	Description    string
	Attach         string // returned by WeChat after payment, ≤ 128 chars
	UserID         string // the only person who may pay; "" until the first prepay binds one
	CollectCode    string // the fixed QR code this order came from, if any
	Metadata       map[string]string
	Payments       []Payment
	Refunds        []Refund
	ProfitSharing  bool // parts of the payment may go to others; it stays frozen until they have
	ProfitSharings []ProfitSharing
	History        []Step
	CreatedAt      time.Time
	ExpiresAt      time.Time // last time to pay, WeChat's time_expire
	PaidAt         time.Time
	ClosedAt       time.Time
	CheckAt        time.Time // when a job should look at it next; zero: never
	Outbox         []Event   // events not yet handed to the webhook deliveries
	Version        int64
}

// Payment is one attempt to pay an order, with its own out_trade_no.
type Payment struct {
	ID            string
	OutTradeNo    string // merchant order number at WeChat, 6–32 chars, unique for ever
	Method        Method
	AppID         string
	OpenID        string
	ClientIP      string // of the payer, for h5
	Status        PaymentStatus
	NotifyURL     string    // kept: WeChat refuses the number when a parameter differs on retry
	PrepayID      string    // what WeChat gave: a prepay_id, a code_url (native) or an h5_url (h5)
	PrepaidAt     time.Time // when WeChat gave it: a prepay_id and a code_url live for 2 hours, an h5_url for 5 minutes
	TransactionID string    // WeChat's number of the payment
	PaidAt        time.Time // WeChat's success_time
	CreatedAt     time.Time
	AuthCodeHash  string    // by code only: of the order's id and the payer's code, which itself is not kept
	ReversedAt    time.Time // by code only: when it was decided to take it back

	CombineOutTradeNo string // of the CombinedPayment that it is a part of; "" when the order is paid alone
}

// Step is one line of an order's history: what happened to it, for people.
type Step struct {
	At   time.Time
	What string // "payment_opened", "paid", …
	Of   string // out_trade_no or out_refund_no; "" when it is about the order itself
	Note string // in a few words; no secrets, no personal data
}

// RefundStatus is where a refund stands.
type RefundStatus string

// The statuses of a refund.
const (
	RefundCreated    RefundStatus = "created"    // the number is ours; whether WeChat has it is not known
	RefundProcessing RefundStatus = "processing" // WeChat has accepted it
	RefundSucceeded  RefundStatus = "succeeded"  // the money is with the payer
	RefundClosed     RefundStatus = "closed"     // WeChat closed it: the money did not move
	RefundAbnormal   RefundStatus = "abnormal"   // the payer's account does not take it: an operator must see to it
	RefundFailed     RefundStatus = "failed"     // WeChat refused it for good: the money did not move
)

// RefundStatuses lists all of them.
var RefundStatuses = []RefundStatus{RefundCreated, RefundProcessing, RefundSucceeded, RefundClosed, RefundAbnormal, RefundFailed}

// Refund gives back a part of one payment. It lives inside its order, so that the sum of
// all refunds is checked by the same write that adds one.
type Refund struct {
	ID          string // also out_refund_no at WeChat; leads back to the order without an index
	OutTradeNo  string // of the payment
	Amount      Fen
	Reason      string // shown to the payer, ≤ 80 characters
	Automatic   bool   // made by wxhub, of a payment that was one too many
	Status      RefundStatus
	NotifyURL   string
	RefundID    string // WeChat's number
	KeyHash     string // of the Idempotency-Key that it was asked for with
	BodyHash    string // of the request
	LastError   string // why WeChat refused, for operators
	CreatedAt   time.Time
	SucceededAt time.Time // WeChat's success_time
}

// OrderFilter selects orders, newest first. Zero fields do not filter.
type OrderFilter struct {
	UserIDs       []string // one person, under every id that they ever had
	MerchantID    string
	Status        OrderStatus
	CreatedAfter  time.Time // exclusive
	CreatedBefore time.Time // exclusive
	BeforeID      string    // keyset: only ids smaller than this
	Limit         int
}

// IdempotentOrder remembers the first answer to an Idempotency-Key: the order as
// it was created. It is claimed before the order is inserted, so a crash between
// the two is finished by the retry.
type IdempotentOrder struct {
	Key       string // scope and key of the caller, hashed
	BodyHash  string
	Order     Order
	CreatedAt time.Time
}
