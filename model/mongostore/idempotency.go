package mongostore

import (
	"context"
	"time"

	"wxhub/model"
)

// claimRecord is the first answer to a key.
type claimRecord struct {
	Key       string      `bson:"_id"`
	BodyHash  string      `bson:"body_hash"`
	Order     orderRecord `bson:"order"`
	CreatedAt time.Time   `bson:"created_at"`
}

// ClaimOrder stores r unless its Key is taken. It returns the record that stands,
// and whether this call made it.
func (s *Store) ClaimOrder(ctx context.Context, r model.IdempotentOrder) (model.IdempotentOrder, bool, error) {
	stands := claimRecord{
		Key: r.Key, BodyHash: r.BodyHash, Order: recordOfOrder(r.Order, r.Order.Version), CreatedAt: model.Instant(r.CreatedAt),
	}
	created, err := insert(ctx, s.claims, stands)
	if err == nil && !created {
		stands, err = find[claimRecord](ctx, s.claims, r.Key)
	}
	if err != nil {
		return model.IdempotentOrder{}, false, err
	}
	return model.IdempotentOrder{
		Key: stands.Key, BodyHash: stands.BodyHash, Order: stands.Order.order(), CreatedAt: stands.CreatedAt,
	}, created, nil
}
