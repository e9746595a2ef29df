package client

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// Transfer pays a user from a merchant's account.
type Transfer struct {
	ID             string          `json:"id"`     // also out_bill_no at WeChat Pay
	Status         string          `json:"status"` // created, processing, waiting, transferring, canceling, succeeded, failed, cancelled, refused
	MerchantID     string          `json:"merchant_id"`
	AppID          string          `json:"app_id"`
	UserID         string          `json:"user_id"`
	Amount         int64           `json:"amount"` // fen
	SceneID        string          `json:"scene_id"`
	Remark         string          `json:"remark"`
	TransferBillNo string          `json:"transfer_bill_no"` // WeChat Pay's number
	LastError      string          `json:"last_error"`
	Invoke         json.RawMessage `json:"invoke"` // for wx.requestMerchantTransfer, while the user must confirm
	CreatedAt      time.Time       `json:"created_at"`
	FinishedAt     time.Time       `json:"finished_at"`
	Steps          []Step          `json:"steps"`
}

// NewTransfer is what CreateTransfer needs.
type NewTransfer struct {
	MerchantID  string           `json:"merchant_id"` // a direct merchant
	AppID       string           `json:"app_id"`      // in which the user confirms
	UserID      string           `json:"user_id"`
	Amount      int64            `json:"amount"`   // fen
	SceneID     string           `json:"scene_id"` // WeChat Pay's number of the purpose
	Remark      string           `json:"remark"`   // shown to the user
	Perception  string           `json:"perception,omitempty"`
	ReportInfos []TransferReport `json:"report_infos,omitempty"`
	UserName    string           `json:"user_name,omitempty"` // checked by WeChat Pay; large amounts need it

	// IdempotencyKey makes the number of the transfer: the same key never pays twice. It has no
	// default, because a key that is forgotten in a crash pays twice.
	IdempotencyKey string `json:"-"`
}

// TransferReport is what the purpose of a transfer wants reported.
type TransferReport struct {
	Type    string `json:"type"`
	Content string `json:"content"`
}

// CreateTransfer pays a user. The end comes as transfer.succeeded or transfer.failed.
func (c *Client) CreateTransfer(ctx context.Context, n NewTransfer) (Transfer, error) {
	if n.IdempotencyKey == "" {
		return Transfer{}, &Error{Status: http.StatusUnprocessableEntity, Code: "invalid_input", Detail: "a transfer needs an IdempotencyKey: a number of your own for this payment"}
	}
	return do[Transfer](ctx, c, call{method: http.MethodPost, path: []string{"transfers"}, body: n, key: n.IdempotencyKey})
}

// Transfer returns one transfer as the store has it.
func (c *Client) Transfer(ctx context.Context, id string) (Transfer, error) {
	return do[Transfer](ctx, c, call{method: http.MethodGet, path: []string{"transfers", id}})
}

// RefreshTransfer has wxhub ask WeChat Pay first.
func (c *Client) RefreshTransfer(ctx context.Context, id string) (Transfer, error) {
	return do[Transfer](ctx, c, call{method: http.MethodGet, path: []string{"transfers", id}, query: refresh})
}

// CancelTransfer cancels a transfer that the user has not confirmed.
func (c *Client) CancelTransfer(ctx context.Context, id string) (Transfer, error) {
	return do[Transfer](ctx, c, call{method: http.MethodPost, path: []string{"transfers", id, "cancel"}, safe: true})
}
