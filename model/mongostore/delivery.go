package mongostore

import (
	"context"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"wxhub/model"
)

// deliveryRecord is the document of a delivery.
type deliveryRecord struct {
	ID        string               `bson:"_id"`
	Version   int64                `bson:"version"`
	Endpoint  string               `bson:"endpoint"`
	Event     eventRecord          `bson:"event"`
	Status    model.DeliveryStatus `bson:"status"`
	Attempts  int                  `bson:"attempts"`
	DueAt     time.Time            `bson:"due_at"`
	LastError string               `bson:"last_error,omitempty"`
	CreatedAt time.Time            `bson:"created_at"`
}

func recordOfDelivery(d model.Delivery, version int64) deliveryRecord {
	return deliveryRecord{
		ID: d.ID, Version: version, Endpoint: d.Endpoint, Event: recordOfEvent(d.Event), Status: d.Status,
		Attempts: d.Attempts, DueAt: model.Instant(d.DueAt),
		// It quotes what an endpoint answered, which can be any bytes.
		LastError: strings.ToValidUTF8(d.LastError, "\uFFFD"),
		CreatedAt: model.Instant(d.CreatedAt),
	}
}

func (r deliveryRecord) delivery() model.Delivery {
	return model.Delivery{
		ID: r.ID, Version: r.Version, Endpoint: r.Endpoint, Event: r.Event.event(), Status: r.Status,
		Attempts: r.Attempts, DueAt: r.DueAt, LastError: r.LastError, CreatedAt: r.CreatedAt,
	}
}

// AddDelivery stores d with Version 1 unless its ID is taken; taken is no error.
func (s *Store) AddDelivery(ctx context.Context, d model.Delivery) error {
	_, err := insert(ctx, s.deliveries, recordOfDelivery(d, 1))
	return err
}

// DueDeliveries returns pending deliveries with DueAt at or before now, the longest due first.
func (s *Store) DueDeliveries(ctx context.Context, now time.Time, limit int) ([]model.Delivery, error) {
	if limit <= 0 {
		return nil, nil
	}
	filter := bson.D{
		{Key: "status", Value: string(model.DeliveryPending)},
		{Key: "due_at", Value: bson.D{{Key: "$lte", Value: now}}},
	}
	return findModels(ctx, s.deliveries, filter, keys("due_at", "_id"), limit, deliveryRecord.delivery)
}

// ReplaceDelivery stores d as Version d.Version+1 when the stored version is still
// d.Version; else model.ErrStale, or model.ErrNotFound when there is no such delivery.
func (s *Store) ReplaceDelivery(ctx context.Context, d model.Delivery) error {
	return replace(ctx, s.deliveries, ofVersion(d.ID, d.Version), recordOfDelivery(d, d.Version+1))
}

// Delivery returns one delivery, or model.ErrNotFound.
func (s *Store) Delivery(ctx context.Context, id string) (model.Delivery, error) {
	r, err := find[deliveryRecord](ctx, s.deliveries, id)
	if err != nil {
		return model.Delivery{}, err
	}
	return r.delivery(), nil
}

// PurgeDeliveries removes at most limit deliveries that have ended and were last due
// before then, the oldest first. It returns how many.
func (s *Store) PurgeDeliveries(ctx context.Context, before time.Time, limit int) (int, error) {
	if limit <= 0 {
		return 0, nil
	}
	return purge(ctx, s.deliveries, bson.D{
		among("status", []string{string(model.DeliveryDelivered), string(model.DeliveryDead)}),
		{Key: "due_at", Value: bson.D{{Key: "$lt", Value: ceilMilli(before)}}},
	}, "due_at", limit)
}
