package mongostore

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"wxhub/model"
)

// InsertOrder stores a new order with Version 1; model.ErrExists when the id is taken.
func (s *Store) InsertOrder(ctx context.Context, o model.Order) error {
	inserted, err := insert(ctx, s.orders, recordOfOrder(o, 1))
	if err == nil && !inserted {
		return model.ErrExists
	}
	return err
}

// Order returns one order, or model.ErrNotFound.
func (s *Store) Order(ctx context.Context, id string) (model.Order, error) {
	r, err := find[orderRecord](ctx, s.orders, id)
	if err != nil {
		return model.Order{}, err
	}
	return r.order(), nil
}

// ReplaceOrder stores o as Version o.Version+1 when the stored version is still
// o.Version; else model.ErrStale, or model.ErrNotFound when there is no such order.
func (s *Store) ReplaceOrder(ctx context.Context, o model.Order) error {
	return replace(ctx, s.orders, ofVersion(o.ID, o.Version), recordOfOrder(o, o.Version+1))
}

// DueOrders returns orders with a CheckAt at or before now, the longest due first.
func (s *Store) DueOrders(ctx context.Context, now time.Time, limit int) ([]model.Order, error) {
	if limit <= 0 {
		return nil, nil
	}
	filter := bson.D{{Key: "check_at", Value: bson.D{{Key: "$lte", Value: now}}}}
	return findModels(ctx, s.orders, filter, keys("check_at", "_id"), limit, orderRecord.order)
}

// DuePayments returns orders like DueOrders, of which a payment by this method is in one of
// these statuses. It reads every order that is due, and none that is not.
func (s *Store) DuePayments(ctx context.Context, now time.Time, m model.Method, in []model.PaymentStatus, limit int) ([]model.Order, error) {
	if limit <= 0 || len(in) == 0 {
		return nil, nil
	}
	var states []string
	for _, status := range in {
		states = append(states, paymentState(m, status))
	}
	filter := bson.D{{Key: "check_at", Value: bson.D{{Key: "$lte", Value: now}}}, among("payment_states", states)}
	return findModels(ctx, s.orders, filter, keys("check_at", "_id"), limit, orderRecord.order)
}

// ListOrders returns at most f.Limit orders, newest id first; a zero Limit, like
// every zero field of the filter, sets no bound.
func (s *Store) ListOrders(ctx context.Context, f model.OrderFilter) ([]model.Order, error) {
	newestFirst := bson.D{{Key: "_id", Value: -1}}
	return findModels(ctx, s.orders, conditions(f), newestFirst, max(f.Limit, 0), orderRecord.order)
}

func conditions(f model.OrderFilter) bson.D {
	terms := bson.D{}
	equal := func(field, value string) {
		if value != "" {
			terms = append(terms, bson.E{Key: field, Value: value})
		}
	}
	if len(f.UserIDs) > 0 {
		terms = append(terms, among("user_id", f.UserIDs))
	}
	equal("merchant_id", f.MerchantID)
	equal("status", string(f.Status))
	var created bson.D
	if !f.CreatedAfter.IsZero() {
		created = append(created, bson.E{Key: "$gt", Value: f.CreatedAfter})
	}
	if !f.CreatedBefore.IsZero() {
		created = append(created, bson.E{Key: "$lt", Value: ceilMilli(f.CreatedBefore)})
	}
	if created != nil {
		terms = append(terms, bson.E{Key: "created_at", Value: created})
	}
	if f.BeforeID != "" {
		terms = append(terms, bson.E{Key: "_id", Value: bson.D{{Key: "$lt", Value: f.BeforeID}}})
	}
	return terms
}
