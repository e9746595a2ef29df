package mongostore

import (
	"context"
	"errors"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"wxhub/model"
)

// Outbox gives access to the events that wait inside the documents of one collection.
type Outbox struct {
	aggregates *mongo.Collection
}

// OrderOutbox returns the events that wait inside orders.
func (s *Store) OrderOutbox() *Outbox { return &Outbox{s.orders} }

// UserOutbox returns the events that wait inside users.
func (s *Store) UserOutbox() *Outbox { return &Outbox{s.users} }

// TaskOutbox returns the events that wait inside tasks.
func (s *Store) TaskOutbox() *Outbox { return &Outbox{s.tasks} }

// boxRecord is what all documents with an outbox have in common.
type boxRecord struct {
	ID      string        `bson:"_id"`
	Version int64         `bson:"version"`
	Outbox  []eventRecord `bson:"outbox"`
}

// PendingEvents returns events not yet acknowledged, oldest aggregates first; at
// most limit aggregates are looked at, each with all its events in order.
func (b *Outbox) PendingEvents(ctx context.Context, limit int) ([]model.Event, error) {
	if limit <= 0 {
		return nil, nil
	}
	filter := bson.D{{Key: "has_outbox", Value: true}}
	boxes, err := findAll[boxRecord](ctx, b.aggregates, filter, keys("created_at", "_id"), limit)
	var events []model.Event
	for _, box := range boxes {
		events = append(events, eventsOf(box.Outbox)...)
	}
	return events, err
}

// AcknowledgeEvent removes the event from its aggregate; an event or an aggregate
// that is not there is no error. The aggregate gets a new version: somebody who
// read it with the event in it must not be able to write the event back.
func (b *Outbox) AcknowledgeEvent(ctx context.Context, e model.Event) error {
	for {
		done, err := b.tryAcknowledge(ctx, e)
		if done || err != nil {
			return err
		}
	}
}

// tryAcknowledge reports false when the aggregate changed meanwhile. It sets the
// rest of the events and leaves all other fields alone.
func (b *Outbox) tryAcknowledge(ctx context.Context, e model.Event) (bool, error) {
	box, err := find[boxRecord](ctx, b.aggregates, e.Subject)
	if errors.Is(err, model.ErrNotFound) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	rest := slices.DeleteFunc(slices.Clone(box.Outbox), func(r eventRecord) bool { return r.ID == e.ID })
	if len(rest) == len(box.Outbox) {
		return true, nil
	}
	result, err := b.aggregates.UpdateOne(ctx, ofVersion(box.ID, box.Version), bson.D{{Key: "$set", Value: bson.D{
		{Key: "outbox", Value: rest}, {Key: "has_outbox", Value: len(rest) > 0}, {Key: "version", Value: box.Version + 1},
	}}})
	if err != nil {
		return false, unavailable("acknowledge event", err)
	}
	return result.MatchedCount == 1, nil
}
