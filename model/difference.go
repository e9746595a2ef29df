package model

import "time"

// DifferenceKind is in what way a bill of WeChat Pay's and our books differ.
type DifferenceKind string

// The kinds of a difference.
const (
	DiffMissingHere  DifferenceKind = "missing_here"  // the bill has it as done; here the order is known, and it is not
	DiffMissingThere DifferenceKind = "missing_there" // done here, not in the bill
	DiffAmount       DifferenceKind = "amount"
	DiffStatus       DifferenceKind = "status"       // the bill says failed or reversed and we say done, or the like
	DiffReference    DifferenceKind = "reference"    // WeChat Pay's number, the payment of a refund or the sub merchant
	DiffDay          DifferenceKind = "day"          // here it happened on another day
	DiffDuplicate    DifferenceKind = "duplicate"    // the bill has it several times
	DiffUnknownHere  DifferenceKind = "unknown_here" // a number that is not ours: another system's, or lost here
	DiffFlowMissing  DifferenceKind = "flow_missing" // in both, and the money did not move in the account
	DiffFlowAmount   DifferenceKind = "flow_amount"  // in both, and other money moved in the account
)

// DifferenceKinds lists all of them.
var DifferenceKinds = []DifferenceKind{
	DiffMissingHere, DiffMissingThere, DiffAmount, DiffStatus, DiffReference, DiffDay, DiffDuplicate, DiffUnknownHere, DiffFlowMissing, DiffFlowAmount,
}

// DifferenceStatus is where a difference stands.
type DifferenceStatus string

// The statuses of a difference.
const (
	DifferenceOpen     DifferenceStatus = "open"
	DifferenceRepaired DifferenceStatus = "repaired" // WeChat Pay was asked, and our books follow what it said
	DifferenceResolved DifferenceStatus = "resolved" // by an operator
	DifferenceVanished DifferenceStatus = "vanished" // a later run did not find it
)

// DifferenceStatuses lists all of them.
var DifferenceStatuses = []DifferenceStatus{DifferenceOpen, DifferenceRepaired, DifferenceResolved, DifferenceVanished}

// Entry is what one row of a bill, or one entry of our books, is about.
type Entry string

// The entries.
const (
	EntryPayment Entry = "payment"
	EntryRefund  Entry = "refund"
)

// Difference is one thing that a bill and our books do not agree about. Its ID follows from
// merchant, date, kind, entry and number, so that each run finds the same one.
type Difference struct {
	ID            string
	MerchantID    string
	SubMerchantID string
	Date          string // the day of the bill in China, 2006-01-02
	Kind          DifferenceKind
	Entry         Entry
	Number        string // out_trade_no or out_refund_no
	OutTradeNo    string // the payment of a refund
	OrderID       string // "" when it is not known here
	Upstream      string // transaction_id or refund_id, as the bill has it, else as we have it
	BillAmount    Fen    // 0 when the bill does not have it; of a flow what moved
	OurAmount     Fen    // 0 when we do not have it
	BillStatus    string // the bill's words
	OurStatus     string
	Rows          int // of the bill that are about it
	Status        DifferenceStatus
	Note          string // of the operator who resolved it
	FoundAt       time.Time
	ChangedAt     time.Time // of the last change of status
	Version       int64
}

// DifferenceFilter selects differences, in the order of ID. Zero fields do not filter.
type DifferenceFilter struct {
	MerchantID    string
	SubMerchantID string
	Date          string
	Status        DifferenceStatus
	AfterID       string // keyset: only ids greater than this
	Limit         int
}
