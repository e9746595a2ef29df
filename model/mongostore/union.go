package mongostore

import (
	"context"
	"errors"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"wxhub/model"
)

// unionRecord is the document of a UnionID.
type unionRecord struct {
	ID           string    `bson:"_id"`
	Version      int64     `bson:"version"`
	OpenPlatform string    `bson:"open_platform"`
	UnionID      string    `bson:"union_id"`
	UserID       string    `bson:"user_id"`
	CreatedAt    time.Time `bson:"created_at"`
}

func recordOfUnion(u model.Union, version int64) unionRecord {
	return unionRecord{
		ID: pairID(u.OpenPlatform, u.UnionID), Version: version, OpenPlatform: u.OpenPlatform, UnionID: u.UnionID,
		UserID: u.UserID, CreatedAt: model.Instant(u.CreatedAt),
	}
}

func (r unionRecord) union() model.Union {
	return model.Union{
		OpenPlatform: r.OpenPlatform, UnionID: r.UnionID, UserID: r.UserID, CreatedAt: r.CreatedAt, Version: r.Version,
	}
}

// ClaimUnion inserts the record with Version 1 unless its key is taken. It returns
// the record that stands, and whether this call made it.
func (s *Store) ClaimUnion(ctx context.Context, u model.Union) (model.Union, bool, error) {
	for {
		r := recordOfUnion(u, 1)
		created, err := insert(ctx, s.unions, r)
		if err != nil {
			return model.Union{}, false, err
		}
		if created {
			return r.union(), true, nil
		}
		stored, err := s.Union(ctx, model.UnionKey{OpenPlatform: u.OpenPlatform, UnionID: u.UnionID})
		if !errors.Is(err, model.ErrNotFound) { // else it was deleted meanwhile: the key is free
			return stored, false, err
		}
	}
}

// Union returns one record, or model.ErrNotFound.
func (s *Store) Union(ctx context.Context, k model.UnionKey) (model.Union, error) {
	r, err := find[unionRecord](ctx, s.unions, pairID(k.OpenPlatform, k.UnionID))
	if err != nil {
		return model.Union{}, err
	}
	return r.union(), nil
}

// ReplaceUnion stores u as Version u.Version+1 when the stored version is still
// u.Version; else model.ErrStale, or model.ErrNotFound when there is none.
func (s *Store) ReplaceUnion(ctx context.Context, u model.Union) error {
	return replace(ctx, s.unions, ofVersion(pairID(u.OpenPlatform, u.UnionID), u.Version), recordOfUnion(u, u.Version+1))
}

// UnionsOf returns the records that name one of these users.
func (s *Store) UnionsOf(ctx context.Context, userIDs ...string) ([]model.Union, error) {
	if len(userIDs) == 0 {
		return nil, nil
	}
	byKey := keys("open_platform", "union_id")
	return findModels(ctx, s.unions, bson.D{among("user_id", userIDs)}, byKey, 0, unionRecord.union)
}

// DeleteUnion removes the record when the stored version is still u.Version, and the
// user the same: versions begin again when a key is claimed after a deletion. Else
// model.ErrStale. When there is none, that is no error.
func (s *Store) DeleteUnion(ctx context.Context, u model.Union) error {
	read := ofVersion(pairID(u.OpenPlatform, u.UnionID), u.Version)
	return remove(ctx, s.unions, append(read, bson.E{Key: "user_id", Value: u.UserID}))
}
