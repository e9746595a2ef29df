package sqlitestore

import (
	"context"
	"time"

	"wxhub/model"
)

const orderColumns = "SELECT id, version, outbox, doc FROM orders"

// orderRow is an order as the columns of its row, in one encoding for both writes.
type orderRow struct {
	outbox  *string
	doc     string
	checkAt *int64
	moved   span
}

func rowOfOrder(o model.Order) (row orderRow, err error) {
	if row.outbox, err = encodeOutbox(recordsOf(o.Outbox)); err != nil {
		return row, err
	}
	if !o.CheckAt.IsZero() {
		at := o.CheckAt.UnixMilli()
		row.checkAt = &at
	}
	row.moved = movedIn(o)
	row.doc, err = encode(recordOfOrder(o))
	return row, err
}

// InsertOrder stores a new order with Version 1; model.ErrExists when the id is taken.
func (s *Store) InsertOrder(ctx context.Context, o model.Order) error {
	row, err := rowOfOrder(o)
	if err != nil {
		return err
	}
	inserted, err := s.change(ctx, "insert order", `
		INSERT INTO orders (id, version, status, user_id, merchant_id, created_at, check_at, outbox, doc, moved_from, moved_to)
		VALUES (?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
		o.ID, string(o.Status), o.UserID, o.MerchantID, o.CreatedAt.UnixMilli(), row.checkAt, row.outbox, row.doc,
		row.moved.from, row.moved.to)
	if err == nil && !inserted {
		return model.ErrExists
	}
	return err
}

// Order returns one order, or model.ErrNotFound.
func (s *Store) Order(ctx context.Context, id string) (model.Order, error) {
	o, err := scanOrder(s.read.QueryRowContext(ctx, orderColumns+" WHERE id = ?", id))
	if err != nil {
		return model.Order{}, missing("order", err)
	}
	return o, nil
}

// ReplaceOrder stores o as Version o.Version+1 when the stored version is still
// o.Version; else model.ErrStale, or model.ErrNotFound when there is no such order.
func (s *Store) ReplaceOrder(ctx context.Context, o model.Order) error {
	row, err := rowOfOrder(o)
	if err != nil {
		return err
	}
	replaced, err := s.change(ctx, "replace order", `
		UPDATE orders SET version = version + 1, status = ?, user_id = ?, merchant_id = ?,
			created_at = ?, check_at = ?, outbox = ?, doc = ?, moved_from = ?, moved_to = ?
		WHERE id = ? AND version = ?`,
		string(o.Status), o.UserID, o.MerchantID, o.CreatedAt.UnixMilli(), row.checkAt, row.outbox, row.doc,
		row.moved.from, row.moved.to, o.ID, o.Version)
	if err == nil && !replaced {
		return s.staleOrMissing(ctx, "SELECT count(*) FROM orders WHERE id = ?", o.ID)
	}
	return err
}

// DueOrders returns orders with a CheckAt at or before now, the longest due first.
func (s *Store) DueOrders(ctx context.Context, now time.Time, limit int) ([]model.Order, error) {
	rows, err := s.read.QueryContext(ctx, orderColumns+`
		WHERE check_at IS NOT NULL AND check_at <= ? ORDER BY check_at, id LIMIT ?`, now.UnixMilli(), max(limit, 0))
	return collect("due orders", rows, err, scanOrder)
}

// DuePayments returns orders like DueOrders, of which a payment by this method is in one of
// these statuses. It reads every order that is due, and none that is not.
func (s *Store) DuePayments(ctx context.Context, now time.Time, m model.Method, in []model.PaymentStatus, limit int) ([]model.Order, error) {
	statuses, err := encode(in)
	if err != nil {
		return nil, err
	}
	rows, err := s.read.QueryContext(ctx, orderColumns+`
		WHERE check_at IS NOT NULL AND check_at <= ? AND EXISTS (
			SELECT 1 FROM json_each(doc, '$.payments') AS p WHERE p.value ->> 'method' = ?
				AND p.value ->> 'status' IN (SELECT value FROM json_each(?)))
		ORDER BY check_at, id LIMIT ?`, now.UnixMilli(), string(m), statuses, max(limit, 0))
	return collect("due payments", rows, err, scanOrder)
}

func scanOrder(row scanner) (model.Order, error) {
	var (
		h      head
		outbox *string
		doc    string
		record orderRecord
	)
	err := row.Scan(&h.ID, &h.Version, &outbox, &doc)
	if err != nil {
		return model.Order{}, err
	}
	if h.Outbox, err = decodeOutbox("order "+h.ID, outbox); err != nil {
		return model.Order{}, err
	}
	if err := decode("order "+h.ID, doc, &record); err != nil {
		return model.Order{}, err
	}
	return record.order(h), nil
}
