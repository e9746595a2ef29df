package sqlitestore

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"
)

// TestConnectionsAreDurable looks at the settings that no crash of a process can
// show, because only a crash of the machine would.
func TestConnectionsAreDurable(t *testing.T) {
	s, err := Open(context.Background(), filepath.Join(t.TempDir(), "wxhub.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	const full = "2"
	for _, c := range []struct {
		of            *sql.DB
		setting, want string
	}{
		{s.write.DB, "journal_mode", "wal"},
		{s.write.DB, "synchronous", full},
		{s.write.DB, "foreign_keys", "1"},
		{s.write.DB, "busy_timeout", "10000"},
		{s.read.DB, "journal_mode", "wal"},
		{s.read.DB, "query_only", "1"},
		{s.read.DB, "busy_timeout", "10000"},
	} {
		var got string
		if err := c.of.QueryRow("PRAGMA " + c.setting).Scan(&got); err != nil || got != c.want {
			t.Errorf("%s is %q, want %q, error %v", c.setting, got, c.want, err)
		}
	}
}
