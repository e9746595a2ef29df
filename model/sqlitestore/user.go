package sqlitestore

import (
	"context"

	"wxhub/model"
)

// userRecord is the document of a user: everything that has no column.
type userRecord struct {
	Phone string `json:"phone,omitempty"`
}

// InsertUser inserts the user (Version 1) unless the id is taken; false when it was.
func (s *Store) InsertUser(ctx context.Context, u model.User) (bool, error) {
	outbox, err := encodeOutbox(recordsOf(u.Outbox))
	if err != nil {
		return false, err
	}
	doc, err := encode(userRecord{Phone: u.Phone})
	if err != nil {
		return false, err
	}
	return s.change(ctx, "insert user", `
		INSERT INTO users (id, version, created_at, outbox, doc)
		VALUES (?, 1, ?, ?, ?) ON CONFLICT (id) DO NOTHING`, u.ID, u.CreatedAt.UnixMilli(), outbox, doc)
}

// User returns one user, or model.ErrNotFound.
func (s *Store) User(ctx context.Context, id string) (model.User, error) {
	var (
		u         = model.User{ID: id}
		createdAt int64
		outbox    *string
		doc       string
		record    userRecord
	)
	err := s.read.QueryRowContext(ctx, "SELECT version, created_at, outbox, doc FROM users WHERE id = ?", id).
		Scan(&u.Version, &createdAt, &outbox, &doc)
	if err != nil {
		return model.User{}, missing("user", err)
	}
	events, err := decodeOutbox("user "+id, outbox)
	if err != nil {
		return model.User{}, err
	}
	if err := decode("user "+id, doc, &record); err != nil {
		return model.User{}, err
	}
	u.CreatedAt, u.Outbox, u.Phone = instant(createdAt), eventsOf(events), record.Phone
	return u, nil
}
