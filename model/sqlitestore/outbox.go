package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"wxhub/model"
)

// Outbox gives access to the events that wait inside the aggregates of one table.
type Outbox struct {
	store *Store
	// The statements differ only in the table.
	pending, waiting, rest string
}

// OrderOutbox returns the events that wait inside orders.
func (s *Store) OrderOutbox() *Outbox { return outboxOf(s, "orders") }

// UserOutbox returns the events that wait inside users.
func (s *Store) UserOutbox() *Outbox { return outboxOf(s, "users") }

// TaskOutbox returns the events that wait inside tasks.
func (s *Store) TaskOutbox() *Outbox { return outboxOf(s, "tasks") }

func outboxOf(s *Store, table string) *Outbox {
	return &Outbox{
		store:   s,
		pending: "SELECT id, outbox FROM " + table + " WHERE outbox IS NOT NULL ORDER BY created_at, id LIMIT ?",
		waiting: "SELECT outbox FROM " + table + " WHERE id = ?",
		rest:    "UPDATE " + table + " SET version = version + 1, outbox = ? WHERE id = ?",
	}
}

// PendingEvents returns events not yet acknowledged, oldest aggregates first; at
// most limit aggregates are looked at, each with all its events in order.
func (b *Outbox) PendingEvents(ctx context.Context, limit int) ([]model.Event, error) {
	rows, err := b.store.read.QueryContext(ctx, b.pending, max(limit, 0))
	boxes, err := collect("pending events", rows, err, func(row scanner) ([]model.Event, error) {
		var id, outbox string
		if err := row.Scan(&id, &outbox); err != nil {
			return nil, err
		}
		records, err := decodeOutbox(id, &outbox)
		return eventsOf(records), err
	})
	return slices.Concat(boxes...), err
}

// AcknowledgeEvent removes the event from its aggregate; an event or an aggregate
// that is not there is no error. The aggregate gets a new version: somebody who
// read it with the event in it must not be able to write the event back.
func (b *Outbox) AcknowledgeEvent(ctx context.Context, e model.Event) error {
	err := transact(ctx, b.store.write.DB, func(tx *sql.Tx) error {
		var outbox *string
		err := tx.QueryRowContext(ctx, b.waiting, e.Subject).Scan(&outbox)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		records, err := decodeOutbox(e.Subject, outbox)
		if err != nil {
			return err
		}
		rest := slices.DeleteFunc(slices.Clone(records), func(r eventRecord) bool { return r.ID == e.ID })
		if len(rest) == len(records) {
			return nil
		}
		if outbox, err = encodeOutbox(rest); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, b.rest, outbox, e.Subject)
		return err
	})
	return unavailableUnlessCoded("acknowledge event", err)
}
