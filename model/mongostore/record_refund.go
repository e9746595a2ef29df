package mongostore

import (
	"time"

	"wxhub/model"
)

type refundRecord struct {
	ID          string             `bson:"id"`
	OutTradeNo  string             `bson:"out_trade_no"`
	Amount      model.Fen          `bson:"amount"`
	Reason      string             `bson:"reason,omitempty"`
	Automatic   bool               `bson:"automatic,omitempty"`
	Status      model.RefundStatus `bson:"status"`
	NotifyURL   string             `bson:"notify_url,omitempty"`
	RefundID    string             `bson:"refund_id,omitempty"`
	KeyHash     string             `bson:"key_hash,omitempty"`
	BodyHash    string             `bson:"body_hash,omitempty"`
	LastError   string             `bson:"last_error,omitempty"`
	CreatedAt   time.Time          `bson:"created_at,omitempty"`
	SucceededAt time.Time          `bson:"succeeded_at,omitempty"`
}

type stepRecord struct {
	At   time.Time `bson:"at,omitempty"`
	What string    `bson:"what"`
	Of   string    `bson:"of,omitempty"`
	Note string    `bson:"note,omitempty"`
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
