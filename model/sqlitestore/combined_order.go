package sqlitestore

import (
	"context"

	"wxhub/model"
)

// AddCombinedOrder stores c with Version 1 unless its ID is taken; false when it was.
func (s *Store) AddCombinedOrder(ctx context.Context, c model.CombinedOrder) (bool, error) {
	doc, err := encode(recordOfCombinedOrder(c))
	if err != nil {
		return false, err
	}
	return s.change(ctx, "add combined order", `
		INSERT INTO combined_orders (id, version, created_at, doc) VALUES (?, 1, ?, ?) ON CONFLICT (id) DO NOTHING`,
		c.ID, c.CreatedAt.UnixMilli(), doc)
}

// CombinedOrder returns one combined order, or model.ErrNotFound.
func (s *Store) CombinedOrder(ctx context.Context, id string) (model.CombinedOrder, error) {
	var (
		h      head
		doc    string
		record combinedOrderRecord
	)
	err := s.read.QueryRowContext(ctx, "SELECT id, version, doc FROM combined_orders WHERE id = ?", id).Scan(&h.ID, &h.Version, &doc)
	if err != nil {
		return model.CombinedOrder{}, missing("combined order", err)
	}
	if err := decode("combined order "+h.ID, doc, &record); err != nil {
		return model.CombinedOrder{}, err
	}
	return record.combinedOrder(h), nil
}

// ReplaceCombinedOrder stores c as Version c.Version+1 when the stored version is still
// c.Version; else model.ErrStale, or model.ErrNotFound when there is no such combined order.
func (s *Store) ReplaceCombinedOrder(ctx context.Context, c model.CombinedOrder) error {
	doc, err := encode(recordOfCombinedOrder(c))
	if err != nil {
		return err
	}
	replaced, err := s.change(ctx, "replace combined order", `
		UPDATE combined_orders SET version = version + 1, created_at = ?, doc = ? WHERE id = ? AND version = ?`,
		c.CreatedAt.UnixMilli(), doc, c.ID, c.Version)
	if err == nil && !replaced {
		return s.staleOrMissing(ctx, "SELECT count(*) FROM combined_orders WHERE id = ?", c.ID)
	}
	return err
}
