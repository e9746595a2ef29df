package sqlitestore

import (
	"context"
	"errors"

	"wxhub/model"
)

const unionColumns = "SELECT open_platform, union_id, version, user_id, created_at FROM unions"

// ClaimUnion inserts the record with Version 1 unless its key is taken. It returns
// the record that stands, and whether this call made it.
func (s *Store) ClaimUnion(ctx context.Context, u model.Union) (model.Union, bool, error) {
	for {
		created, err := s.change(ctx, "claim union", `
			INSERT INTO unions (open_platform, union_id, version, user_id, created_at)
			VALUES (?, ?, 1, ?, ?) ON CONFLICT (open_platform, union_id) DO NOTHING`,
			u.OpenPlatform, u.UnionID, u.UserID, u.CreatedAt.UnixMilli())
		if err != nil {
			return model.Union{}, false, err
		}
		if created {
			u.CreatedAt, u.Version = model.Instant(u.CreatedAt), 1
			return u, true, nil
		}
		stored, err := s.Union(ctx, model.UnionKey{OpenPlatform: u.OpenPlatform, UnionID: u.UnionID})
		if !errors.Is(err, model.ErrNotFound) { // else it was deleted meanwhile: the key is free
			return stored, false, err
		}
	}
}

// Union returns one record, or model.ErrNotFound.
func (s *Store) Union(ctx context.Context, k model.UnionKey) (model.Union, error) {
	u, err := scanUnion(s.read.QueryRowContext(ctx, unionColumns+" WHERE open_platform = ? AND union_id = ?",
		k.OpenPlatform, k.UnionID))
	if err != nil {
		return model.Union{}, missing("union", err)
	}
	return u, nil
}

// ReplaceUnion stores u as Version u.Version+1 when the stored version is still
// u.Version; else model.ErrStale, or model.ErrNotFound when there is none.
func (s *Store) ReplaceUnion(ctx context.Context, u model.Union) error {
	replaced, err := s.change(ctx, "replace union", `
		UPDATE unions SET version = version + 1, user_id = ?, created_at = ?
		WHERE open_platform = ? AND union_id = ? AND version = ?`,
		u.UserID, u.CreatedAt.UnixMilli(), u.OpenPlatform, u.UnionID, u.Version)
	if err == nil && !replaced {
		return s.staleOrNoUnion(ctx, u)
	}
	return err
}

// UnionsOf returns the records that name one of these users.
func (s *Store) UnionsOf(ctx context.Context, userIDs ...string) ([]model.Union, error) {
	term, args := among("user_id", userIDs)
	rows, err := s.read.QueryContext(ctx, unionColumns+" WHERE "+term+" ORDER BY open_platform, union_id", args...)
	return collect("unions of users", rows, err, scanUnion)
}

// DeleteUnion removes the record when the stored version is still u.Version, and the
// user the same: versions begin again when a key is claimed after a deletion. Else
// model.ErrStale. When there is none, that is no error.
func (s *Store) DeleteUnion(ctx context.Context, u model.Union) error {
	deleted, err := s.change(ctx, "delete union",
		"DELETE FROM unions WHERE open_platform = ? AND union_id = ? AND version = ? AND user_id = ?",
		u.OpenPlatform, u.UnionID, u.Version, u.UserID)
	if err == nil && !deleted {
		return unlessGone(s.staleOrNoUnion(ctx, u))
	}
	return err
}

func (s *Store) staleOrNoUnion(ctx context.Context, u model.Union) error {
	return s.staleOrMissing(ctx, "SELECT count(*) FROM unions WHERE open_platform = ? AND union_id = ?", u.OpenPlatform, u.UnionID)
}

func scanUnion(row scanner) (u model.Union, err error) {
	var createdAt int64
	err = row.Scan(&u.OpenPlatform, &u.UnionID, &u.Version, &u.UserID, &createdAt)
	u.CreatedAt = instant(createdAt)
	return u, err
}
