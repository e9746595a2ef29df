package pay

import (
	"time"

	"wxhub/model"
)

// OrderView is an order as the API and the events show it (CONTRACT §3).
type OrderView struct {
	ID             string            `json:"id" doc:"unguessable"`
	Status         string            `json:"status" enum:"created,pending,paid,partially_refunded,refunded,closed"`
	Amount         int64             `json:"amount" doc:"fen"`
	Currency       string            `json:"currency"`
	AmountRefunded int64             `json:"amount_refunded" doc:"fen"`
	Description    string            `json:"description"`
	Attach         string            `json:"attach,omitempty"`
	MerchantID     string            `json:"merchant_id"`
	SubMerchantID  string            `json:"sub_merchant_id,omitempty"`
	UserID         string            `json:"user_id,omitempty" doc:"the only person who may pay"`
	CollectCode    string            `json:"collect_code,omitempty"`
	Metadata       map[string]string `json:"metadata,omitempty"`
	Payments       []PaymentView     `json:"payments" nullable:"false"`
	Refunds        []RefundView      `json:"refunds,omitempty"`
	ProfitSharing  bool              `json:"profit_sharing,omitempty" doc:"parts of the payment may go to others"`
	CreatedAt      time.Time         `json:"created_at"`
	ExpiresAt      time.Time         `json:"expires_at"`
	PaidAt         *time.Time        `json:"paid_at,omitempty"`
}

// PaymentView is one payment attempt.
type PaymentView struct {
	ID            string     `json:"id"`
	OutTradeNo    string     `json:"out_trade_no" doc:"the merchant's order number at WeChat Pay"`
	Method        string     `json:"method"`
	Status        string     `json:"status" enum:"created,pending,paid,duplicate,late,closed,failed,reversing" doc:"created: WeChat Pay's answer is not known yet; reversing: a payment by code is being taken back"`
	TransactionID string     `json:"transaction_id,omitempty" doc:"WeChat Pay's number of the payment"`
	PaidAt        *time.Time `json:"paid_at,omitempty"`

	CombineOutTradeNo string `json:"combine_out_trade_no,omitempty" doc:"the number at WeChat Pay of the payment of several orders that this is a part of"`
}

// View shows an order to the outside. Openids and prepay_ids stay inside.
func View(o model.Order) OrderView {
	v := OrderView{
		ID: o.ID, Status: string(o.Status), Amount: int64(o.Amount), Currency: o.Currency,
		AmountRefunded: int64(o.AmountRefunded), Description: o.Description, Attach: o.Attach,
		MerchantID: o.MerchantID, SubMerchantID: o.SubMerchantID, UserID: o.UserID, CollectCode: o.CollectCode, Metadata: o.Metadata,
		Payments: []PaymentView{}, ProfitSharing: o.ProfitSharing, CreatedAt: o.CreatedAt, ExpiresAt: o.ExpiresAt, PaidAt: moment(o.PaidAt),
	}
	for _, p := range o.Payments {
		v.Payments = append(v.Payments, ViewPayment(p))
	}
	for _, r := range o.Refunds {
		v.Refunds = append(v.Refunds, ViewRefund(o, r))
	}
	return v
}

// ViewPayment shows one payment attempt to the outside.
func ViewPayment(p model.Payment) PaymentView {
	return PaymentView{
		ID: p.ID, OutTradeNo: p.OutTradeNo, Method: string(p.Method), Status: string(p.Status),
		TransactionID: p.TransactionID, PaidAt: moment(p.PaidAt), CombineOutTradeNo: p.CombineOutTradeNo,
	}
}

// RefundView is a refund as the API and the events show it (CONTRACT §3).
type RefundView struct {
	ID          string     `json:"id"`
	OrderID     string     `json:"order_id"`
	Status      string     `json:"status" enum:"created,processing,succeeded,closed,abnormal,failed" doc:"created: WeChat Pay's answer is not known yet, or its balance is too low; it is tried again"`
	Amount      int64      `json:"amount" doc:"fen"`
	Currency    string     `json:"currency"`
	Reason      string     `json:"reason,omitempty"`
	Automatic   bool       `json:"automatic,omitempty" doc:"made by wxhub, of a second payment of the order"`
	OutTradeNo  string     `json:"out_trade_no" doc:"of the payment"`
	RefundID    string     `json:"refund_id,omitempty" doc:"WeChat Pay's number; out_refund_no is the id"`
	LastError   string     `json:"last_error,omitempty" doc:"what WeChat Pay said against it"`
	CreatedAt   time.Time  `json:"created_at"`
	SucceededAt *time.Time `json:"succeeded_at,omitempty"`
}

// ViewRefund shows one refund of an order to the outside.
func ViewRefund(o model.Order, r model.Refund) RefundView {
	return RefundView{
		ID: r.ID, OrderID: o.ID, Status: string(r.Status), Amount: int64(r.Amount), Currency: o.Currency, Reason: r.Reason,
		Automatic: r.Automatic, OutTradeNo: r.OutTradeNo, RefundID: r.RefundID, LastError: r.LastError,
		CreatedAt: r.CreatedAt, SucceededAt: moment(r.SucceededAt),
	}
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
