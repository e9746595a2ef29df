package sqlitestore

import (
	"context"

	"wxhub/model"
)

// MergedInto returns the users whose MergedInto is one of ids, in the order of ID.
// The empty id is nobody's.
func (s *Store) MergedInto(ctx context.Context, ids ...string) ([]model.User, error) {
	terms, args := among("merged_into", ids)
	// The second term is what the index says of itself.
	rows, err := s.read.QueryContext(ctx, userColumns+" WHERE "+terms+" AND merged_into <> '' ORDER BY id", args...)
	return collect("merged users", rows, err, scanUser)
}

// ListUsers returns users of their own (MergedInto is empty), newest id first, with
// an id before beforeID unless that is empty.
func (s *Store) ListUsers(ctx context.Context, beforeID string, limit int) ([]model.User, error) {
	where, args := " WHERE merged_into = ''", []any{}
	if beforeID != "" {
		where, args = where+" AND id < ?", append(args, beforeID)
	}
	rows, err := s.read.QueryContext(ctx, userColumns+where+" ORDER BY id DESC LIMIT ?", append(args, max(limit, 0))...)
	return collect("list users", rows, err, scanUser)
}

// UnsettledUsers returns users with Unsettled set, in the order of ID.
func (s *Store) UnsettledUsers(ctx context.Context, limit int) ([]model.User, error) {
	rows, err := s.read.QueryContext(ctx, userColumns+" WHERE erasing = 1 ORDER BY id LIMIT ?", max(limit, 0))
	return collect("unsettled users", rows, err, scanUser)
}
