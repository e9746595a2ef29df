package pay

import (
	"context"
	"time"

	"wxhub/model"
)

// Orders keeps orders. It is the truth: an order changes only by ReplaceOrder,
// which is conditional on the version that was read.
// Every method may also return model.ErrUnavailable.
type Orders interface {
	// InsertOrder stores a new order with Version 1; model.ErrExists when the id is taken.
	InsertOrder(ctx context.Context, o model.Order) error
	// Order returns one order, or model.ErrNotFound.
	Order(ctx context.Context, id string) (model.Order, error)
	// ReplaceOrder stores o as Version o.Version+1 when the stored version is still
	// o.Version, durably before it returns; else model.ErrStale (or model.ErrNotFound).
	ReplaceOrder(ctx context.Context, o model.Order) error
	// ListOrders returns at most f.Limit orders, newest id first.
	ListOrders(ctx context.Context, f model.OrderFilter) ([]model.Order, error)
	// DueOrders returns orders with a CheckAt at or before now, the longest due first.
	DueOrders(ctx context.Context, now time.Time, limit int) ([]model.Order, error)
	// DuePayments returns orders like DueOrders, of which a payment by this method is in
	// one of these statuses.
	DuePayments(ctx context.Context, now time.Time, m model.Method, in []model.PaymentStatus, limit int) ([]model.Order, error)
}

// Idempotency remembers first answers. Claims are durable, so a retried POST
// after a crash gets the same order, not a second one.
type Idempotency interface {
	// ClaimOrder stores r unless its Key is taken. It returns the record that
	// stands, and whether this call made it.
	ClaimOrder(ctx context.Context, r model.IdempotentOrder) (stored model.IdempotentOrder, created bool, err error)
}

// Transfers keeps transfers, as Orders keeps orders.
// Every method may also return model.ErrUnavailable.
type Transfers interface {
	// AddTransfer stores t with Version 1 unless its ID is taken; false when it was.
	AddTransfer(ctx context.Context, t model.Transfer) (created bool, err error)
	// Transfer returns one transfer, or model.ErrNotFound.
	Transfer(ctx context.Context, id string) (model.Transfer, error)
	// ReplaceTransfer stores t as Version t.Version+1 when the stored version is still
	// t.Version, durably before it returns; else model.ErrStale (or model.ErrNotFound).
	ReplaceTransfer(ctx context.Context, t model.Transfer) error
	// DueTransfers returns transfers with a CheckAt at or before now, the longest due first.
	DueTransfers(ctx context.Context, now time.Time, limit int) ([]model.Transfer, error)
}

// CombinedOrders keeps combined orders, as Orders keeps orders.
// Every method may also return model.ErrUnavailable.
type CombinedOrders interface {
	// AddCombinedOrder stores c with Version 1 unless its ID is taken; false when it was.
	AddCombinedOrder(ctx context.Context, c model.CombinedOrder) (created bool, err error)
	// CombinedOrder returns one combined order, or model.ErrNotFound.
	CombinedOrder(ctx context.Context, id string) (model.CombinedOrder, error)
	// ReplaceCombinedOrder stores c as Version c.Version+1 when the stored version is still
	// c.Version, durably before it returns; else model.ErrStale (or model.ErrNotFound).
	ReplaceCombinedOrder(ctx context.Context, c model.CombinedOrder) error
}
