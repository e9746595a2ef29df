package client

import (
	"context"
	"net/http"
	"time"
)

// ProfitSharing gives parts of a payment to others. Names are not shown.
type ProfitSharing struct {
	ID              string           `json:"id"` // also out_order_no at WeChat Pay
	OrderID         string           `json:"order_id"`
	Status          string           `json:"status"` // created, processing, finished, failed
	OutTradeNo      string           `json:"out_trade_no"`
	Receivers       []ProfitReceived `json:"receivers"` // none: what is left goes to the merchant
	UnfreezeUnsplit bool             `json:"unfreeze_unsplit"`
	WeChatOrderID   string           `json:"wechat_order_id"`
	LastError       string           `json:"last_error"`
	CreatedAt       time.Time        `json:"created_at"`
	FinishedAt      time.Time        `json:"finished_at"`
	Returns         []ProfitReturn   `json:"returns"`
}

// ProfitReceived is one receiver's part.
type ProfitReceived struct {
	Type        string `json:"type"`
	Account     string `json:"account"`
	Amount      int64  `json:"amount"` // fen
	Description string `json:"description"`
	Result      string `json:"result"` // pending, success, closed
	FailReason  string `json:"fail_reason"`
	DetailID    string `json:"detail_id"`
}

// ProfitReturn is the return of a part.
type ProfitReturn struct {
	ID         string    `json:"id"` // also out_return_no at WeChat Pay
	MerchantID string    `json:"merchant_id"`
	Amount     int64     `json:"amount"` // fen
	Status     string    `json:"status"` // created, processing, succeeded, failed
	ReturnID   string    `json:"return_id"`
	LastError  string    `json:"last_error"`
	CreatedAt  time.Time `json:"created_at"`
	FinishedAt time.Time `json:"finished_at"`
}

// NewProfitSharing is what ShareProfit needs: Receivers.
type NewProfitSharing struct {
	Receivers       []ProfitPart `json:"receivers"`
	UnfreezeUnsplit bool         `json:"unfreeze_unsplit,omitempty"` // what is left goes to the merchant

	// IdempotencyKey makes the sharing of a repeated call the same one; a random key when empty.
	IdempotencyKey string `json:"-"`
}

// ProfitPart is what one receiver is to get.
type ProfitPart struct {
	Type        string `json:"type"` // MERCHANT_ID, PERSONAL_OPENID, PERSONAL_SUB_OPENID
	Account     string `json:"account"`
	Name        string `json:"name,omitempty"` // checked by WeChat Pay
	Amount      int64  `json:"amount"`         // fen
	Description string `json:"description"`
}

// ShareProfit shares what was paid of an order that was made with ProfitSharing.
func (c *Client) ShareProfit(ctx context.Context, orderID string, n NewProfitSharing) (ProfitSharing, error) {
	return do[ProfitSharing](ctx, c, call{method: http.MethodPost, path: []string{"orders", orderID, "profit-sharings"}, body: n, key: newKey(n.IdempotencyKey)})
}

// UnfreezeProfit gives what is left to the merchant. idempotencyKey may be empty.
func (c *Client) UnfreezeProfit(ctx context.Context, orderID, description, idempotencyKey string) (ProfitSharing, error) {
	body := map[string]string{"description": description}
	return do[ProfitSharing](ctx, c, call{method: http.MethodPost, path: []string{"orders", orderID, "profit-sharings", "unfreeze"}, body: body, key: newKey(idempotencyKey)})
}

// ProfitSharings returns those of an order, the oldest first.
func (c *Client) ProfitSharings(ctx context.Context, orderID string) ([]ProfitSharing, error) {
	var out struct{ Data []ProfitSharing }
	err := c.do(ctx, call{method: http.MethodGet, path: []string{"orders", orderID, "profit-sharings"}}, &out)
	return out.Data, err
}

// UnsplitAmount is how much can still be shared, in fen, asked of WeChat Pay.
func (c *Client) UnsplitAmount(ctx context.Context, orderID string) (int64, error) {
	var out struct {
		UnsplitAmount int64 `json:"unsplit_amount"`
	}
	err := c.do(ctx, call{method: http.MethodGet, path: []string{"orders", orderID, "profit-sharings", "remaining"}}, &out)
	return out.UnsplitAmount, err
}

// ProfitSharing returns one as the store has it.
func (c *Client) ProfitSharing(ctx context.Context, id string) (ProfitSharing, error) {
	return do[ProfitSharing](ctx, c, call{method: http.MethodGet, path: []string{"profit-sharings", id}})
}

// NewProfitReturn is what ReturnProfit needs.
type NewProfitReturn struct {
	MerchantID  string `json:"merchant_id"` // who received the part
	Amount      int64  `json:"amount"`      // fen
	Description string `json:"description"`

	// IdempotencyKey makes the return of a repeated call the same one; a random key when empty.
	IdempotencyKey string `json:"-"`
}

// ReturnProfit takes a part back from a merchant.
func (c *Client) ReturnProfit(ctx context.Context, sharingID string, n NewProfitReturn) (ProfitReturn, error) {
	return do[ProfitReturn](ctx, c, call{method: http.MethodPost, path: []string{"profit-sharings", sharingID, "returns"}, body: n, key: newKey(n.IdempotencyKey)})
}

// ProfitReceiver is somebody who may receive parts.
type ProfitReceiver struct {
	SubMerchantID  string `json:"sub_merchant_id,omitempty"` // for merchants in partner mode
	AppID          string `json:"app_id,omitempty"`          // in which the account of a person is an openid
	Type           string `json:"type"`                      // MERCHANT_ID, PERSONAL_OPENID, PERSONAL_SUB_OPENID
	Account        string `json:"account"`
	Name           string `json:"name,omitempty"`
	RelationType   string `json:"relation_type,omitempty"` // STORE, STAFF, PARTNER, …, CUSTOM
	CustomRelation string `json:"custom_relation,omitempty"`
}

// AddProfitReceiver lets somebody receive parts of a merchant's payments; again is no error.
func (c *Client) AddProfitReceiver(ctx context.Context, merchantID string, r ProfitReceiver) error {
	return c.do(ctx, call{method: http.MethodPost, path: []string{"merchants", merchantID, "profit-sharing", "receivers"}, body: r, safe: true}, nil)
}

// DeleteProfitReceiver takes that back.
func (c *Client) DeleteProfitReceiver(ctx context.Context, merchantID string, r ProfitReceiver) error {
	r.Name, r.RelationType, r.CustomRelation = "", "", ""
	return c.do(ctx, call{method: http.MethodDelete, path: []string{"merchants", merchantID, "profit-sharing", "receivers"}, body: r, safe: true}, nil)
}
