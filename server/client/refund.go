package client

import (
	"context"
	"net/http"
	"time"
)

// Refund gives back a part of a payment.
type Refund struct {
	ID          string    `json:"id"` // also out_refund_no at WeChat Pay
	OrderID     string    `json:"order_id"`
	Status      string    `json:"status"` // created, processing, succeeded, closed, abnormal, failed
	Amount      int64     `json:"amount"` // fen
	Currency    string    `json:"currency"`
	Reason      string    `json:"reason"`
	Automatic   bool      `json:"automatic"` // made by wxhub, of a payment that was one too many
	OutTradeNo  string    `json:"out_trade_no"`
	RefundID    string    `json:"refund_id"`  // WeChat Pay's number
	LastError   string    `json:"last_error"` // what WeChat Pay said against it
	CreatedAt   time.Time `json:"created_at"`
	SucceededAt time.Time `json:"succeeded_at"`
}

// NewRefund is what Refund needs: Amount.
type NewRefund struct {
	Amount int64  `json:"amount"`           // fen
	Reason string `json:"reason,omitempty"` // shown to the payer

	// IdempotencyKey makes the refund of a repeated call the same one; a random key when empty.
	IdempotencyKey string `json:"-"`
}

// Refund gives money back. The end comes as refund.succeeded or refund.failed.
func (c *Client) Refund(ctx context.Context, orderID string, n NewRefund) (Refund, error) {
	return do[Refund](ctx, c, call{method: http.MethodPost, path: []string{"orders", orderID, "refunds"}, body: n, key: newKey(n.IdempotencyKey)})
}

// FindRefund returns one refund.
func (c *Client) FindRefund(ctx context.Context, id string) (Refund, error) {
	return do[Refund](ctx, c, call{method: http.MethodGet, path: []string{"refunds", id}})
}
