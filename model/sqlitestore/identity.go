package sqlitestore

import (
	"context"

	"wxhub/model"
)

const identityColumns = "SELECT app_id, open_id, user_id, kind, open_platform, union_id, created_at FROM identities"

// ClaimIdentity inserts the identity unless (AppID, OpenID) is taken. It returns
// the record that stands, and whether this call made it.
func (s *Store) ClaimIdentity(ctx context.Context, i model.Identity) (model.Identity, bool, error) {
	created, err := s.change(ctx, "claim identity", `
		INSERT INTO identities (app_id, open_id, user_id, kind, open_platform, union_id, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (app_id, open_id) DO NOTHING`,
		i.AppID, i.OpenID, i.UserID, string(i.Kind), i.OpenPlatform, i.UnionID, i.CreatedAt.UnixMilli())
	if err != nil {
		return model.Identity{}, false, err
	}
	stored, err := s.Identity(ctx, i.AppID, i.OpenID)
	return stored, created, err
}

// Identity returns one identity, or model.ErrNotFound.
func (s *Store) Identity(ctx context.Context, appID, openID string) (model.Identity, error) {
	i, err := scanIdentity(s.read.QueryRowContext(ctx, identityColumns+" WHERE app_id = ? AND open_id = ?", appID, openID))
	if err != nil {
		return model.Identity{}, missing("identity", err)
	}
	return i, nil
}

// SetUnionID records a UnionID on an identity that has none and returns the
// record that stands: a stored UnionID is never overwritten. model.ErrNotFound.
func (s *Store) SetUnionID(ctx context.Context, appID, openID, unionID string) (model.Identity, error) {
	_, err := s.change(ctx, "set union id",
		"UPDATE identities SET union_id = ? WHERE app_id = ? AND open_id = ? AND union_id = ''", unionID, appID, openID)
	if err != nil {
		return model.Identity{}, err
	}
	return s.Identity(ctx, appID, openID)
}

// IdentitiesOf returns the identities of one user, oldest first (ties by AppID, OpenID).
func (s *Store) IdentitiesOf(ctx context.Context, userID string) ([]model.Identity, error) {
	rows, err := s.read.QueryContext(ctx, identityColumns+" WHERE user_id = ? ORDER BY created_at, app_id, open_id", userID)
	return collect("identities of a user", rows, err, scanIdentity)
}

func scanIdentity(row scanner) (i model.Identity, err error) {
	var createdAt int64
	err = row.Scan(&i.AppID, &i.OpenID, &i.UserID, &i.Kind, &i.OpenPlatform, &i.UnionID, &createdAt)
	i.CreatedAt = instant(createdAt)
	return i, err
}
