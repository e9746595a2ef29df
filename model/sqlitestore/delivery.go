package sqlitestore

import (
	"context"
	"strings"
	"time"

	"wxhub/model"
)

const deliveryColumns = "SELECT id, version, status, due_at, doc FROM deliveries"

// deliveryRecord is the document of a delivery: everything that has no column.
type deliveryRecord struct {
	Endpoint  string      `json:"endpoint"`
	Event     eventRecord `json:"event"`
	Attempts  int         `json:"attempts"`
	LastError string      `json:"last_error,omitempty"`
	CreatedAt time.Time   `json:"created_at,omitzero"`
}

func encodeDelivery(d model.Delivery) (string, error) {
	return encode(deliveryRecord{
		Endpoint: d.Endpoint, Event: recordOfEvent(d.Event), Attempts: d.Attempts,
		// It quotes what an endpoint answered, which can be any bytes.
		LastError: strings.ToValidUTF8(d.LastError, "\uFFFD"),
		CreatedAt: model.Instant(d.CreatedAt),
	})
}

// AddDelivery stores d with Version 1 unless its ID is taken; taken is no error.
func (s *Store) AddDelivery(ctx context.Context, d model.Delivery) error {
	doc, err := encodeDelivery(d)
	if err != nil {
		return err
	}
	_, err = s.change(ctx, "add delivery", `
		INSERT INTO deliveries (id, version, status, due_at, doc)
		VALUES (?, 1, ?, ?, ?) ON CONFLICT (id) DO NOTHING`, d.ID, string(d.Status), d.DueAt.UnixMilli(), doc)
	return err
}

// DueDeliveries returns pending deliveries with DueAt at or before now, the longest due first.
func (s *Store) DueDeliveries(ctx context.Context, now time.Time, limit int) ([]model.Delivery, error) {
	rows, err := s.read.QueryContext(ctx, deliveryColumns+`
		WHERE status = 'pending' AND due_at <= ? ORDER BY due_at, id LIMIT ?`, now.UnixMilli(), max(limit, 0))
	return collect("due deliveries", rows, err, scanDelivery)
}

// ReplaceDelivery stores d as Version d.Version+1 when the stored version is still
// d.Version; else model.ErrStale, or model.ErrNotFound when there is no such delivery.
func (s *Store) ReplaceDelivery(ctx context.Context, d model.Delivery) error {
	doc, err := encodeDelivery(d)
	if err != nil {
		return err
	}
	replaced, err := s.change(ctx, "replace delivery", `
		UPDATE deliveries SET version = version + 1, status = ?, due_at = ?, doc = ?
		WHERE id = ? AND version = ?`, string(d.Status), d.DueAt.UnixMilli(), doc, d.ID, d.Version)
	if err == nil && !replaced {
		return s.staleOrMissing(ctx, "SELECT count(*) FROM deliveries WHERE id = ?", d.ID)
	}
	return err
}

// Delivery returns one delivery, or model.ErrNotFound.
func (s *Store) Delivery(ctx context.Context, id string) (model.Delivery, error) {
	d, err := scanDelivery(s.read.QueryRowContext(ctx, deliveryColumns+" WHERE id = ?", id))
	if err != nil {
		return model.Delivery{}, missing("delivery", err)
	}
	return d, nil
}

func scanDelivery(row scanner) (d model.Delivery, err error) {
	var (
		dueAt  int64
		doc    string
		record deliveryRecord
	)
	if err := row.Scan(&d.ID, &d.Version, &d.Status, &dueAt, &doc); err != nil {
		return model.Delivery{}, err
	}
	if err := decode("delivery "+d.ID, doc, &record); err != nil {
		return model.Delivery{}, err
	}
	d.DueAt = instant(dueAt)
	d.Endpoint, d.Event, d.Attempts = record.Endpoint, record.Event.event(), record.Attempts
	d.LastError, d.CreatedAt = record.LastError, record.CreatedAt
	return d, nil
}

// PurgeDeliveries removes at most limit deliveries that have ended and were last due
// before then, the oldest first. It returns how many.
func (s *Store) PurgeDeliveries(ctx context.Context, before time.Time, limit int) (int, error) {
	return s.changeAll(ctx, "purge deliveries", `
		DELETE FROM deliveries WHERE id IN (
			SELECT id FROM deliveries WHERE status <> 'pending' AND due_at < ?
			ORDER BY due_at, id LIMIT ?)`, ceilMilli(before), max(limit, 0))
}
