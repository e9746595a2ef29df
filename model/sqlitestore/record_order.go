package sqlitestore

import (
	"time"

	"wxhub/model"
)

// orderRecord is the document of an order: everything but id, version and outbox.
type orderRecord struct {
	MerchantID     string            `json:"merchant_id"`
	SubMerchantID  string            `json:"sub_merchant_id,omitempty"`
	Status         model.OrderStatus `json:"status"`
	Amount         model.Fen         `json:"amount"`
	Currency       string            `json:"currency"`
	AmountRefunded model.Fen         `json:"amount_refunded"`
	Description    string            `json:"description"`
	Attach         string            `json:"attach,omitempty"`
	UserID         string            `json:"user_id,omitempty"`
	CollectCode    string            `json:"collect_code,omitempty"`
	Metadata       map[string]string `json:"metadata,omitempty"`
	Payments       []paymentRecord   `json:"payments,omitempty"`
	Refunds        []refundRecord    `json:"refunds,omitempty"`
	ProfitSharing  bool              `json:"profit_sharing,omitempty"`
	ProfitSharings []sharingRecord   `json:"profit_sharings,omitempty"`
	History        []stepRecord      `json:"history,omitempty"`
	CreatedAt      time.Time         `json:"created_at,omitzero"`
	ExpiresAt      time.Time         `json:"expires_at,omitzero"`
	PaidAt         time.Time         `json:"paid_at,omitzero"`
	ClosedAt       time.Time         `json:"closed_at,omitzero"`
	CheckAt        time.Time         `json:"check_at,omitzero"`
}

type paymentRecord struct {
	ID            string              `json:"id"`
	OutTradeNo    string              `json:"out_trade_no"`
	Method        model.Method        `json:"method"`
	AppID         string              `json:"app_id,omitempty"`
	OpenID        string              `json:"open_id,omitempty"`
	ClientIP      string              `json:"client_ip,omitempty"`
	Status        model.PaymentStatus `json:"status"`
	NotifyURL     string              `json:"notify_url,omitempty"`
	PrepayID      string              `json:"prepay_id,omitempty"`
	PrepaidAt     time.Time           `json:"prepaid_at,omitzero"`
	TransactionID string              `json:"transaction_id,omitempty"`
	PaidAt        time.Time           `json:"paid_at,omitzero"`
	CreatedAt     time.Time           `json:"created_at,omitzero"`
	AuthCodeHash  string              `json:"auth_code_hash,omitempty"`
	ReversedAt    time.Time           `json:"reversed_at,omitzero"`

	CombineOutTradeNo string `json:"combine_out_trade_no,omitempty"`
}

func recordOfOrder(o model.Order) orderRecord {
	r := orderRecord{
		MerchantID: o.MerchantID, SubMerchantID: o.SubMerchantID, Status: o.Status,
		Amount: o.Amount, Currency: o.Currency, AmountRefunded: o.AmountRefunded,
		Description: o.Description, Attach: o.Attach, UserID: o.UserID, CollectCode: o.CollectCode, Metadata: o.Metadata,
		CreatedAt: model.Instant(o.CreatedAt), ExpiresAt: model.Instant(o.ExpiresAt),
		PaidAt: model.Instant(o.PaidAt), ClosedAt: model.Instant(o.ClosedAt), CheckAt: model.Instant(o.CheckAt),
	}
	for _, p := range o.Payments {
		r.Payments = append(r.Payments, recordOfPayment(p))
	}
	r.Refunds, r.History = recordsOfRefunds(o.Refunds), recordsOfSteps(o.History)
	r.ProfitSharing, r.ProfitSharings = o.ProfitSharing, recordsOfSharings(o.ProfitSharings)
	return r
}

func recordOfPayment(p model.Payment) paymentRecord {
	r := paymentRecord(p) // does not compile when the model has a field more
	r.PrepaidAt, r.PaidAt, r.CreatedAt = model.Instant(p.PrepaidAt), model.Instant(p.PaidAt), model.Instant(p.CreatedAt)
	r.ReversedAt = model.Instant(p.ReversedAt)
	return r
}

func (r orderRecord) order(h head) model.Order {
	o := model.Order{
		ID: h.ID, Version: h.Version, Outbox: eventsOf(h.Outbox),
		MerchantID: r.MerchantID, SubMerchantID: r.SubMerchantID, Status: r.Status,
		Amount: r.Amount, Currency: r.Currency, AmountRefunded: r.AmountRefunded,
		Description: r.Description, Attach: r.Attach, UserID: r.UserID, CollectCode: r.CollectCode, Metadata: r.Metadata,
		CreatedAt: r.CreatedAt, ExpiresAt: r.ExpiresAt, PaidAt: r.PaidAt, ClosedAt: r.ClosedAt, CheckAt: r.CheckAt,
	}
	for _, p := range r.Payments {
		o.Payments = append(o.Payments, model.Payment(p))
	}
	for _, x := range r.Refunds {
		o.Refunds = append(o.Refunds, model.Refund(x))
	}
	o.ProfitSharing, o.ProfitSharings = r.ProfitSharing, sharingsOf(r.ProfitSharings)
	for _, x := range r.History {
		o.History = append(o.History, model.Step(x))
	}
	return o
}
