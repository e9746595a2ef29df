package tasks_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/model/sqlitestore"
	"wxhub/server/tasks"
)

// world is a real store, a clock to turn, the log, and how often each task was done.
type world struct {
	t     testing.TB
	store *sqlitestore.Store
	mu    sync.Mutex
	ahead time.Duration
	start time.Time
	log   bytes.Buffer
	done  map[string]int
	rings int // of OnTask
}

func newWorld(t testing.TB) *world {
	t.Helper()
	store, err := sqlitestore.Open(context.Background(), filepath.Join(t.TempDir(), "tasks.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() }) // a test may have closed it
	return &world{t: t, store: store, start: model.Instant(time.Now()), done: map[string]int{}}
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.start.Add(w.ahead)
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ahead += d
}

// Write takes log lines.
func (w *world) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.Write(p)
}

func (w *world) logged() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.String()
}

// worker is a process of its own on the same store. It does tasks of the kind "work".
func (w *world) worker(do tasks.Handler) *tasks.Queue {
	return tasks.New(tasks.Options{
		Store: w.store, Now: w.now, Log: slog.New(slog.NewJSONHandler(w, nil)),
		OnTask: func() { w.mu.Lock(); w.rings++; w.mu.Unlock() },
		Handlers: map[string]tasks.Handler{"work": func(ctx context.Context, body []byte) ([]model.Event, error) {
			w.mu.Lock()
			w.done[string(body)]++
			w.mu.Unlock()
			return do(ctx, body)
		}},
	})
}

func (w *world) times(body string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.done[body]
}

// fine does a task without an event.
func fine(context.Context, []byte) ([]model.Event, error) { return nil, nil }

// happens does a task and tells of it.
func happens(_ context.Context, body []byte) ([]model.Event, error) {
	return []model.Event{{ID: "evt_" + string(body), Type: model.EventMessageReceived, Subject: "anything", Data: json.RawMessage(`{}`)}}, nil
}

// add accepts a task whose body is its id.
func (w *world) add(q *tasks.Queue, id string) {
	w.t.Helper()
	if created, err := q.Add(context.Background(), "work", id, []byte(id)); err != nil || !created {
		w.t.Fatalf("%v, %v", created, err)
	}
}

func (w *world) run(q *tasks.Queue) int {
	w.t.Helper()
	n, err := q.Run(context.Background())
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

func (w *world) task(id string) model.Task {
	w.t.Helper()
	task, err := w.store.Task(context.Background(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return task
}

func (w *world) want(id string, status model.TaskStatus, attempts int) model.Task {
	w.t.Helper()
	task := w.task(id)
	if task.Status != status || task.Attempts != attempts {
		w.t.Errorf("task %s is %s after %d attempts, want %s after %d: %s", id, task.Status, task.Attempts, status, attempts, task.LastError)
	}
	return task
}
