package mongostore

import (
	"context"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"wxhub/model"
)

// IdentitiesOf returns the identities of these users, oldest first (ties by AppID, OpenID).
func (s *Store) IdentitiesOf(ctx context.Context, userIDs ...string) ([]model.Identity, error) {
	if len(userIDs) == 0 {
		return nil, nil
	}
	return s.findIdentities(ctx, bson.D{among("user_id", userIDs)}, keys("created_at", "app_id", "open_id"), 0)
}

// IdentitiesIn returns identities of one app with an OpenID after the given one, in
// the order of OpenID.
func (s *Store) IdentitiesIn(ctx context.Context, appID, afterOpenID string, limit int) ([]model.Identity, error) {
	if limit <= 0 {
		return nil, nil
	}
	// The ids of one app lie side by side, in the order of OpenID: they begin with what
	// ends in a colon, and the character after the colon is the semicolon.
	filter := bson.D{{Key: "_id", Value: bson.D{
		{Key: "$gt", Value: pairID(appID, afterOpenID)},
		{Key: "$lt", Value: strings.TrimSuffix(pairID(appID, ""), ":") + ";"},
	}}}
	return s.findIdentities(ctx, filter, keys("_id"), limit)
}

// LinkingIdentities returns identities with Linking set, oldest first.
func (s *Store) LinkingIdentities(ctx context.Context, limit int) ([]model.Identity, error) {
	if limit <= 0 {
		return nil, nil
	}
	filter := bson.D{{Key: "linking", Value: true}}
	return s.findIdentities(ctx, filter, keys("created_at", "app_id", "open_id"), limit)
}

func (s *Store) findIdentities(ctx context.Context, filter, sort bson.D, limit int) ([]model.Identity, error) {
	return findModels(ctx, s.identities, filter, sort, limit, identityRecord.identity)
}
