package sqlitestore_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"wxhub/model"
	"wxhub/model/sqlitestore"
)

func TestOpenMakesPrivateFiles(t *testing.T) {
	path := file(t)
	s := open(t, path)
	defer s.Close()
	insertOrders(t, s, 1)
	err := filepath.WalkDir(filepath.Dir(path), func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v: others can read it", filepath.Base(p), info.Mode())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	if err := s.Ping(context.Background()); err != nil {
		t.Errorf("ping: %v", err)
	}
}

func TestOpenTakesAnyName(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a b.db", "shop?mode=memory", "100%.db", "#1.db", "微信.db", "a&b=c.db"} {
		path := filepath.Join(dir, name)
		s := open(t, path)
		insertOrders(t, s, 1)
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
		if info, err := os.Stat(path); err != nil || info.Size() == 0 {
			t.Errorf("%q: the data are somewhere else (%v)", name, err)
		}
	}
}

// TestOpenRefuses has one row for each file that must not be touched, and the
// words of the advice that goes with it.
func TestOpenRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		make   func(t *testing.T, path string)
		advice string
	}{
		"not a database":     {write(strings.Repeat("order,amount\n", 1000)), "is not a SQLite database"},
		"a directory":        {func(t *testing.T, path string) { must(t, os.Mkdir(path, 0o700)) }, "point store.url at a file"},
		"another program's":  {execute("CREATE TABLE t (x)"), "database of another program"},
		"marked by another":  {execute("PRAGMA application_id = 7"), "database of another program"},
		"of a newer version": {newer, "schema version 99"},
		"damaged":            {overwrite(1), "is damaged"},
		"cut off":            {truncate, "is damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "wxhub.db")
			c.make(t, path)
			before := content(path)
			s, err := sqlitestore.Open(context.Background(), path)
			if err == nil {
				s.Close()
				t.Fatal("it was opened")
			}
			e := model.AsError(err)
			if e.Code != "store_unusable" || !strings.Contains(e.Message, c.advice) || !strings.Contains(e.Message, path) {
				t.Errorf("got %q, want the path and %q", err, c.advice)
			}
			if content(path) != before {
				t.Error("the file was changed")
			}
		})
	}
}

func TestOpenRefusesNoPath(t *testing.T) {
	if _, err := sqlitestore.Open(context.Background(), ""); model.CodeOf(err) != "store_unusable" {
		t.Errorf("got %v", err)
	}
}

func TestOpenGivesUpWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := sqlitestore.Open(ctx, file(t)); !errors.Is(err, model.ErrUnavailable) || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestOpenAtTheSameTime(t *testing.T) {
	path := file(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			s, err := sqlitestore.Open(context.Background(), path)
			if err != nil {
				t.Errorf("open: %v", err)
				return
			}
			if err := s.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
		})
	}
	wg.Wait()
}

func write(text string) func(*testing.T, string) {
	return func(t *testing.T, path string) { must(t, os.WriteFile(path, []byte(text), 0o600)) }
}

func execute(statement string) func(*testing.T, string) {
	return func(t *testing.T, path string) {
		db, err := sql.Open("sqlite", path)
		must(t, err)
		_, err = db.Exec(statement)
		must(t, errors.Join(err, db.Close()))
	}
}

func newer(t *testing.T, path string) {
	must(t, open(t, path).Close())
	execute("PRAGMA user_version = 99")(t, path)
}

// overwrite damages the n-th page after the first, which names the tables.
func overwrite(n int64) func(*testing.T, string) {
	return func(t *testing.T, path string) {
		s := open(t, path)
		insertOrders(t, s, 200)
		must(t, s.Close())
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		must(t, err)
		_, err = f.WriteAt([]byte(strings.Repeat("\xa5", 4096)), n*4096)
		must(t, errors.Join(err, f.Close()))
	}
}

func truncate(t *testing.T, path string) {
	s := open(t, path)
	insertOrders(t, s, 200)
	must(t, s.Close())
	must(t, os.Truncate(path, 3*4096))
}

func insertOrders(t *testing.T, s *sqlitestore.Store, n int) {
	t.Helper()
	for i := range n {
		o := model.Order{ID: fmt.Sprintf("order-%d", i), Description: strings.Repeat("茶", 100)}
		must(t, s.InsertOrder(context.Background(), o))
	}
}

func content(path string) string {
	data, _ := os.ReadFile(path) // a directory has none
	return string(data)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
