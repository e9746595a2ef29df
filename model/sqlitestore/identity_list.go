package sqlitestore

import (
	"context"

	"wxhub/model"
)

// IdentitiesOf returns the identities of these users, oldest first (ties by AppID, OpenID).
func (s *Store) IdentitiesOf(ctx context.Context, userIDs ...string) ([]model.Identity, error) {
	term, args := among("user_id", userIDs)
	rows, err := s.read.QueryContext(ctx, identityColumns+" WHERE "+term+" ORDER BY created_at, app_id, open_id", args...)
	return collect("identities of users", rows, err, scanIdentity)
}

// IdentitiesIn returns identities of one app with an OpenID after the given one, in
// the order of OpenID.
func (s *Store) IdentitiesIn(ctx context.Context, appID, afterOpenID string, limit int) ([]model.Identity, error) {
	rows, err := s.read.QueryContext(ctx, identityColumns+`
		WHERE app_id = ? AND open_id > ? ORDER BY open_id LIMIT ?`, appID, afterOpenID, max(limit, 0))
	return collect("identities in an app", rows, err, scanIdentity)
}

// LinkingIdentities returns identities with Linking set, oldest first.
func (s *Store) LinkingIdentities(ctx context.Context, limit int) ([]model.Identity, error) {
	rows, err := s.read.QueryContext(ctx, identityColumns+`
		WHERE linking = 1 ORDER BY created_at, app_id, open_id LIMIT ?`, max(limit, 0))
	return collect("linking identities", rows, err, scanIdentity)
}
