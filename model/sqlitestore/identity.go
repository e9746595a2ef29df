package sqlitestore

import (
	"context"
	"errors"

	"wxhub/model"
)

const identityColumns = `SELECT app_id, open_id, user_id, kind, open_platform, union_id,
	linking, moved_app_id, moved_open_id, created_at, version FROM identities`

// ClaimIdentity inserts the identity with Version 1 unless (AppID, OpenID) is taken.
// It returns the record that stands, and whether this call made it.
func (s *Store) ClaimIdentity(ctx context.Context, i model.Identity) (model.Identity, bool, error) {
	for {
		created, err := s.insertIdentity(ctx, i)
		if err != nil {
			return model.Identity{}, false, err
		}
		if created {
			i.CreatedAt, i.Version = model.Instant(i.CreatedAt), 1
			return i, true, nil
		}
		stored, err := s.Identity(ctx, i.Key())
		if !errors.Is(err, model.ErrNotFound) { // else it was deleted meanwhile: the key is free
			return stored, false, err
		}
	}
}

func (s *Store) insertIdentity(ctx context.Context, i model.Identity) (bool, error) {
	return s.change(ctx, "claim identity", `
		INSERT INTO identities (app_id, open_id, user_id, kind, open_platform, union_id,
			linking, moved_app_id, moved_open_id, created_at, version)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1) ON CONFLICT (app_id, open_id) DO NOTHING`,
		i.AppID, i.OpenID, i.UserID, string(i.Kind), i.OpenPlatform, i.UnionID,
		i.Linking, i.MovedTo.AppID, i.MovedTo.OpenID, i.CreatedAt.UnixMilli())
}

// Identity returns one identity, or model.ErrNotFound.
func (s *Store) Identity(ctx context.Context, k model.IdentityKey) (model.Identity, error) {
	i, err := scanIdentity(s.read.QueryRowContext(ctx, identityColumns+" WHERE app_id = ? AND open_id = ?", k.AppID, k.OpenID))
	if err != nil {
		return model.Identity{}, missing("identity", err)
	}
	return i, nil
}

// ReplaceIdentity stores i as Version i.Version+1 when the stored version is still
// i.Version; else model.ErrStale, or model.ErrNotFound when there is none. Versions
// begin again when a key is claimed after a deletion, so a record that names another
// user is another record: stale.
func (s *Store) ReplaceIdentity(ctx context.Context, i model.Identity) error {
	replaced, err := s.change(ctx, "replace identity", `
		UPDATE identities SET version = version + 1, kind = ?, open_platform = ?, union_id = ?,
			linking = ?, moved_app_id = ?, moved_open_id = ?, created_at = ?
		WHERE app_id = ? AND open_id = ? AND version = ? AND user_id = ?`,
		string(i.Kind), i.OpenPlatform, i.UnionID,
		i.Linking, i.MovedTo.AppID, i.MovedTo.OpenID, i.CreatedAt.UnixMilli(),
		i.AppID, i.OpenID, i.Version, i.UserID)
	if err == nil && !replaced {
		return s.staleOrNoIdentity(ctx, i.Key())
	}
	return err
}

// DeleteIdentity removes the record when the stored version is still i.Version, and
// the user the same; else model.ErrStale. When there is none, that is no error.
func (s *Store) DeleteIdentity(ctx context.Context, i model.Identity) error {
	deleted, err := s.change(ctx, "delete identity",
		"DELETE FROM identities WHERE app_id = ? AND open_id = ? AND version = ? AND user_id = ?",
		i.AppID, i.OpenID, i.Version, i.UserID)
	if err == nil && !deleted {
		return unlessGone(s.staleOrNoIdentity(ctx, i.Key()))
	}
	return err
}

func (s *Store) staleOrNoIdentity(ctx context.Context, k model.IdentityKey) error {
	return s.staleOrMissing(ctx, "SELECT count(*) FROM identities WHERE app_id = ? AND open_id = ?", k.AppID, k.OpenID)
}

func scanIdentity(row scanner) (i model.Identity, err error) {
	var createdAt int64
	err = row.Scan(&i.AppID, &i.OpenID, &i.UserID, &i.Kind, &i.OpenPlatform, &i.UnionID,
		&i.Linking, &i.MovedTo.AppID, &i.MovedTo.OpenID, &createdAt, &i.Version)
	i.CreatedAt = instant(createdAt)
	return i, err
}
