package mongostore

import (
	"context"
	"time"

	"wxhub/model"
)

// userRecord is the document of a user.
type userRecord struct {
	ID        string        `bson:"_id"`
	Version   int64         `bson:"version"`
	Phone     string        `bson:"phone,omitempty"`
	CreatedAt time.Time     `bson:"created_at"`
	Outbox    []eventRecord `bson:"outbox,omitempty"`
	HasOutbox bool          `bson:"has_outbox"`
}

// InsertUser inserts the user (Version 1) unless the id is taken; false when it was.
func (s *Store) InsertUser(ctx context.Context, u model.User) (bool, error) {
	return insert(ctx, s.users, userRecord{
		ID: u.ID, Version: 1, Phone: u.Phone, CreatedAt: model.Instant(u.CreatedAt),
		Outbox: recordsOf(u.Outbox), HasOutbox: len(u.Outbox) > 0,
	})
}

// User returns one user, or model.ErrNotFound.
func (s *Store) User(ctx context.Context, id string) (model.User, error) {
	r, err := find[userRecord](ctx, s.users, id)
	if err != nil {
		return model.User{}, err
	}
	return model.User{
		ID: r.ID, Version: r.Version, Phone: r.Phone, CreatedAt: r.CreatedAt, Outbox: eventsOf(r.Outbox),
	}, nil
}
