package model

import "time"

// TransferStatus is where a transfer (商家转账) stands. Package pay owns the table of legal changes.
type TransferStatus string

// The statuses of a transfer.
const (
	TransferCreated      TransferStatus = "created"      // the number is ours; whether WeChat has it is not known
	TransferProcessing   TransferStatus = "processing"   // WeChat has accepted it
	TransferWaiting      TransferStatus = "waiting"      // the receiver must confirm
	TransferTransferring TransferStatus = "transferring" // the receiver has confirmed
	TransferCanceling    TransferStatus = "canceling"    // WeChat has accepted that it be cancelled
	TransferSucceeded    TransferStatus = "succeeded"    // the receiver has the money
	TransferFailed       TransferStatus = "failed"       // WeChat says that the money did not move
	TransferCancelled    TransferStatus = "cancelled"    // WeChat says that it was cancelled: the money did not move
	TransferRefused      TransferStatus = "refused"      // WeChat refused it for good, and does not know it
)

// TransferStatuses lists all of them.
var TransferStatuses = []TransferStatus{
	TransferCreated, TransferProcessing, TransferWaiting, TransferTransferring, TransferCanceling,
	TransferSucceeded, TransferFailed, TransferCancelled, TransferRefused,
}

// Transfer pays money out of a merchant's account to one person. It is an aggregate of its
// own, replaced as a whole when its version is still the one that was read.
type Transfer struct {
	ID             string // also out_bill_no at WeChat, ≤ 32 letters and digits, unique for ever
	MerchantID     string
	AppID          string
	UserID         string
	OpenID         string // of the user, in the app
	Amount         Fen
	SceneID        string // WeChat's number of the purpose
	Remark         string // shown to the receiver
	Perception     string // how the receiver is told to take it; "" is the scene's own
	Reports        []TransferReport
	UserName       string // kept only until WeChat has answered, for a repetition must be the same
	NotifyURL      string
	Status         TransferStatus
	PackageInfo    string // with which the receiver confirms
	TransferBillNo string // WeChat's number
	LastError      string // why WeChat refused, or the transfer failed
	BodyHash       string // of the request, when it had an Idempotency-Key
	CreatedAt      time.Time
	FinishedAt     time.Time // when the end was known here
	CheckAt        time.Time // when a job should look at it next; zero: never
	History        []Step
	Outbox         []Event // events not yet handed to the webhook deliveries
	Version        int64
}

// TransferReport says what a transfer is for, as its scene wants it.
type TransferReport struct{ Type, Content string }
