package sqlitestore

import (
	"context"
	"time"

	"wxhub/model"
)

const transferColumns = "SELECT id, version, outbox, doc FROM transfers"

func rowOfTransfer(t model.Transfer) (row orderRow, err error) {
	if row.outbox, err = encodeOutbox(recordsOf(t.Outbox)); err != nil {
		return row, err
	}
	if !t.CheckAt.IsZero() {
		at := t.CheckAt.UnixMilli()
		row.checkAt = &at
	}
	row.doc, err = encode(recordOfTransfer(t))
	return row, err
}

// AddTransfer stores t with Version 1 unless its ID is taken; false when it was.
func (s *Store) AddTransfer(ctx context.Context, t model.Transfer) (bool, error) {
	row, err := rowOfTransfer(t)
	if err != nil {
		return false, err
	}
	return s.change(ctx, "add transfer", `
		INSERT INTO transfers (id, version, created_at, check_at, outbox, doc)
		VALUES (?, 1, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
		t.ID, t.CreatedAt.UnixMilli(), row.checkAt, row.outbox, row.doc)
}

// Transfer returns one transfer, or model.ErrNotFound.
func (s *Store) Transfer(ctx context.Context, id string) (model.Transfer, error) {
	t, err := scanTransfer(s.read.QueryRowContext(ctx, transferColumns+" WHERE id = ?", id))
	if err != nil {
		return model.Transfer{}, missing("transfer", err)
	}
	return t, nil
}

// ReplaceTransfer stores t as Version t.Version+1 when the stored version is still
// t.Version; else model.ErrStale, or model.ErrNotFound when there is no such transfer.
func (s *Store) ReplaceTransfer(ctx context.Context, t model.Transfer) error {
	row, err := rowOfTransfer(t)
	if err != nil {
		return err
	}
	replaced, err := s.change(ctx, "replace transfer", `
		UPDATE transfers SET version = version + 1, created_at = ?, check_at = ?, outbox = ?, doc = ?
		WHERE id = ? AND version = ?`,
		t.CreatedAt.UnixMilli(), row.checkAt, row.outbox, row.doc, t.ID, t.Version)
	if err == nil && !replaced {
		return s.staleOrMissing(ctx, "SELECT count(*) FROM transfers WHERE id = ?", t.ID)
	}
	return err
}

// DueTransfers returns transfers with a CheckAt at or before now, the longest due first.
func (s *Store) DueTransfers(ctx context.Context, now time.Time, limit int) ([]model.Transfer, error) {
	rows, err := s.read.QueryContext(ctx, transferColumns+`
		WHERE check_at IS NOT NULL AND check_at <= ? ORDER BY check_at, id LIMIT ?`, now.UnixMilli(), max(limit, 0))
	return collect("due transfers", rows, err, scanTransfer)
}

// TransferOutbox returns the events that wait inside transfers.
func (s *Store) TransferOutbox() *Outbox { return outboxOf(s, "transfers") }

func scanTransfer(row scanner) (model.Transfer, error) {
	var (
		h      head
		outbox *string
		doc    string
		record transferRecord
	)
	err := row.Scan(&h.ID, &h.Version, &outbox, &doc)
	if err != nil {
		return model.Transfer{}, err
	}
	if h.Outbox, err = decodeOutbox("transfer "+h.ID, outbox); err != nil {
		return model.Transfer{}, err
	}
	if err := decode("transfer "+h.ID, doc, &record); err != nil {
		return model.Transfer{}, err
	}
	return record.transfer(h), nil
}
