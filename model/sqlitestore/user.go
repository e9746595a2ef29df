package sqlitestore

import (
	"context"

	"wxhub/model"
)

// erasing is the first name of Unsettled.
const userColumns = "SELECT id, version, created_at, merged_into, erasing, outbox, doc FROM users"

// InsertUser inserts the user (Version 1) unless the id is taken; false when it was.
func (s *Store) InsertUser(ctx context.Context, u model.User) (bool, error) {
	outbox, doc, err := encodeUser(u)
	if err != nil {
		return false, err
	}
	return s.change(ctx, "insert user", `
		INSERT INTO users (id, version, created_at, merged_into, erasing, outbox, doc)
		VALUES (?, 1, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
		u.ID, u.CreatedAt.UnixMilli(), u.MergedInto, u.Unsettled, outbox, doc)
}

// User returns one user, or model.ErrNotFound.
func (s *Store) User(ctx context.Context, id string) (model.User, error) {
	u, err := scanUser(s.read.QueryRowContext(ctx, userColumns+" WHERE id = ?", id))
	if err != nil {
		return model.User{}, missing("user", err)
	}
	return u, nil
}

// ReplaceUser stores u as Version u.Version+1 when the stored version is still
// u.Version; else model.ErrStale, or model.ErrNotFound when there is no such user.
func (s *Store) ReplaceUser(ctx context.Context, u model.User) error {
	outbox, doc, err := encodeUser(u)
	if err != nil {
		return err
	}
	replaced, err := s.change(ctx, "replace user", `
		UPDATE users SET version = version + 1, created_at = ?, merged_into = ?, erasing = ?, outbox = ?, doc = ?
		WHERE id = ? AND version = ?`,
		u.CreatedAt.UnixMilli(), u.MergedInto, u.Unsettled, outbox, doc, u.ID, u.Version)
	if err == nil && !replaced {
		return s.staleOrMissing(ctx, "SELECT count(*) FROM users WHERE id = ?", u.ID)
	}
	return err
}

func encodeUser(u model.User) (outbox *string, doc string, err error) {
	if outbox, err = encodeOutbox(recordsOf(u.Outbox)); err != nil {
		return nil, "", err
	}
	doc, err = encode(recordOfUser(u))
	return outbox, doc, err
}

func scanUser(row scanner) (u model.User, err error) {
	var (
		createdAt int64
		outbox    *string
		doc       string
		record    userRecord
	)
	if err := row.Scan(&u.ID, &u.Version, &createdAt, &u.MergedInto, &u.Unsettled, &outbox, &doc); err != nil {
		return model.User{}, err
	}
	events, err := decodeOutbox("user "+u.ID, outbox)
	if err != nil {
		return model.User{}, err
	}
	if err := decode("user "+u.ID, doc, &record); err != nil {
		return model.User{}, err
	}
	u.CreatedAt, u.Outbox = instant(createdAt), eventsOf(events)
	u.Phone, u.PhoneAt, u.ErasedAt = record.Phone, record.PhoneAt, record.ErasedAt
	for _, m := range record.Merges {
		u.Merges = append(u.Merges, m.merge())
	}
	return u, nil
}
