package client

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// CombinedOrder is several orders that are paid in one payment. What became of each is told by
// the order.
type CombinedOrder struct {
	ID         string            `json:"id"`
	Status     OrderStatus       `json:"status"` // created, pending, paid, closed
	Amount     int64             `json:"amount"` // fen, of all orders together
	Currency   string            `json:"currency"`
	MerchantID string            `json:"merchant_id"`
	Orders     []Order           `json:"orders"`
	Payments   []CombinedPayment `json:"payments"`
	CreatedAt  time.Time         `json:"created_at"`
	ExpiresAt  time.Time         `json:"expires_at"` // of the order that expires first
}

// CombinedPayment is one attempt to pay the orders together.
type CombinedPayment struct {
	CombineOutTradeNo string `json:"combine_out_trade_no"`
	Method            Method `json:"method"`
	Status            string `json:"status"` // created, pending, paid, closed
}

// NewCombinedOrder is what Combine needs.
type NewCombinedOrder struct {
	Orders []string `json:"orders"` // ids, 2 to 10, of one merchant or one service provider

	// IdempotencyKey makes the combined order of a repeated call the same one; a random key when empty.
	IdempotencyKey string `json:"-"`
}

// Combine lets unpaid orders be paid together.
func (c *Client) Combine(ctx context.Context, n NewCombinedOrder) (CombinedOrder, error) {
	return do[CombinedOrder](ctx, c, call{method: http.MethodPost, path: []string{"combined-orders"}, body: n, key: newKey(n.IdempotencyKey)})
}

// CombinedOrder returns one combined order with its orders as the store has them.
func (c *Client) CombinedOrder(ctx context.Context, id string) (CombinedOrder, error) {
	return do[CombinedOrder](ctx, c, call{method: http.MethodGet, path: []string{"combined-orders", id}})
}

// RefreshCombinedOrder has wxhub ask WeChat Pay first.
func (c *Client) RefreshCombinedOrder(ctx context.Context, id string) (CombinedOrder, error) {
	return do[CombinedOrder](ctx, c, call{method: http.MethodGet, path: []string{"combined-orders", id}, query: refresh})
}

// CloseCombinedOrder closes all its orders, none of which is paid, at WeChat Pay too.
func (c *Client) CloseCombinedOrder(ctx context.Context, id string) (CombinedOrder, error) {
	return do[CombinedOrder](ctx, c, call{method: http.MethodPost, path: []string{"combined-orders", id, "close"}, safe: true})
}

// CombinedPrepay opens one payment of several orders, by any method but Code.
type CombinedPrepay struct {
	Method   Method `json:"method"`
	AppID    string `json:"app_id,omitempty"`    // the app that the payer pays in
	ClientIP string `json:"client_ip,omitempty"` // for H5: of the payer's browser
}

// CombinedPrepaid is an open payment of several orders.
type CombinedPrepaid struct {
	Order   CombinedOrder   `json:"order"`
	Payment CombinedPayment `json:"payment"`
	// Invoke goes to the payer's client unchanged; CodeURL and H5URL read it.
	Invoke json.RawMessage `json:"invoke"`
}

// CodeURL is what to show as a QR code, for Native.
func (p CombinedPrepaid) CodeURL() string { return field(p.Invoke, "code_url") }

// H5URL is what to open in the payer's browser, for H5.
func (p CombinedPrepaid) H5URL() string { return field(p.Invoke, "h5_url") }

// PrepayCombined opens a payment of all orders; asked again, it returns the open one, signed anew.
func (c *Client) PrepayCombined(ctx context.Context, id string, r CombinedPrepay) (CombinedPrepaid, error) {
	return do[CombinedPrepaid](ctx, c, call{method: http.MethodPost, path: []string{"combined-orders", id, "prepay"}, body: r, safe: true})
}
