package mongostore

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"

	"wxhub/model"
)

// InsertUser inserts the user (Version 1) unless the id is taken; false when it was.
func (s *Store) InsertUser(ctx context.Context, u model.User) (bool, error) {
	return insert(ctx, s.users, recordOfUser(u, 1))
}

// User returns one user, or model.ErrNotFound.
func (s *Store) User(ctx context.Context, id string) (model.User, error) {
	r, err := find[userRecord](ctx, s.users, id)
	if err != nil {
		return model.User{}, err
	}
	return r.user(), nil
}

// ReplaceUser stores u as Version u.Version+1 when the stored version is still
// u.Version; else model.ErrStale, or model.ErrNotFound when there is no such user.
func (s *Store) ReplaceUser(ctx context.Context, u model.User) error {
	return replace(ctx, s.users, ofVersion(u.ID, u.Version), recordOfUser(u, u.Version+1))
}

// MergedInto returns the users whose MergedInto is one of ids, in the order of ID.
// The empty id is nobody's: no document has it.
func (s *Store) MergedInto(ctx context.Context, ids ...string) ([]model.User, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return s.findUsers(ctx, bson.D{among("merged_into", ids)}, keys("_id"), 0)
}

// ListUsers returns users of their own (MergedInto is empty), newest id first, with
// an id before beforeID unless that is empty.
func (s *Store) ListUsers(ctx context.Context, beforeID string, limit int) ([]model.User, error) {
	if limit <= 0 {
		return nil, nil
	}
	// null finds the documents without the field, which is all that we write.
	filter := bson.D{{Key: "merged_into", Value: nil}}
	if beforeID != "" {
		filter = append(filter, bson.E{Key: "_id", Value: bson.D{{Key: "$lt", Value: beforeID}}})
	}
	return s.findUsers(ctx, filter, bson.D{{Key: "_id", Value: -1}}, limit)
}

// UnsettledUsers returns users with Unsettled set, in the order of ID.
func (s *Store) UnsettledUsers(ctx context.Context, limit int) ([]model.User, error) {
	if limit <= 0 {
		return nil, nil
	}
	return s.findUsers(ctx, bson.D{{Key: "erasing", Value: true}}, keys("_id"), limit)
}

func (s *Store) findUsers(ctx context.Context, filter, sort bson.D, limit int) ([]model.User, error) {
	return findModels(ctx, s.users, filter, sort, limit, userRecord.user)
}
