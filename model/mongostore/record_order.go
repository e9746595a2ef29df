package mongostore

import (
	"time"

	"wxhub/model"
)

// orderRecord is the document of an order. CreatedAt is always there, because
// filters compare it; CheckAt is not there when there is nothing to check, so that
// no comparison finds it.
type orderRecord struct {
	ID             string            `bson:"_id"`
	Version        int64             `bson:"version"`
	MerchantID     string            `bson:"merchant_id"`
	SubMerchantID  string            `bson:"sub_merchant_id,omitempty"`
	Status         model.OrderStatus `bson:"status"`
	Amount         model.Fen         `bson:"amount"`
	Currency       string            `bson:"currency"`
	AmountRefunded model.Fen         `bson:"amount_refunded"`
	Description    string            `bson:"description"`
	Attach         string            `bson:"attach,omitempty"`
	UserID         string            `bson:"user_id"`
	CollectCode    string            `bson:"collect_code,omitempty"`
	Metadata       []pairRecord      `bson:"metadata,omitempty"`
	Payments       []paymentRecord   `bson:"payments,omitempty"`
	Refunds        []refundRecord    `bson:"refunds,omitempty"`
	ProfitSharing  bool              `bson:"profit_sharing,omitempty"`
	ProfitSharings []sharingRecord   `bson:"profit_sharings,omitempty"`
	History        []stepRecord      `bson:"history,omitempty"`
	CreatedAt      time.Time         `bson:"created_at"`
	ExpiresAt      time.Time         `bson:"expires_at,omitempty"`
	PaidAt         time.Time         `bson:"paid_at,omitempty"`
	ClosedAt       time.Time         `bson:"closed_at,omitempty"`
	CheckAt        time.Time         `bson:"check_at,omitempty"`
	Outbox         []eventRecord     `bson:"outbox,omitempty"`
	HasOutbox      bool              `bson:"has_outbox"`
	PaymentStates  []string          `bson:"payment_states,omitempty"` // what to find orders by; read back from Payments
}

// paymentState is a method and a status in one word, for DuePayments to look for.
func paymentState(m model.Method, s model.PaymentStatus) string { return string(m) + " " + string(s) }

type paymentRecord struct {
	ID            string              `bson:"id"`
	OutTradeNo    string              `bson:"out_trade_no"`
	Method        model.Method        `bson:"method"`
	AppID         string              `bson:"app_id,omitempty"`
	OpenID        string              `bson:"open_id,omitempty"`
	ClientIP      string              `bson:"client_ip,omitempty"`
	Status        model.PaymentStatus `bson:"status"`
	NotifyURL     string              `bson:"notify_url,omitempty"`
	PrepayID      string              `bson:"prepay_id,omitempty"`
	PrepaidAt     time.Time           `bson:"prepaid_at,omitempty"`
	TransactionID string              `bson:"transaction_id,omitempty"`
	PaidAt        time.Time           `bson:"paid_at,omitempty"`
	CreatedAt     time.Time           `bson:"created_at,omitempty"`
	AuthCodeHash  string              `bson:"auth_code_hash,omitempty"`
	ReversedAt    time.Time           `bson:"reversed_at,omitempty"`

	CombineOutTradeNo string `bson:"combine_out_trade_no,omitempty"`
}

func recordOfOrder(o model.Order, version int64) orderRecord {
	r := orderRecord{
		ID: o.ID, Version: version, MerchantID: o.MerchantID, SubMerchantID: o.SubMerchantID, Status: o.Status,
		Amount: o.Amount, Currency: o.Currency, AmountRefunded: o.AmountRefunded,
		Description: o.Description, Attach: o.Attach, UserID: o.UserID, CollectCode: o.CollectCode,
		Metadata:  recordOfMap(o.Metadata),
		CreatedAt: model.Instant(o.CreatedAt), ExpiresAt: model.Instant(o.ExpiresAt),
		PaidAt: model.Instant(o.PaidAt), ClosedAt: model.Instant(o.ClosedAt), CheckAt: model.Instant(o.CheckAt),
		Outbox: recordsOf(o.Outbox), HasOutbox: len(o.Outbox) > 0,
	}
	for _, p := range o.Payments {
		r.Payments = append(r.Payments, recordOfPayment(p))
		r.PaymentStates = append(r.PaymentStates, paymentState(p.Method, p.Status))
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

func (r orderRecord) order() model.Order {
	o := model.Order{
		ID: r.ID, Version: r.Version, MerchantID: r.MerchantID, SubMerchantID: r.SubMerchantID, Status: r.Status,
		Amount: r.Amount, Currency: r.Currency, AmountRefunded: r.AmountRefunded,
		Description: r.Description, Attach: r.Attach, UserID: r.UserID, CollectCode: r.CollectCode,
		Metadata:  mapOf(r.Metadata),
		CreatedAt: r.CreatedAt, ExpiresAt: r.ExpiresAt, PaidAt: r.PaidAt, ClosedAt: r.ClosedAt, CheckAt: r.CheckAt,
		Outbox: eventsOf(r.Outbox),
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
