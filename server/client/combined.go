package client

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// CombinedOrder is two to ten orders that are paid together. Each stays an order of its own.
type CombinedOrder struct {
	ID         string            `json:"id"`
	Status     string            `json:"status"` // created, pending, paid, closed
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
	CombineOutTradeNo string `json:"combine_out_trade_no"` // each order's payment has an out_trade_no of its own
	Method            Method `json:"method"`
	Status            string `json:"status"` // created, pending, paid, closed
}

// CombineOrders lets unpaid orders of one merchant be paid together. idempotencyKey may be empty.
func (c *Client) CombineOrders(ctx context.Context, orderIDs []string, idempotencyKey string) (CombinedOrder, error) {
	body := map[string][]string{"orders": orderIDs}
	return do[CombinedOrder](ctx, c, call{method: http.MethodPost, path: []string{"combined-orders"}, body: body, key: newKey(idempotencyKey)})
}

// CombinedOrder returns one as the store has it.
func (c *Client) CombinedOrder(ctx context.Context, id string) (CombinedOrder, error) {
	return do[CombinedOrder](ctx, c, call{method: http.MethodGet, path: []string{"combined-orders", id}})
}

// RefreshCombinedOrder has wxhub ask WeChat Pay first.
func (c *Client) RefreshCombinedOrder(ctx context.Context, id string) (CombinedOrder, error) {
	return do[CombinedOrder](ctx, c, call{method: http.MethodGet, path: []string{"combined-orders", id}, query: refresh})
}

// CloseCombinedOrder closes all its orders, none of which is paid.
func (c *Client) CloseCombinedOrder(ctx context.Context, id string) (CombinedOrder, error) {
	return do[CombinedOrder](ctx, c, call{method: http.MethodPost, path: []string{"combined-orders", id, "close"}, safe: true})
}

// CombinedPrepay opens one payment of all the orders; by Code there is none.
type CombinedPrepay struct {
	Method   Method `json:"method"`
	AppID    string `json:"app_id,omitempty"`
	ClientIP string `json:"client_ip,omitempty"` // for H5: of the payer's browser
}

// CombinedPrepaid is an open payment of all the orders.
type CombinedPrepaid struct {
	CombinedOrder CombinedOrder   `json:"combined_order"`
	Payment       CombinedPayment `json:"payment"`
	Invoke        json.RawMessage `json:"invoke"` // goes to the payer's client unchanged
}

// PrepayCombinedOrder opens a payment; asked again, it returns the open one, signed anew.
func (c *Client) PrepayCombinedOrder(ctx context.Context, id string, r CombinedPrepay) (CombinedPrepaid, error) {
	return do[CombinedPrepaid](ctx, c, call{method: http.MethodPost, path: []string{"combined-orders", id, "prepay"}, body: r, safe: true})
}
