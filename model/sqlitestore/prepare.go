package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// prepare makes the file a database of ours, with the newest schema and in WAL
// mode, or says why it must not be touched. Several processes may do it at once.
func prepare(ctx context.Context, db *sql.DB, path string) error {
	err := transact(ctx, db, func(tx *sql.Tx) error {
		_, err := inspect(ctx, tx, path)
		return err
	})
	if err != nil {
		return explain(err, path)
	}
	// Only now: changing the journal mode would already change a foreign file.
	if err := useWAL(ctx, db, path); err != nil {
		return explain(err, path)
	}
	if err := checkPages(ctx, db, path); err != nil {
		return explain(err, path)
	}
	return explain(transact(ctx, db, func(tx *sql.Tx) error { return migrate(ctx, tx, path) }), path)
}

// explain turns the two failures that waiting does not cure into advice.
func explain(err error, path string) error {
	var e *sqlite.Error
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &e):
		return unavailableUnlessCoded("prepare "+path, err)
	case e.Code()&0xff == sqlite3.SQLITE_NOTADB:
		return unusable(err, "%s is not a SQLite database (or is encrypted): "+
			"point store.url at another file, or move this one away and start again", path)
	case e.Code()&0xff == sqlite3.SQLITE_CORRUPT:
		return damaged(err, path)
	case e.Code()&0xff == sqlite3.SQLITE_READONLY, e.Code()&0xff == sqlite3.SQLITE_CANTOPEN:
		return unusable(err, "%s cannot be written: give this user write access to the file and its directory", path)
	}
	return unavailableUnlessCoded("prepare "+path, err)
}

func damaged(cause error, path string) error {
	return unusable(cause, "the database %s is damaged: stop all writers, keep a copy of it with its -wal file, "+
		"then restore a backup or recover it with `sqlite3 %s .recover`", path, path)
}

// checkPages reads the whole file once, so damage shows when the program starts
// and not under a payment.
func checkPages(ctx context.Context, db *sql.DB, path string) error {
	var report string
	if err := db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&report); err != nil {
		return err
	}
	if report != "ok" {
		return damaged(errors.New(report), path)
	}
	return nil
}

// useWAL switches the journal once per file. SQLite does not wait for other
// connections here as it does elsewhere, so this does.
func useWAL(ctx context.Context, db *sql.DB, path string) error {
	retry := time.NewTicker(20 * time.Millisecond)
	defer retry.Stop()
	for range 500 {
		var mode string
		err := db.QueryRowContext(ctx, "PRAGMA journal_mode = WAL").Scan(&mode)
		if err == nil && mode != "wal" {
			return unusable(nil, "%s cannot have a write-ahead log (mode %q): put it on a local disk", path, mode)
		}
		var e *sqlite.Error
		if !errors.As(err, &e) || e.Code()&0xff != sqlite3.SQLITE_BUSY {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-retry.C:
		}
	}
	return fmt.Errorf("another process keeps %s locked", path)
}

// transact runs f in one write transaction.
func transact(ctx context.Context, db *sql.DB, f func(*sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := f(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}
