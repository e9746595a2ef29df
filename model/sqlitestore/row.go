package sqlitestore

import (
	"context"
	"database/sql"

	"wxhub/model"
)

// scanner is what *sql.Row and *sql.Rows have in common.
type scanner interface{ Scan(into ...any) error }

// change runs one conditional write and reports whether it found its condition
// true. One statement is one transaction, durable when it returns.
func (s *Store) change(ctx context.Context, op, statement string, args ...any) (bool, error) {
	result, err := s.write.ExecContext(ctx, statement, args...)
	if err != nil {
		return false, unavailable(op, err)
	}
	n, err := result.RowsAffected()
	if err != nil {
		return false, unavailable(op, err)
	}
	return n == 1, nil
}

// staleOrMissing says why a conditional write changed nothing. Rows are never
// deleted, so looking afterwards gives the right answer.
func (s *Store) staleOrMissing(ctx context.Context, count, id string) error {
	var n int
	if err := s.read.QueryRowContext(ctx, count, id).Scan(&n); err != nil {
		return unavailable("look up", err)
	}
	if n == 0 {
		return model.ErrNotFound
	}
	return model.ErrStale
}

// collect reads all rows of a query.
func collect[T any](op string, rows *sql.Rows, err error, scan func(scanner) (T, error)) ([]T, error) {
	if err != nil {
		return nil, unavailable(op, err)
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, unavailableUnlessCoded(op, err)
		}
		all = append(all, one)
	}
	if err := rows.Err(); err != nil {
		return nil, unavailable(op, err)
	}
	return all, nil
}
