package mongostore

import (
	"context"

	"wxhub/model"
)

// AddCombinedOrder stores c with Version 1 unless its ID is taken; false when it was.
func (s *Store) AddCombinedOrder(ctx context.Context, c model.CombinedOrder) (bool, error) {
	return insert(ctx, s.combined, recordOfCombinedOrder(c, 1))
}

// CombinedOrder returns one combined order, or model.ErrNotFound.
func (s *Store) CombinedOrder(ctx context.Context, id string) (model.CombinedOrder, error) {
	r, err := find[combinedOrderRecord](ctx, s.combined, id)
	if err != nil {
		return model.CombinedOrder{}, err
	}
	return r.combinedOrder(), nil
}

// ReplaceCombinedOrder stores c as Version c.Version+1 when the stored version is still
// c.Version; else model.ErrStale, or model.ErrNotFound when there is no such combined order.
func (s *Store) ReplaceCombinedOrder(ctx context.Context, c model.CombinedOrder) error {
	return replace(ctx, s.combined, ofVersion(c.ID, c.Version), recordOfCombinedOrder(c, c.Version+1))
}
