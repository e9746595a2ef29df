package model

import "time"

// StatementStatus is where the reconciliation of one day stands.
type StatementStatus string

// The statuses of a statement.
const (
	StatementPending StatementStatus = "pending" // to be made, or being made
	StatementDone    StatementStatus = "done"
)

// Sum counts payments or refunds.
type Sum struct {
	Count  int64
	Amount Fen
}

// Statement is the reconciliation of one day of one merchant, or of one sub merchant of a
// service provider. Its ID follows from these.
type Statement struct {
	ID            string
	MerchantID    string
	SubMerchantID string // "": the merchant's own, or all sub merchants of a service provider together
	Date          string // in China, 2006-01-02
	Status        StatementStatus
	Rows          int64 // of the bill
	BillPayments  Sum
	BillRefunds   Sum
	BillFees      Fen // rounded to fen
	OurPayments   Sum
	OurRefunds    Sum   // those of which it is certain that the bill must have them
	FlowRows      int64 // of the fund-flow bill; 0 too when it was not looked at
	FlowIn        Sum   // what came into the account on the day, and what left it, for whatever reason
	FlowOut       Sum
	Differences   map[DifferenceKind]int64
	Open          int64 // differences that are open after the run
	Unlisted      int64 // differences that were only counted, because there were too many
	Attempts      int
	LastError     string    // why the last attempt failed
	DueAt         time.Time // next attempt; also the end of a worker's lease
	StartedAt     time.Time
	FinishedAt    time.Time
	Version       int64
}
