package taskstest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/model/storetest"
)

func cursors(t *testing.T, s Stores) {
	wantCursor(t, s, "import", "")
	for _, value := range []string{"a", "", "o6_bm:x\x00é"} {
		save(t, s, "import", value)
		save(t, s, "Import", "other")
		wantCursor(t, s, "import", value)
	}
	wantCursor(t, s, "Import", "other")
}

// raceCursor: several processes begin the same job.
func raceCursor(t *testing.T, s Stores) {
	storetest.Race(storetest.Racers, func(i int) {
		if err := s.Cursors.SaveCursor(context.Background(), "import", fmt.Sprint("value ", i)); err != nil {
			t.Errorf("save: %v", err)
		}
	})
	save(t, s, "import", "last")
	wantCursor(t, s, "import", "last")
}

func save(t *testing.T, s Stores, name, value string) {
	t.Helper()
	if err := s.Cursors.SaveCursor(context.Background(), name, value); err != nil {
		t.Fatalf("save cursor: %v", err)
	}
}

func wantCursor(t *testing.T, s Stores, name, want string) {
	t.Helper()
	if got, err := s.Cursors.Cursor(context.Background(), name); err != nil || got != want {
		t.Errorf("cursor %s: got %q, error %v, want %q", name, got, err, want)
	}
}

func cancelled(t *testing.T, s Stores) {
	pending, purgeable := sample("task-1"), done("task-2", time.Hour)
	add(t, s, pending)
	add(t, s, purgeable)
	save(t, s, "import", "a")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for name, call := range map[string]func() error{
		"AddTask":     func() error { _, err := s.Tasks.AddTask(ctx, sample("task-3")); return err },
		"DueTasks":    func() error { _, err := s.Tasks.DueTasks(ctx, storetest.Epoch(), 1); return err },
		"ReplaceTask": func() error { return s.Tasks.ReplaceTask(ctx, pending) },
		"Task":        func() error { _, err := s.Tasks.Task(ctx, "task-1"); return err },
		"ListTasks": func() error {
			_, err := s.Tasks.ListTasks(ctx, "message", model.TaskPending, 1)
			return err
		},
		"PurgeTasks":       func() error { _, err := s.Tasks.PurgeTasks(ctx, storetest.Epoch(), 1); return err },
		"PendingEvents":    func() error { _, err := s.Outbox.PendingEvents(ctx, 1); return err },
		"AcknowledgeEvent": func() error { return s.Outbox.AcknowledgeEvent(ctx, pending.Outbox[0]) },
		"Cursor":           func() error { _, err := s.Cursors.Cursor(ctx, "import"); return err },
		"SaveCursor":       func() error { return s.Cursors.SaveCursor(ctx, "import", "b") },
	} {
		if err := call(); !errors.Is(err, model.ErrUnavailable) || !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v, want ErrUnavailable because of the cancelled context", name, err)
		}
	}
	wantTask(t, s, pending)
	wantTask(t, s, purgeable)
	wantLeft(t, s, []string{"task-3"}, nil)
	wantCursor(t, s, "import", "a")
}

func reopen(t *testing.T, db Database) {
	s := db(t)
	leased := sample("task-1")
	add(t, s, leased)
	leased.DueAt = storetest.Epoch().Add(time.Minute)
	replace(t, s, leased)
	save(t, s, "import", "a")
	if err := s.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}

	s = storetest.Open(t, db, Stores.close)
	leased.Version = 2
	wantTask(t, s, leased)
	if got := dueIDs(t, s, storetest.Epoch(), 10); len(got) != 0 {
		t.Errorf("the lease was forgotten: %v", got)
	}
	wantPending(t, s, 10, leased.Outbox...)
	wantCursor(t, s, "import", "a")
}
