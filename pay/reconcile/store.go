package reconcile

import (
	"context"
	"time"

	"wxhub/model"
	"wxhub/wx"
)

// Books are our orders, seen by the day. Every method may also return model.ErrUnavailable.
type Books interface {
	// MovedOrders calls each with every order of a merchant (of a sub merchant, unless that is "") with a payment that was
	// made, or a refund that succeeded, from a moment until before another. They come in
	// no particular order, and have the ID, the merchants, Status, Amount, Currency,
	// Payments and Refunds; further fields may be missing.
	MovedOrders(ctx context.Context, merchantID, subMerchantID string, from, until time.Time, each func(model.Order) error) error
}

// Differences keeps what was found. Every method may also return model.ErrUnavailable.
type Differences interface {
	// AddDifference stores d with Version 1 unless its ID is taken; false when it was.
	AddDifference(ctx context.Context, d model.Difference) (bool, error)
	// Difference returns one, or model.ErrNotFound.
	Difference(ctx context.Context, id string) (model.Difference, error)
	// ReplaceDifference stores d as Version d.Version+1 when the stored version is still
	// d.Version; else model.ErrStale, or model.ErrNotFound.
	ReplaceDifference(ctx context.Context, d model.Difference) error
	// ListDifferences returns at most f.Limit of them, in the order of ID.
	ListDifferences(ctx context.Context, f model.DifferenceFilter) ([]model.Difference, error)
}

// Statements keeps what was done. Every method may also return model.ErrUnavailable.
type Statements interface {
	// AddStatement stores s with Version 1 unless its ID is taken; false when it was.
	AddStatement(ctx context.Context, s model.Statement) (bool, error)
	// Statement returns one, or model.ErrNotFound.
	Statement(ctx context.Context, id string) (model.Statement, error)
	// ReplaceStatement stores s as Version s.Version+1 when the stored version is still
	// s.Version; else model.ErrStale, or model.ErrNotFound.
	ReplaceStatement(ctx context.Context, s model.Statement) error
	// DueStatements returns pending ones with DueAt at or before now, the longest due first.
	DueStatements(ctx context.Context, now time.Time, limit int) ([]model.Statement, error)
}

// Store is what this package keeps and reads.
type Store interface {
	Books
	Differences
	Statements
}

// Payments is what this package needs of package pay, whose Service it is. To ask is the only way
// in which a reconciliation changes an order.
type Payments interface {
	// FindPayment: errors payment_unknown.
	FindPayment(ctx context.Context, outTradeNo string) (model.Order, model.Payment, error)
	// FindRefund: errors refund_not_found.
	FindRefund(ctx context.Context, id string) (model.Order, model.Refund, error)
	// AskPayment and AskRefund ask WeChat Pay, settle what it says and return the order.
	AskPayment(ctx context.Context, outTradeNo string) (model.Order, error)
	AskRefund(ctx context.Context, id string) (model.Order, error)
}

// Bills are WeChat Pay's. wx/wxpay.Gateway has them; the errors are those listed there.
type Bills interface {
	TradeBill(ctx context.Context, r wx.BillRequest) (wx.Bill, error)
	FundFlowBill(ctx context.Context, r wx.BillRequest) (wx.Bill, error)
}
