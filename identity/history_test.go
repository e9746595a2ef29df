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
func TestHistories(t *testing.T) { playHistories(t, identitytest.RunHistories) }

func TestOperatedHistories(t *testing.T) { playHistories(t, identitytest.RunOperatedHistories) }

func playHistories(t *testing.T, run func(*testing.T, identitytest.Store, int)) {
	n := 100
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
	run(t, s, n)
}
