package mongostore

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"wxhub/model"
)

// AddTransfer stores t with Version 1 unless its ID is taken; false when it was.
func (s *Store) AddTransfer(ctx context.Context, t model.Transfer) (bool, error) {
	return insert(ctx, s.transfers, recordOfTransfer(t, 1))
}

// Transfer returns one transfer, or model.ErrNotFound.
func (s *Store) Transfer(ctx context.Context, id string) (model.Transfer, error) {
	r, err := find[transferRecord](ctx, s.transfers, id)
	if err != nil {
		return model.Transfer{}, err
	}
	return r.transfer(), nil
}

// ReplaceTransfer stores t as Version t.Version+1 when the stored version is still
// t.Version; else model.ErrStale, or model.ErrNotFound when there is no such transfer.
func (s *Store) ReplaceTransfer(ctx context.Context, t model.Transfer) error {
	return replace(ctx, s.transfers, ofVersion(t.ID, t.Version), recordOfTransfer(t, t.Version+1))
}

// DueTransfers returns transfers with a CheckAt at or before now, the longest due first.
func (s *Store) DueTransfers(ctx context.Context, now time.Time, limit int) ([]model.Transfer, error) {
	if limit <= 0 {
		return nil, nil
	}
	filter := bson.D{{Key: "check_at", Value: bson.D{{Key: "$lte", Value: now}}}}
	return findModels(ctx, s.transfers, filter, keys("check_at", "_id"), limit, transferRecord.transfer)
}

// TransferOutbox returns the events that wait inside transfers.
func (s *Store) TransferOutbox() *Outbox { return &Outbox{s.transfers} }
