package mongostore

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"wxhub/model"
)

// AddApplyment stores a with Version 1 unless its ID is taken; false when it was.
func (s *Store) AddApplyment(ctx context.Context, a model.Applyment) (bool, error) {
	return insert(ctx, s.applyments, recordOfApplyment(a, 1))
}

// Applyment returns one application, or model.ErrNotFound.
func (s *Store) Applyment(ctx context.Context, id string) (model.Applyment, error) {
	r, err := find[applymentRecord](ctx, s.applyments, id)
	if err != nil {
		return model.Applyment{}, err
	}
	return r.applyment(), nil
}

// ReplaceApplyment stores a as Version a.Version+1 when the stored version is still
// a.Version; else model.ErrStale, or model.ErrNotFound when there is no such application.
func (s *Store) ReplaceApplyment(ctx context.Context, a model.Applyment) error {
	return replace(ctx, s.applyments, ofVersion(a.ID, a.Version), recordOfApplyment(a, a.Version+1))
}

// ListApplyments returns at most f.Limit of them, in the order of ID.
func (s *Store) ListApplyments(ctx context.Context, f model.ApplymentFilter) ([]model.Applyment, error) {
	if f.Limit <= 0 {
		return nil, nil
	}
	filter := bson.D{{Key: "merchant_id", Value: f.MerchantID}, {Key: "_id", Value: bson.D{{Key: "$gt", Value: f.AfterID}}}}
	if f.Status != "" {
		filter = append(filter, bson.E{Key: "status", Value: string(f.Status)})
	}
	return findModels(ctx, s.applyments, filter, keys("_id"), f.Limit, applymentRecord.applyment)
}

// DueApplyments returns applications with a CheckAt at or before now, the longest due first.
func (s *Store) DueApplyments(ctx context.Context, now time.Time, limit int) ([]model.Applyment, error) {
	if limit <= 0 {
		return nil, nil
	}
	filter := bson.D{{Key: "check_at", Value: bson.D{{Key: "$lte", Value: now}}}}
	return findModels(ctx, s.applyments, filter, keys("check_at", "_id"), limit, applymentRecord.applyment)
}

// ApplymentOutbox returns the events that wait inside applications.
func (s *Store) ApplymentOutbox() *Outbox { return &Outbox{s.applyments} }
