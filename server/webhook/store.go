package webhook

import (
	"context"
	"time"

	"wxhub/model"
)

// Outbox is where events wait inside the aggregate that caused them. There is one
// for orders and one for users.
type Outbox interface {
	// PendingEvents returns events not yet acknowledged, oldest aggregates first;
	// at most limit aggregates are looked at, each with all its events in order.
	PendingEvents(ctx context.Context, limit int) ([]model.Event, error)
	// AcknowledgeEvent removes the event from its aggregate (found by Subject);
	// doing it twice is no error. It never undoes another change of the aggregate.
	AcknowledgeEvent(ctx context.Context, e model.Event) error
}

// Deliveries keeps what is on its way to the endpoints.
type Deliveries interface {
	// AddDelivery stores d with Version 1 unless its ID is taken; taken is no error.
	AddDelivery(ctx context.Context, d model.Delivery) error
	// DueDeliveries returns pending deliveries with DueAt at or before now, the longest due first.
	DueDeliveries(ctx context.Context, now time.Time, limit int) ([]model.Delivery, error)
	// ReplaceDelivery stores d as Version d.Version+1 when the stored version is
	// still d.Version; else model.ErrStale (or model.ErrNotFound). Taking a lease is
	// replacing with a later DueAt: of several workers one wins.
	ReplaceDelivery(ctx context.Context, d model.Delivery) error
	// PurgeDeliveries removes at most limit deliveries that have ended and were last due
	// before then, the oldest first. It returns how many.
	PurgeDeliveries(ctx context.Context, before time.Time, limit int) (int, error)
	// Delivery returns one delivery, or model.ErrNotFound.
	Delivery(ctx context.Context, id string) (model.Delivery, error)
}
