package sqlitestore

import (
	"time"

	"wxhub/model"
)

type refundRecord struct {
	ID          string             `json:"id"`
	OutTradeNo  string             `json:"out_trade_no"`
	Amount      model.Fen          `json:"amount"`
	Reason      string             `json:"reason,omitempty"`
	Automatic   bool               `json:"automatic,omitempty"`
	Status      model.RefundStatus `json:"status"`
	NotifyURL   string             `json:"notify_url,omitempty"`
	RefundID    string             `json:"refund_id,omitempty"`
	KeyHash     string             `json:"key_hash,omitempty"`
	BodyHash    string             `json:"body_hash,omitempty"`
	LastError   string             `json:"last_error,omitempty"`
	CreatedAt   time.Time          `json:"created_at,omitzero"`
	SucceededAt time.Time          `json:"succeeded_at,omitzero"`
}

type stepRecord struct {
	At   time.Time `json:"at,omitzero"`
	What string    `json:"what"`
	Of   string    `json:"of,omitempty"`
	Note string    `json:"note,omitempty"`
}

func recordsOfRefunds(refunds []model.Refund) (records []refundRecord) {
	for _, x := range refunds {
		r := refundRecord(x) // does not compile when the model has a field more
		r.CreatedAt, r.SucceededAt = model.Instant(x.CreatedAt), model.Instant(x.SucceededAt)
		records = append(records, r)
	}
	return records
}

func recordsOfSteps(steps []model.Step) (records []stepRecord) {
	for _, x := range steps {
		r := stepRecord(x)
		r.At = model.Instant(x.At)
		records = append(records, r)
	}
	return records
}
