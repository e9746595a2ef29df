package client

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Order is what somebody owes.
type Order struct {
	ID             string            `json:"id"`
	Status         OrderStatus       `json:"status"`
	Amount         int64             `json:"amount"` // fen
	Currency       string            `json:"currency"`
	AmountRefunded int64             `json:"amount_refunded"` // fen
	Description    string            `json:"description"`
	Attach         string            `json:"attach"`
	MerchantID     string            `json:"merchant_id"`
	SubMerchantID  string            `json:"sub_merchant_id"`
	UserID         string            `json:"user_id"` // the only person who may pay
	CollectCode    string            `json:"collect_code"`
	Metadata       map[string]string `json:"metadata"`
	Payments       []Payment         `json:"payments"`
	Refunds        []Refund          `json:"refunds"`
	ProfitSharing  bool              `json:"profit_sharing"`
	CreatedAt      time.Time         `json:"created_at"`
	ExpiresAt      time.Time         `json:"expires_at"`
	PaidAt         time.Time         `json:"paid_at"` // zero: not paid
}

// OrderStatus is where an order stands.
type OrderStatus string

// The statuses of an order.
const (
	OrderCreated           OrderStatus = "created"
	OrderPending           OrderStatus = "pending" // a payment is open
	OrderPaid              OrderStatus = "paid"
	OrderPartiallyRefunded OrderStatus = "partially_refunded"
	OrderRefunded          OrderStatus = "refunded"
	OrderClosed            OrderStatus = "closed"
)

// Payment is one attempt to pay an order.
type Payment struct {
	ID            string    `json:"id"`
	OutTradeNo    string    `json:"out_trade_no"`
	Method        Method    `json:"method"`
	Status        string    `json:"status"`         // created, pending, paid, duplicate, late, closed, failed, reversing
	TransactionID string    `json:"transaction_id"` // WeChat Pay's number
	PaidAt        time.Time `json:"paid_at"`

	CombineOutTradeNo string `json:"combine_out_trade_no"` // of the payment of several orders that this is a part of
}

// Method is how somebody pays.
type Method string

// The methods of payment.
const (
	MiniProgram     Method = "mini_program"
	OfficialAccount Method = "official_account"
	Native          Method = "native"
	H5              Method = "h5"
	App             Method = "app"
	Code            Method = "code" // the payer's code, scanned by the merchant
)

// NewOrder is what CreateOrder needs: MerchantID, Amount and Description.
type NewOrder struct {
	MerchantID    string            `json:"merchant_id"`
	SubMerchantID string            `json:"sub_merchant_id,omitempty"` // for merchants in partner mode
	Amount        int64             `json:"amount"`                    // fen
	Currency      string            `json:"currency,omitempty"`        // CNY
	Description   string            `json:"description"`               // shown to the payer
	Attach        string            `json:"attach,omitempty"`
	UserID        string            `json:"user_id,omitempty"`    // the only person who may pay
	ExpiresIn     int64             `json:"expires_in,omitempty"` // seconds; 7200
	Metadata      map[string]string `json:"metadata,omitempty"`
	ProfitSharing bool              `json:"profit_sharing,omitempty"`

	// IdempotencyKey makes the order of a repeated call the same one; a random key when empty.
	IdempotencyKey string `json:"-"`
}

// CreateOrder makes an order.
func (c *Client) CreateOrder(ctx context.Context, n NewOrder) (Order, error) {
	return do[Order](ctx, c, call{method: http.MethodPost, path: []string{"orders"}, body: n, key: newKey(n.IdempotencyKey)})
}

// Order returns one order as the store has it.
func (c *Client) Order(ctx context.Context, id string) (Order, error) {
	return do[Order](ctx, c, call{method: http.MethodGet, path: []string{"orders", id}})
}

// RefreshOrder has wxhub ask WeChat Pay first.
func (c *Client) RefreshOrder(ctx context.Context, id string) (Order, error) {
	return do[Order](ctx, c, call{method: http.MethodGet, path: []string{"orders", id}, query: refresh})
}

var refresh = url.Values{"refresh": {"true"}}

// CloseOrder closes an unpaid order, at WeChat Pay too.
func (c *Client) CloseOrder(ctx context.Context, id string) (Order, error) {
	return do[Order](ctx, c, call{method: http.MethodPost, path: []string{"orders", id, "close"}, safe: true})
}

// OrderQuery selects orders. Zero fields do not.
type OrderQuery struct {
	UserID        string
	MerchantID    string
	Status        OrderStatus
	CreatedAfter  time.Time // exclusive
	CreatedBefore time.Time // exclusive
	Limit         int       // of one page: at most 100; 20
	Cursor        string    // NextCursor of the page before
}

// OrderPage is a page of orders, newest first.
type OrderPage struct {
	Data       []Order `json:"data"`
	NextCursor string  `json:"next_cursor"` // "" on the last page
}

// Orders returns one page.
func (c *Client) Orders(ctx context.Context, q OrderQuery) (OrderPage, error) {
	v := url.Values{}
	set(v, "user_id", q.UserID)
	set(v, "merchant_id", q.MerchantID)
	set(v, "status", string(q.Status))
	set(v, "created_after", moment(q.CreatedAfter))
	set(v, "created_before", moment(q.CreatedBefore))
	set(v, "limit", number(q.Limit))
	set(v, "cursor", q.Cursor)
	return do[OrderPage](ctx, c, call{method: http.MethodGet, path: []string{"orders"}, query: v})
}

// AllOrders goes through all pages. It ends after the first error.
func (c *Client) AllOrders(ctx context.Context, q OrderQuery) iter.Seq2[Order, error] {
	return func(yield func(Order, error) bool) {
		for {
			p, err := c.Orders(ctx, q)
			if err != nil {
				yield(Order{}, err)
				return
			}
			for _, o := range p.Data {
				if !yield(o, nil) {
					return
				}
			}
			if p.NextCursor == "" {
				return
			}
			q.Cursor = p.NextCursor
		}
	}
}

func set(v url.Values, name, value string) {
	if value != "" {
		v.Set(name, value)
	}
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// Prepay opens a payment.
type Prepay struct {
	Method   Method `json:"method"`
	AppID    string `json:"app_id,omitempty"`    // the app that the payer pays in
	ClientIP string `json:"client_ip,omitempty"` // for H5: of the payer's browser
	AuthCode string `json:"auth_code,omitempty"` // for Code: the 18 digits that were scanned
	StoreID  string `json:"store_id,omitempty"`  // for Code
	DeviceID string `json:"device_id,omitempty"` // for Code
}

// Prepaid is an open payment.
type Prepaid struct {
	Order   Order   `json:"order"`
	Payment Payment `json:"payment"`
	// Invoke goes to the payer's client unchanged; CodeURL and H5URL read it. Absent for Code, where the order is the answer.
	Invoke json.RawMessage `json:"invoke"`
}

// CodeURL is what to show as a QR code, for Native.
func (p Prepaid) CodeURL() string { return p.field("code_url") }

// H5URL is what to open in the payer's browser, for H5.
func (p Prepaid) H5URL() string { return p.field("h5_url") }

func (p Prepaid) field(name string) string {
	var all map[string]string
	_ = json.Unmarshal(p.Invoke, &all) // nothing there: ""
	return all[name]
}

// Prepay opens a payment of an order; asked again, it returns the open one, signed anew.
func (c *Client) Prepay(ctx context.Context, orderID string, r Prepay) (Prepaid, error) {
	return do[Prepaid](ctx, c, call{method: http.MethodPost, path: []string{"orders", orderID, "prepay"}, body: r, safe: true})
}

// Timeline is what happened to an order.
type Timeline struct {
	OrderID string      `json:"order_id"`
	Status  OrderStatus `json:"status"`
	Steps   []Step      `json:"steps"`
}

// Step is one line of it.
type Step struct {
	At   time.Time `json:"at"`
	What string    `json:"what"`
	Of   string    `json:"of"` // out_trade_no or out_refund_no
	Note string    `json:"note"`
}

// Timeline explains an order.
func (c *Client) Timeline(ctx context.Context, orderID string) (Timeline, error) {
	return do[Timeline](ctx, c, call{method: http.MethodGet, path: []string{"orders", orderID, "timeline"}})
}
