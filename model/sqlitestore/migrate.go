package sqlitestore

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"path"
	"slices"
)

//go:embed migrations/*.sql
var migrations embed.FS

// applicationID marks our files ("wxhb"), so that another program's database is
// not taken for an empty one.
const applicationID = 0x77786862

// steps returns the migrations in order; the schema version is their number.
func steps() ([]string, error) {
	entries, err := migrations.ReadDir("migrations")
	if err != nil {
		return nil, err
	}
	var files []string
	for _, e := range entries {
		files = append(files, path.Join("migrations", e.Name()))
	}
	slices.Sort(files)
	return files, nil
}

// inspect returns the schema version of a file that may be used.
func inspect(ctx context.Context, tx *sql.Tx, path string) (version int, err error) {
	var application, tables int
	for query, into := range map[string]*int{
		"PRAGMA application_id":              &application,
		"PRAGMA user_version":                &version,
		"SELECT count(*) FROM sqlite_schema": &tables,
	} {
		if err := tx.QueryRowContext(ctx, query).Scan(into); err != nil {
			return 0, err
		}
	}
	known, err := steps()
	if err != nil {
		return 0, err
	}
	ours := application == applicationID || application == 0 && version == 0 && tables == 0
	if !ours {
		return 0, unusable(nil, "%s is the SQLite database of another program: point store.url at another file", path)
	}
	if version > len(known) {
		return 0, unusable(nil, "%s has schema version %d, this wxhub knows versions up to %d: "+
			"run the newer wxhub that wrote it, or restore a backup from before the upgrade", path, version, len(known))
	}
	return version, nil
}

// migrate applies the steps that the file has not seen. It looks again inside its
// own transaction, because another process may just have done it.
func migrate(ctx context.Context, tx *sql.Tx, path string) error {
	version, err := inspect(ctx, tx, path)
	if err != nil {
		return err
	}
	known, err := steps()
	if err != nil || version == len(known) {
		return err
	}
	for _, file := range known[version:] {
		text, err := migrations.ReadFile(file)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, string(text)); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	_, err = tx.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d", applicationID, len(known)))
	return err
}
