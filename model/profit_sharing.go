package model

import "time"

// ProfitSharingStatus is where a profit sharing (分账) of a payment stands.
type ProfitSharingStatus string

// The statuses of a profit sharing.
const (
	ProfitSharingCreated    ProfitSharingStatus = "created"    // the number is ours; whether WeChat has it is not known
	ProfitSharingProcessing ProfitSharingStatus = "processing" // WeChat has accepted it
	ProfitSharingFinished   ProfitSharingStatus = "finished"   // each receiver has its own result
	ProfitSharingFailed     ProfitSharingStatus = "failed"     // WeChat refused it for good: no money moved
)

// ProfitSharingStatuses lists all of them.
var ProfitSharingStatuses = []ProfitSharingStatus{ProfitSharingCreated, ProfitSharingProcessing, ProfitSharingFinished, ProfitSharingFailed}

// ProfitSharing gives receivers their parts of one payment, or, without receivers, gives what
// is left of it back to the merchant (unfreezes it). It lives inside its order, so that
// the sum of all is checked by the same write that adds one.
type ProfitSharing struct {
	ID              string // also out_order_no at WeChat; leads back to the order without an index
	OutTradeNo      string // of the payment
	Receivers       []ProfitReceiver
	UnfreezeUnsplit bool   // what is left goes to the merchant, and nothing more can be shared
	Description     string // of an unfreeze
	Status          ProfitSharingStatus
	OrderID         string // WeChat's number
	KeyHash         string // of the Idempotency-Key that it was asked for with
	BodyHash        string // of the request
	LastError       string // why WeChat refused, for operators
	CreatedAt       time.Time
	FinishedAt      time.Time // when it was known here
	Returns         []ProfitReturn
}

// ProfitResult is what became of one receiver's part.
type ProfitResult string

// The results of a part.
const (
	ProfitPending ProfitResult = "pending"
	ProfitSuccess ProfitResult = "success"
	ProfitClosed  ProfitResult = "closed" // it did not reach the receiver
)

// ProfitReceiver gets a part.
type ProfitReceiver struct {
	Type        string // MERCHANT_ID, PERSONAL_OPENID, PERSONAL_SUB_OPENID
	Account     string
	Name        string // kept only until WeChat has answered, for a repetition must be the same
	Amount      Fen
	Description string
	Result      ProfitResult
	FailReason  string
	DetailID    string // WeChat's number
}

// ProfitReturnStatus is where the return of a part stands.
type ProfitReturnStatus string

// The statuses of a return.
const (
	ProfitReturnCreated    ProfitReturnStatus = "created" // the number is ours; whether WeChat has it is not known
	ProfitReturnProcessing ProfitReturnStatus = "processing"
	ProfitReturnSucceeded  ProfitReturnStatus = "succeeded"
	ProfitReturnFailed     ProfitReturnStatus = "failed" // the money did not move
)

// ProfitReturnStatuses lists all of them.
var ProfitReturnStatuses = []ProfitReturnStatus{ProfitReturnCreated, ProfitReturnProcessing, ProfitReturnSucceeded, ProfitReturnFailed}

// ProfitReturn takes back a part, or some of it, from a receiver that is a merchant.
type ProfitReturn struct {
	ID          string // also out_return_no at WeChat
	MerchantID  string // who gives back
	Amount      Fen
	Description string
	Status      ProfitReturnStatus
	ReturnID    string // WeChat's number
	KeyHash     string
	BodyHash    string
	LastError   string
	CreatedAt   time.Time
	FinishedAt  time.Time // when it was known here
}
