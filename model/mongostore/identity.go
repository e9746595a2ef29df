package mongostore

import (
	"context"
	"errors"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"wxhub/model"
)

// identityRecord is the document of an identity. Documents from before identities
// could change have no version: they were never changed, so theirs is 1.
type identityRecord struct {
	ID           string        `bson:"_id"`
	Version      int64         `bson:"version"`
	AppID        string        `bson:"app_id"`
	OpenID       string        `bson:"open_id"`
	UserID       string        `bson:"user_id"`
	Kind         model.AppKind `bson:"kind"`
	OpenPlatform string        `bson:"open_platform"`
	UnionID      string        `bson:"union_id"`
	Linking      bool          `bson:"linking,omitempty"`
	MovedTo      keyRecord     `bson:"moved_to"`
	CreatedAt    time.Time     `bson:"created_at"`
}

// pairID makes one id of two: app_id:open_id, or open_platform:union_id. What comes
// first has no colon; should it have one, it is escaped, so that two pairs never
// become one id.
func pairID(first, second string) string {
	return strings.NewReplacer("%", "%25", ":", "%3A").Replace(first) + ":" + second
}

func identityID(k model.IdentityKey) string { return pairID(k.AppID, k.OpenID) }

func recordOfIdentity(i model.Identity, version int64) identityRecord {
	return identityRecord{
		ID: identityID(i.Key()), Version: version, AppID: i.AppID, OpenID: i.OpenID, UserID: i.UserID, Kind: i.Kind,
		OpenPlatform: i.OpenPlatform, UnionID: i.UnionID, Linking: i.Linking, MovedTo: keyRecord(i.MovedTo),
		CreatedAt: model.Instant(i.CreatedAt),
	}
}

func (r identityRecord) identity() model.Identity {
	return model.Identity{
		AppID: r.AppID, OpenID: r.OpenID, UserID: r.UserID, Kind: r.Kind,
		OpenPlatform: r.OpenPlatform, UnionID: r.UnionID, Linking: r.Linking, MovedTo: model.IdentityKey(r.MovedTo),
		CreatedAt: r.CreatedAt, Version: max(r.Version, 1),
	}
}

// ClaimIdentity inserts the identity with Version 1 unless (AppID, OpenID) is taken.
// It returns the record that stands, and whether this call made it.
func (s *Store) ClaimIdentity(ctx context.Context, i model.Identity) (model.Identity, bool, error) {
	for {
		r := recordOfIdentity(i, 1)
		created, err := insert(ctx, s.identities, r)
		if err != nil {
			return model.Identity{}, false, err
		}
		if created {
			return r.identity(), true, nil
		}
		stored, err := s.Identity(ctx, i.Key())
		if !errors.Is(err, model.ErrNotFound) { // else it was deleted meanwhile: the key is free
			return stored, false, err
		}
	}
}

// Identity returns one identity, or model.ErrNotFound.
func (s *Store) Identity(ctx context.Context, k model.IdentityKey) (model.Identity, error) {
	r, err := find[identityRecord](ctx, s.identities, identityID(k))
	if err != nil {
		return model.Identity{}, err
	}
	return r.identity(), nil
}

// ReplaceIdentity stores i as Version i.Version+1 when the stored version is still
// i.Version; else model.ErrStale, or model.ErrNotFound when there is none. Versions
// begin again when a key is claimed after a deletion, so a record that names another
// user is another record: stale.
func (s *Store) ReplaceIdentity(ctx context.Context, i model.Identity) error {
	return replace(ctx, s.identities, sameIdentity(i), recordOfIdentity(i, i.Version+1))
}

// DeleteIdentity removes the record when the stored version is still i.Version, and
// the user the same; else model.ErrStale. When there is none, that is no error.
func (s *Store) DeleteIdentity(ctx context.Context, i model.Identity) error {
	return remove(ctx, s.identities, sameIdentity(i))
}

// sameIdentity finds the record that i was read from.
func sameIdentity(i model.Identity) bson.D {
	filter := ofVersion(identityID(i.Key()), i.Version)
	if i.Version == 1 {
		filter[1].Value = bson.D{{Key: "$in", Value: bson.A{int64(1), nil}}} // null finds those without
	}
	return append(filter, bson.E{Key: "user_id", Value: i.UserID})
}
