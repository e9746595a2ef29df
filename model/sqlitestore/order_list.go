package sqlitestore

import (
	"context"
	"strings"
	"time"

	"wxhub/model"
)

// ListOrders returns at most f.Limit orders, newest id first; a zero Limit, like
// every zero field of the filter, sets no bound.
func (s *Store) ListOrders(ctx context.Context, f model.OrderFilter) ([]model.Order, error) {
	where, args := conditions(f)
	limit := f.Limit
	if limit <= 0 {
		limit = -1
	}
	rows, err := s.read.QueryContext(ctx, orderColumns+where+" ORDER BY id DESC LIMIT ?", append(args, limit)...)
	return collect("list orders", rows, err, scanOrder)
}

func conditions(f model.OrderFilter) (where string, args []any) {
	var terms []string
	add := func(wanted bool, term string, of ...any) {
		if wanted {
			terms, args = append(terms, term), append(args, of...)
		}
	}
	theirs, users := among("user_id", f.UserIDs)
	add(len(f.UserIDs) > 0, theirs, users...)
	add(f.MerchantID != "", "merchant_id = ?", f.MerchantID)
	add(f.Status != "", "status = ?", string(f.Status))
	add(!f.CreatedAfter.IsZero(), "created_at > ?", f.CreatedAfter.UnixMilli())
	add(!f.CreatedBefore.IsZero(), "created_at < ?", ceilMilli(f.CreatedBefore))
	add(f.BeforeID != "", "id < ?", f.BeforeID)
	if len(terms) == 0 {
		return "", nil
	}
	return " WHERE " + strings.Join(terms, " AND "), args
}

// ceilMilli rounds up, so that what was created within the last, begun
// millisecond before t still counts as before t.
func ceilMilli(t time.Time) int64 {
	return t.Add(time.Millisecond - time.Nanosecond).UnixMilli()
}
