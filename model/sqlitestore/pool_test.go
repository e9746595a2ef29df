package sqlitestore

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
)

// However many texts come, from however many goroutines, each gets its own answer, and what is
// kept stays small.
func TestPoolKeepsSomeStatements(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "pool.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	var all sync.WaitGroup
	for g := range 8 {
		all.Go(func() {
			for n := range 2 * keptStatements {
				var got int
				if err := s.read.QueryRowContext(t.Context(), fmt.Sprintf("SELECT %d + ?", n), g).Scan(&got); err != nil || got != n+g {
					t.Errorf("%d + %d is %d, %v", n, g, got, err)
				}
			}
		})
	}
	all.Wait()
	if n := len(s.read.kept); n < keptStatements || n > keptStatements+8 {
		t.Errorf("%d statements are kept", n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, text := range []string{"SELECT 0 + ?", "SELECT 'never seen' || ?"} {
		if err := s.read.QueryRowContext(ctx, text, 1).Scan(new(string)); !errors.Is(err, context.Canceled) {
			t.Errorf("%s after the end: %v", text, err)
		}
		if _, err := s.write.ExecContext(ctx, text, 1); !errors.Is(err, context.Canceled) {
			t.Errorf("%s after the end: %v", text, err)
		}
	}
	if _, err := s.read.QueryContext(t.Context(), "SELECT nothing FROM nowhere"); err == nil {
		t.Error("a table that is not there can be read")
	}
}

// What another process does to the tables is noticed by a statement that was compiled before.
func TestPoolFollowsTheSchema(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pool.db")
	s, err := Open(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	other, err := connect(file, forWriting, 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Close() })
	const query = "SELECT * FROM cursors WHERE name = 'a'"
	for round, change := range []string{"SELECT 1", "ALTER TABLE cursors ADD COLUMN more TEXT", "CREATE INDEX more ON cursors (more)"} {
		if _, err := other.ExecContext(t.Context(), change); err != nil {
			t.Fatal(err)
		}
		rows, err := s.read.QueryContext(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		columns, err := rows.Columns()
		if want := min(2+round, 3); err != nil || len(columns) != want {
			t.Errorf("after %q: columns %v, %v; want %d", change, columns, err, want)
		}
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
	}
}
