package sqlitestore

import (
	"context"
	"time"

	"wxhub/model"
)

// span is from the first to the last time at which money moved in an order, in Unix
// milliseconds; NULL when it never did.
type span struct{ from, to *int64 }

func movedIn(o model.Order) (s span) {
	add := func(at time.Time) {
		if at.IsZero() {
			return
		}
		ms := at.UnixMilli()
		if s.from == nil || ms < *s.from {
			s.from = &ms
		}
		if s.to == nil || ms > *s.to {
			s.to = &ms
		}
	}
	for _, p := range o.Payments {
		add(p.PaidAt)
	}
	for _, r := range o.Refunds {
		add(r.SucceededAt)
	}
	return s
}

// movedRecord is what MovedOrders reads of a document: the rest is most of it.
type movedRecord struct {
	SubMerchantID string          `json:"sub_merchant_id"`
	Amount        model.Fen       `json:"amount"`
	Currency      string          `json:"currency"`
	Payments      []paymentRecord `json:"payments"`
	Refunds       []refundRecord  `json:"refunds"`
}

// MovedOrders calls each with every order of a merchant (of a sub merchant, unless that is "") with a payment
// that was made, or a refund that succeeded, from a moment until before another. The rows are
// those of one moment, however long it takes.
func (s *Store) MovedOrders(ctx context.Context, merchantID, subMerchantID string, from, until time.Time, each func(model.Order) error) error {
	rows, err := s.read.QueryContext(ctx, `
		SELECT id, status, doc FROM orders
		WHERE merchant_id = ? AND moved_to >= ? AND moved_from < ?`, merchantID, ceilMilli(from), ceilMilli(until))
	if err != nil {
		return unavailable("moved orders", err)
	}
	defer rows.Close()
	for rows.Next() {
		o, err := scanMoved(rows)
		if err != nil {
			return unavailableUnlessCoded("moved orders", err)
		}
		o.MerchantID = merchantID
		if subMerchantID != "" && o.SubMerchantID != subMerchantID || !o.MovedBetween(from, until) {
			continue
		}
		if err := each(o); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return unavailable("moved orders", err)
	}
	return nil
}

func scanMoved(row scanner) (o model.Order, err error) {
	var doc string
	if err := row.Scan(&o.ID, &o.Status, &doc); err != nil {
		return o, err
	}
	var record movedRecord
	if err := decode("order "+o.ID, doc, &record); err != nil {
		return o, err
	}
	o.SubMerchantID, o.Amount, o.Currency = record.SubMerchantID, record.Amount, record.Currency
	for _, p := range record.Payments {
		o.Payments = append(o.Payments, model.Payment(p))
	}
	for _, r := range record.Refunds {
		o.Refunds = append(o.Refunds, model.Refund(r))
	}
	return o, nil
}
