package identity_test

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"wxhub/identity/identitytest"
	"wxhub/model/sqlitestore"
)

// The histories of identitytest on SQLite. WXHUB_TEST_HISTORIES says how many: CI plays
// ten thousand, without the race detector, which makes SQLite ten times slower.
func TestHistories(t *testing.T) {
	n := 300
	if text := os.Getenv("WXHUB_TEST_HISTORIES"); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	s, err := sqlitestore.Open(t.Context(), filepath.Join(t.TempDir(), "histories.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	identitytest.RunHistories(t, s, n)
}
