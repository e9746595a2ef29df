package sqlitestore_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"wxhub/model"
	"wxhub/model/sqlitestore"
)

// The environment of a child process: what it does, and to which file.
const childRole, childFile = "SQLITESTORE_TEST_CHILD", "SQLITESTORE_TEST_FILE"

// TestMain lets the test binary be started again as another process of the store.
func TestMain(m *testing.M) {
	roles := map[string]func(*sqlitestore.Store) error{"write": writeForEver, "refund": refund}
	role, child := roles[os.Getenv(childRole)]
	if !child {
		os.Exit(m.Run())
	}
	s, err := sqlitestore.Open(context.Background(), os.Getenv(childFile))
	if err == nil {
		err = errors.Join(role(s), s.Close())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func child(t *testing.T, role, path string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childRole+"="+role, childFile+"="+path)
	cmd.Stderr = os.Stderr
	return cmd
}

// writeForEver inserts and replaces orders and prints the id of each when the
// store has acknowledged both.
func writeForEver(s *sqlitestore.Store) error {
	var wg sync.WaitGroup
	failed := make(chan error, 4)
	for w := range cap(failed) {
		wg.Go(func() {
			for n := 0; ; n++ {
				o := model.Order{ID: fmt.Sprintf("order-%d-%d-%d", os.Getpid(), w, n), Amount: 1990, Version: 1}
				if err := s.InsertOrder(context.Background(), o); err != nil {
					failed <- err
					return
				}
				o.AmountRefunded = 1
				if err := s.ReplaceOrder(context.Background(), o); err != nil {
					failed <- err
					return
				}
				fmt.Println(o.ID)
			}
		})
	}
	wg.Wait()
	return <-failed
}

func TestAcknowledgedWritesSurviveKill(t *testing.T) {
	path := file(t)
	acknowledged := 0
	for range 3 { // what a crash leaves behind must also survive the next one
		ids := killAfter(t, path, 100)
		s := open(t, path)
		for _, id := range ids {
			o, err := s.Order(context.Background(), id)
			if err != nil || o.Version != 2 || o.AmountRefunded != 1 {
				t.Errorf("acknowledged order %s: version %d, refunded %d, error %v", id, o.Version, o.AmountRefunded, err)
			}
		}
		acknowledged += len(ids)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d acknowledged orders, none lost", acknowledged)
}

// killAfter starts a writer, kills it without warning after it has acknowledged n
// orders, and returns all that it acknowledged.
func killAfter(t *testing.T, path string, n int) (ids []string) {
	t.Helper()
	cmd := child(t, "write", path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if ids = append(ids, lines.Text()); len(ids) == n {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Fatalf("the writer ended by itself: %v", err)
	}
	return ids
}

const refunds = 60

// refund adds 1 to the refunds of an order, many times, in competition.
func refund(s *sqlitestore.Store) error {
	err := s.InsertOrder(context.Background(), model.Order{ID: "order-1", Amount: 1990})
	if err != nil && !errors.Is(err, model.ErrExists) {
		return err
	}
	for done := 0; done < refunds; {
		o, err := s.Order(context.Background(), "order-1")
		if err != nil {
			return err
		}
		o.AmountRefunded++
		switch err := s.ReplaceOrder(context.Background(), o); {
		case err == nil:
			done++
		case !errors.Is(err, model.ErrStale):
			return err
		}
	}
	return nil
}

func TestProcessesShareTheFile(t *testing.T) {
	path := file(t)
	const processes = 3
	var running []*exec.Cmd
	for range processes { // they also make the file and its tables at the same time
		cmd := child(t, "refund", path)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		running = append(running, cmd)
	}
	for _, cmd := range running {
		if err := cmd.Wait(); err != nil {
			t.Errorf("a process failed: %v", err)
		}
	}
	s := open(t, path)
	defer s.Close()
	o, err := s.Order(context.Background(), "order-1")
	if err != nil || o.AmountRefunded != processes*refunds || o.Version != processes*refunds+1 {
		t.Errorf("refunded %d in version %d, want %d, error %v", o.AmountRefunded, o.Version, processes*refunds, err)
	}
}
