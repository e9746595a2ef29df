package mongostore

import (
	"context"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"wxhub/model"
)

// identityRecord is the document of an identity. UnionID is always there, because
// setting it is conditional on its being empty.
type identityRecord struct {
	ID           string        `bson:"_id"`
	AppID        string        `bson:"app_id"`
	OpenID       string        `bson:"open_id"`
	UserID       string        `bson:"user_id"`
	Kind         model.AppKind `bson:"kind"`
	OpenPlatform string        `bson:"open_platform"`
	UnionID      string        `bson:"union_id"`
	CreatedAt    time.Time     `bson:"created_at"`
}

// identityID is app_id:open_id. App ids have no colon; should one have, it is
// escaped, so that two pairs never become one id.
func identityID(appID, openID string) string {
	return strings.NewReplacer("%", "%25", ":", "%3A").Replace(appID) + ":" + openID
}

func recordOfIdentity(i model.Identity) identityRecord {
	return identityRecord{
		ID: identityID(i.AppID, i.OpenID), AppID: i.AppID, OpenID: i.OpenID, UserID: i.UserID, Kind: i.Kind,
		OpenPlatform: i.OpenPlatform, UnionID: i.UnionID, CreatedAt: model.Instant(i.CreatedAt),
	}
}

func (r identityRecord) identity() model.Identity {
	return model.Identity{
		AppID: r.AppID, OpenID: r.OpenID, UserID: r.UserID, Kind: r.Kind,
		OpenPlatform: r.OpenPlatform, UnionID: r.UnionID, CreatedAt: r.CreatedAt,
	}
}

// ClaimIdentity inserts the identity unless (AppID, OpenID) is taken. It returns
// the record that stands, and whether this call made it.
func (s *Store) ClaimIdentity(ctx context.Context, i model.Identity) (model.Identity, bool, error) {
	stands := recordOfIdentity(i)
	created, err := insert(ctx, s.identities, stands)
	if err == nil && !created {
		stands, err = find[identityRecord](ctx, s.identities, stands.ID)
	}
	if err != nil {
		return model.Identity{}, false, err
	}
	return stands.identity(), created, nil
}

// Identity returns one identity, or model.ErrNotFound.
func (s *Store) Identity(ctx context.Context, appID, openID string) (model.Identity, error) {
	r, err := find[identityRecord](ctx, s.identities, identityID(appID, openID))
	if err != nil {
		return model.Identity{}, err
	}
	return r.identity(), nil
}

// SetUnionID records a UnionID on an identity that has none and returns the
// record that stands: a stored UnionID is never overwritten. model.ErrNotFound.
func (s *Store) SetUnionID(ctx context.Context, appID, openID, unionID string) (model.Identity, error) {
	withoutOne := bson.D{{Key: "_id", Value: identityID(appID, openID)}, {Key: "union_id", Value: ""}}
	set := bson.D{{Key: "$set", Value: bson.D{{Key: "union_id", Value: unionID}}}}
	if _, err := s.identities.UpdateOne(ctx, withoutOne, set); err != nil {
		return model.Identity{}, unavailable("set union id", err)
	}
	return s.Identity(ctx, appID, openID)
}

// IdentitiesOf returns the identities of one user, oldest first (ties by AppID, OpenID).
func (s *Store) IdentitiesOf(ctx context.Context, userID string) ([]model.Identity, error) {
	filter := bson.D{{Key: "user_id", Value: userID}}
	records, err := findAll[identityRecord](ctx, s.identities, filter, keys("created_at", "app_id", "open_id"), 0)
	var identities []model.Identity
	for _, r := range records {
		identities = append(identities, r.identity())
	}
	return identities, err
}
