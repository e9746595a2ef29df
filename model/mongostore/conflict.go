package mongostore

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"wxhub/model"
)

// conflictRecord is the document of a conflict.
type conflictRecord struct {
	ID           string               `bson:"_id"`
	Version      int64                `bson:"version"`
	AppID        string               `bson:"app_id"`
	OpenID       string               `bson:"open_id"`
	OpenPlatform string               `bson:"open_platform"`
	Recorded     string               `bson:"recorded"`
	Reported     string               `bson:"reported"`
	UserID       string               `bson:"user_id"`
	Status       model.ConflictStatus `bson:"status"`
	CreatedAt    time.Time            `bson:"created_at,omitempty"`
	ResolvedAt   time.Time            `bson:"resolved_at,omitempty"`
}

func recordOfConflict(c model.Conflict, version int64) conflictRecord {
	return conflictRecord{
		ID: c.ID, Version: version, AppID: c.AppID, OpenID: c.OpenID, OpenPlatform: c.OpenPlatform,
		Recorded: c.Recorded, Reported: c.Reported, UserID: c.UserID, Status: c.Status,
		CreatedAt: model.Instant(c.CreatedAt), ResolvedAt: model.Instant(c.ResolvedAt),
	}
}

func (r conflictRecord) conflict() model.Conflict {
	return model.Conflict{
		ID: r.ID, Version: r.Version, AppID: r.AppID, OpenID: r.OpenID, OpenPlatform: r.OpenPlatform,
		Recorded: r.Recorded, Reported: r.Reported, UserID: r.UserID, Status: r.Status,
		CreatedAt: r.CreatedAt, ResolvedAt: r.ResolvedAt,
	}
}

// AddConflict stores c with Version 1 unless its ID is taken; false when it was.
func (s *Store) AddConflict(ctx context.Context, c model.Conflict) (bool, error) {
	return insert(ctx, s.conflicts, recordOfConflict(c, 1))
}

// Conflict returns one, or model.ErrNotFound.
func (s *Store) Conflict(ctx context.Context, id string) (model.Conflict, error) {
	r, err := find[conflictRecord](ctx, s.conflicts, id)
	if err != nil {
		return model.Conflict{}, err
	}
	return r.conflict(), nil
}

// ReplaceConflict stores c as Version c.Version+1 when the stored version is still
// c.Version; else model.ErrStale, or model.ErrNotFound when there is none.
func (s *Store) ReplaceConflict(ctx context.Context, c model.Conflict) error {
	return replace(ctx, s.conflicts, ofVersion(c.ID, c.Version), recordOfConflict(c, c.Version+1))
}

// ListConflicts returns conflicts of one status, in the order of ID, after afterID.
func (s *Store) ListConflicts(ctx context.Context, status model.ConflictStatus, afterID string, limit int) ([]model.Conflict, error) {
	if limit <= 0 {
		return nil, nil
	}
	filter := bson.D{
		{Key: "status", Value: string(status)},
		{Key: "_id", Value: bson.D{{Key: "$gt", Value: afterID}}},
	}
	return findModels(ctx, s.conflicts, filter, keys("_id"), limit, conflictRecord.conflict)
}

// DeleteConflicts removes all conflicts of one identity; none is no error.
func (s *Store) DeleteConflicts(ctx context.Context, k model.IdentityKey) error {
	filter := bson.D{{Key: "app_id", Value: k.AppID}, {Key: "open_id", Value: k.OpenID}}
	if _, err := s.conflicts.DeleteMany(ctx, filter); err != nil {
		return unavailable("delete conflicts", err)
	}
	return nil
}
