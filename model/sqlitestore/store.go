package sqlitestore

import (
	"context"
	"errors"
)

// Store is one open database file. Its methods may be called from any number of
// goroutines.
type Store struct {
	write *pool // one connection: writers queue here instead of at SQLite's lock
	read  *pool // refuses to write
}

// Open opens the database file at path, making it (mode 0600), its directories
// (0700) and its tables when they are missing. A file that this program cannot
// or must not use gives an error with code "store_unusable" that says what to do;
// a file that others keep locked gives model.ErrUnavailable.
func Open(ctx context.Context, path string) (*Store, error) {
	if err := createFile(path); err != nil {
		return nil, err
	}
	write, err := connect(path, forWriting, 1)
	if err != nil {
		return nil, unavailable("open "+path, err)
	}
	if err := prepare(ctx, write, path); err != nil {
		return nil, errors.Join(err, write.Close())
	}
	read, err := connect(path, forReading, readers)
	if err != nil {
		return nil, errors.Join(unavailable("open "+path, err), write.Close())
	}
	return &Store{write: newPool(write), read: newPool(read)}, nil
}

// Close closes the file after the calls in progress have ended.
func (s *Store) Close() error {
	if err := errors.Join(s.read.Close(), s.write.Close()); err != nil {
		return unavailable("close", err)
	}
	return nil
}

// Ping reports whether the database answers: nil or model.ErrUnavailable.
func (s *Store) Ping(ctx context.Context) error {
	var one int
	if err := s.read.QueryRowContext(ctx, "SELECT 1 FROM sqlite_schema LIMIT 1").Scan(&one); err != nil {
		return unavailable("ping", err)
	}
	return nil
}
