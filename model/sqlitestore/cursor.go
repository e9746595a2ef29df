package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
)

// Cursor returns what was saved under a name, "" when nothing was.
func (s *Store) Cursor(ctx context.Context, name string) (value string, err error) {
	err = s.read.QueryRowContext(ctx, "SELECT value FROM cursors WHERE name = ?", name).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", unavailable("cursor", err)
	}
	return value, nil
}

// SaveCursor saves it, in place of what was there.
func (s *Store) SaveCursor(ctx context.Context, name, value string) error {
	_, err := s.change(ctx, "save cursor", `
		INSERT INTO cursors (name, value) VALUES (?, ?)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value)
	return err
}
