package sqlitestore

import (
	"context"
	"time"

	"wxhub/model"
)

// answerRecord is a whole order, its head included: the first answer to a key.
type answerRecord struct {
	head
	Order orderRecord `json:"order"`
}

// ClaimOrder stores r unless its Key is taken. It returns the record that stands,
// and whether this call made it.
func (s *Store) ClaimOrder(ctx context.Context, r model.IdempotentOrder) (model.IdempotentOrder, bool, error) {
	doc, err := encode(answerRecord{
		head:  head{ID: r.Order.ID, Version: r.Order.Version, Outbox: recordsOf(r.Order.Outbox)},
		Order: recordOfOrder(r.Order),
	})
	if err != nil {
		return model.IdempotentOrder{}, false, err
	}
	created, err := s.change(ctx, "claim order", `
		INSERT INTO idempotent_orders (key, body_hash, created_at, doc)
		VALUES (?, ?, ?, ?) ON CONFLICT (key) DO NOTHING`, r.Key, r.BodyHash, r.CreatedAt.UnixMilli(), doc)
	if err != nil {
		return model.IdempotentOrder{}, false, err
	}
	stored, err := s.claim(ctx, r.Key)
	return stored, created, err
}

func (s *Store) claim(ctx context.Context, key string) (model.IdempotentOrder, error) {
	var (
		stored    = model.IdempotentOrder{Key: key}
		createdAt int64
		doc       string
		record    answerRecord
	)
	err := s.read.QueryRowContext(ctx, "SELECT body_hash, created_at, doc FROM idempotent_orders WHERE key = ?", key).
		Scan(&stored.BodyHash, &createdAt, &doc)
	if err != nil {
		return model.IdempotentOrder{}, unavailable("claimed order", err)
	}
	if err := decode("claim "+key, doc, &record); err != nil {
		return model.IdempotentOrder{}, err
	}
	stored.CreatedAt = instant(createdAt)
	stored.Order = record.Order.order(record.head)
	return stored, nil
}

// instant is the time of a column; the zero time is a number like any other.
func instant(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
