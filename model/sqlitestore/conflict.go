package sqlitestore

import (
	"context"
	"time"

	"wxhub/model"
)

const conflictColumns = "SELECT id, version, status, app_id, open_id, doc FROM conflicts"

// conflictRecord is the document of a conflict: everything that has no column.
type conflictRecord struct {
	OpenPlatform string    `json:"open_platform"`
	Recorded     string    `json:"recorded"`
	Reported     string    `json:"reported"`
	UserID       string    `json:"user_id"`
	CreatedAt    time.Time `json:"created_at,omitzero"`
	ResolvedAt   time.Time `json:"resolved_at,omitzero"`
}

func encodeConflict(c model.Conflict) (string, error) {
	return encode(conflictRecord{
		OpenPlatform: c.OpenPlatform, Recorded: c.Recorded, Reported: c.Reported, UserID: c.UserID,
		CreatedAt: model.Instant(c.CreatedAt), ResolvedAt: model.Instant(c.ResolvedAt),
	})
}

// AddConflict stores c with Version 1 unless its ID is taken; false when it was.
func (s *Store) AddConflict(ctx context.Context, c model.Conflict) (bool, error) {
	doc, err := encodeConflict(c)
	if err != nil {
		return false, err
	}
	return s.change(ctx, "add conflict", `
		INSERT INTO conflicts (id, version, status, app_id, open_id, doc)
		VALUES (?, 1, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`, c.ID, string(c.Status), c.AppID, c.OpenID, doc)
}

// Conflict returns one, or model.ErrNotFound.
func (s *Store) Conflict(ctx context.Context, id string) (model.Conflict, error) {
	c, err := scanConflict(s.read.QueryRowContext(ctx, conflictColumns+" WHERE id = ?", id))
	if err != nil {
		return model.Conflict{}, missing("conflict", err)
	}
	return c, nil
}

// ReplaceConflict stores c as Version c.Version+1 when the stored version is still
// c.Version; else model.ErrStale, or model.ErrNotFound when there is none.
func (s *Store) ReplaceConflict(ctx context.Context, c model.Conflict) error {
	doc, err := encodeConflict(c)
	if err != nil {
		return err
	}
	replaced, err := s.change(ctx, "replace conflict", `
		UPDATE conflicts SET version = version + 1, status = ?, app_id = ?, open_id = ?, doc = ?
		WHERE id = ? AND version = ?`, string(c.Status), c.AppID, c.OpenID, doc, c.ID, c.Version)
	if err == nil && !replaced {
		return s.staleOrMissing(ctx, "SELECT count(*) FROM conflicts WHERE id = ?", c.ID)
	}
	return err
}

// ListConflicts returns conflicts of one status, in the order of ID, after afterID.
func (s *Store) ListConflicts(ctx context.Context, status model.ConflictStatus, afterID string, limit int) ([]model.Conflict, error) {
	rows, err := s.read.QueryContext(ctx, conflictColumns+`
		WHERE status = ? AND id > ? ORDER BY id LIMIT ?`, string(status), afterID, max(limit, 0))
	return collect("list conflicts", rows, err, scanConflict)
}

// DeleteConflicts removes all conflicts of one identity; none is no error.
func (s *Store) DeleteConflicts(ctx context.Context, k model.IdentityKey) error {
	_, err := s.changeAll(ctx, "delete conflicts", "DELETE FROM conflicts WHERE app_id = ? AND open_id = ?", k.AppID, k.OpenID)
	return err
}

func scanConflict(row scanner) (c model.Conflict, err error) {
	var (
		doc    string
		record conflictRecord
	)
	if err := row.Scan(&c.ID, &c.Version, &c.Status, &c.AppID, &c.OpenID, &doc); err != nil {
		return model.Conflict{}, err
	}
	if err := decode("conflict "+c.ID, doc, &record); err != nil {
		return model.Conflict{}, err
	}
	c.OpenPlatform, c.Recorded, c.Reported, c.UserID = record.OpenPlatform, record.Recorded, record.Reported, record.UserID
	c.CreatedAt, c.ResolvedAt = record.CreatedAt, record.ResolvedAt
	return c, nil
}
