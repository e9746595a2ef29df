package sqlitestore

import (
	"context"
	"time"

	"wxhub/model"
)

const applymentColumns = "SELECT id, version, outbox, doc FROM applyments"

func rowOfApplyment(a model.Applyment) (row orderRow, err error) {
	if row.outbox, err = encodeOutbox(recordsOf(a.Outbox)); err != nil {
		return row, err
	}
	if !a.CheckAt.IsZero() {
		at := a.CheckAt.UnixMilli()
		row.checkAt = &at
	}
	row.doc, err = encode(recordOfApplyment(a))
	return row, err
}

// AddApplyment stores a with Version 1 unless its ID is taken; false when it was.
func (s *Store) AddApplyment(ctx context.Context, a model.Applyment) (bool, error) {
	row, err := rowOfApplyment(a)
	if err != nil {
		return false, err
	}
	return s.change(ctx, "add application", `
		INSERT INTO applyments (id, version, merchant_id, status, created_at, check_at, outbox, doc)
		VALUES (?, 1, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
		a.ID, a.MerchantID, string(a.Status), a.CreatedAt.UnixMilli(), row.checkAt, row.outbox, row.doc)
}

// Applyment returns one application, or model.ErrNotFound.
func (s *Store) Applyment(ctx context.Context, id string) (model.Applyment, error) {
	a, err := scanApplyment(s.read.QueryRowContext(ctx, applymentColumns+" WHERE id = ?", id))
	if err != nil {
		return model.Applyment{}, missing("application", err)
	}
	return a, nil
}

// ReplaceApplyment stores a as Version a.Version+1 when the stored version is still
// a.Version; else model.ErrStale, or model.ErrNotFound when there is no such application.
func (s *Store) ReplaceApplyment(ctx context.Context, a model.Applyment) error {
	row, err := rowOfApplyment(a)
	if err != nil {
		return err
	}
	replaced, err := s.change(ctx, "replace application", `
		UPDATE applyments SET version = version + 1, merchant_id = ?, status = ?, created_at = ?, check_at = ?, outbox = ?, doc = ?
		WHERE id = ? AND version = ?`,
		a.MerchantID, string(a.Status), a.CreatedAt.UnixMilli(), row.checkAt, row.outbox, row.doc, a.ID, a.Version)
	if err == nil && !replaced {
		return s.staleOrMissing(ctx, "SELECT count(*) FROM applyments WHERE id = ?", a.ID)
	}
	return err
}

// ListApplyments returns at most f.Limit of them, in the order of ID.
func (s *Store) ListApplyments(ctx context.Context, f model.ApplymentFilter) ([]model.Applyment, error) {
	where, args := " WHERE merchant_id = ? AND id > ?", []any{f.MerchantID, f.AfterID}
	if f.Status != "" {
		where, args = where+" AND status = ?", append(args, string(f.Status))
	}
	rows, err := s.read.QueryContext(ctx, applymentColumns+where+" ORDER BY id LIMIT ?", append(args, max(f.Limit, 0))...)
	return collect("list applications", rows, err, scanApplyment)
}

// DueApplyments returns applications with a CheckAt at or before now, the longest due first.
func (s *Store) DueApplyments(ctx context.Context, now time.Time, limit int) ([]model.Applyment, error) {
	rows, err := s.read.QueryContext(ctx, applymentColumns+`
		WHERE check_at IS NOT NULL AND check_at <= ? ORDER BY check_at, id LIMIT ?`, now.UnixMilli(), max(limit, 0))
	return collect("due applications", rows, err, scanApplyment)
}

// ApplymentOutbox returns the events that wait inside applications.
func (s *Store) ApplymentOutbox() *Outbox { return outboxOf(s, "applyments") }

func scanApplyment(row scanner) (model.Applyment, error) {
	var (
		h      head
		outbox *string
		doc    string
		record applymentRecord
	)
	err := row.Scan(&h.ID, &h.Version, &outbox, &doc)
	if err != nil {
		return model.Applyment{}, err
	}
	if h.Outbox, err = decodeOutbox("application "+h.ID, outbox); err != nil {
		return model.Applyment{}, err
	}
	if err := decode("application "+h.ID, doc, &record); err != nil {
		return model.Applyment{}, err
	}
	return record.applyment(h), nil
}
