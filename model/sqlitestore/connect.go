package sqlitestore

import (
	"database/sql"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"modernc.org/sqlite"

	"wxhub/model"
)

// readers is enough for requests to overlap; each costs a few MB of cache.
const readers = 4

// Both pools wait up to 10 s for another process's write, and switch off what a
// store never needs: writes to the schema table and misspelled identifiers that
// silently become strings. Writing transactions take the lock when they begin,
// because one that upgrades later can fail at once.
const (
	forBoth    = "_busy_timeout=10000&_defensive=1&_dqs=0&_error_rc=1"
	forWriting = forBoth + "&_synchronous=FULL&_foreign_keys=on&_txlock=immediate"
	forReading = forBoth + "&_query_only=on"
)

func connect(path, options string, conns int) (*sql.DB, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	dsn := url.URL{Scheme: "file", Path: filepath.ToSlash(abs), RawQuery: options}
	c, err := sqlite.NewConnector(dsn.String())
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(c)
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db, nil
}

// createFile makes the file before SQLite would, which gives it, and the journal
// files that copy its mode, to the owner alone. An existing file is not opened
// here: closing it would drop the locks that this process holds on it.
func createFile(path string) error {
	if path == "" {
		return unusable(nil, "the path of the database file is empty: set one, such as data/wxhub.db")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return unusable(err, "cannot make the directory of %s: check store.url and the permissions", path)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return checkRegular(path)
	}
	if err != nil {
		return unusable(err, "cannot make %s: check store.url and the permissions", path)
	}
	if err := f.Close(); err != nil {
		return unusable(err, "cannot make %s: is the disk full?", path)
	}
	return nil
}

func checkRegular(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return unusable(err, "cannot look at %s: check the permissions", path)
	}
	if !info.Mode().IsRegular() {
		return unusable(nil, "%s is not a file: point store.url at a file", path)
	}
	return nil
}

// unusable is an error for the operator who starts the program.
func unusable(cause error, format string, args ...any) error {
	e := model.NewError(model.KindUnavailable, "store_unusable", format, args...)
	if cause == nil {
		return e
	}
	return e.Because(cause)
}
