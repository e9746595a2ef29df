package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"wxhub/model"
)

// scanner is what *sql.Row and *sql.Rows have in common.
type scanner interface{ Scan(into ...any) error }

// change runs one conditional write and reports whether it found its condition
// true. One statement is one transaction, durable when it returns.
func (s *Store) change(ctx context.Context, op, statement string, args ...any) (bool, error) {
	n, err := s.changeAll(ctx, op, statement, args...)
	return n == 1, err
}

// changeAll is change for several rows; it returns how many.
func (s *Store) changeAll(ctx context.Context, op, statement string, args ...any) (int, error) {
	result, err := s.write.ExecContext(ctx, statement, args...)
	if err != nil {
		return 0, unavailable(op, err)
	}
	n, err := result.RowsAffected()
	if err != nil {
		return 0, unavailable(op, err)
	}
	return int(n), nil
}

// staleOrMissing says why a conditional write changed nothing. When the row is deleted
// in between, missing is as true as stale was.
func (s *Store) staleOrMissing(ctx context.Context, count string, key ...any) error {
	var n int
	if err := s.read.QueryRowContext(ctx, count, key...).Scan(&n); err != nil {
		return unavailable("look up", err)
	}
	if n == 0 {
		return model.ErrNotFound
	}
	return model.ErrStale
}

// unlessGone is for deletions: what is not there need not be deleted.
func unlessGone(err error) error {
	if errors.Is(err, model.ErrNotFound) {
		return nil
	}
	return err
}

// among is the condition that a column has one of some values; of none it is false.
func among(column string, values []string) (term string, args []any) {
	for _, v := range values {
		args = append(args, v)
	}
	marks := strings.TrimSuffix(strings.Repeat("?, ", len(values)), ", ")
	return column + " IN (" + marks + ")", args
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
