package sqlitestore

import (
	"context"
	"strings"
	"time"

	"wxhub/model"
)

const taskColumns = "SELECT id, version, status, due_at, created_at, outbox, doc FROM tasks"

// taskRecord is the document of a task: everything that has no column.
type taskRecord struct {
	Kind      string `json:"kind"`
	Body      []byte `json:"body,omitempty"` // base64: any bytes
	Attempts  int    `json:"attempts,omitzero"`
	LastError string `json:"last_error,omitempty"`
}

func encodeTask(t model.Task) (outbox *string, doc string, err error) {
	if outbox, err = encodeOutbox(recordsOf(t.Outbox)); err != nil {
		return nil, "", err
	}
	doc, err = encode(taskRecord{
		Kind: t.Kind, Body: t.Body, Attempts: t.Attempts,
		// It may quote what somebody answered, which can be any bytes.
		LastError: strings.ToValidUTF8(t.LastError, "\uFFFD"),
	})
	return outbox, doc, err
}

// AddTask stores t with Version 1 unless its ID is taken; false when it was.
func (s *Store) AddTask(ctx context.Context, t model.Task) (bool, error) {
	outbox, doc, err := encodeTask(t)
	if err != nil {
		return false, err
	}
	return s.change(ctx, "add task", `
		INSERT INTO tasks (id, version, status, due_at, created_at, outbox, doc)
		VALUES (?, 1, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
		t.ID, string(t.Status), t.DueAt.UnixMilli(), t.CreatedAt.UnixMilli(), outbox, doc)
}

// Task returns one task, or model.ErrNotFound.
func (s *Store) Task(ctx context.Context, id string) (model.Task, error) {
	t, err := scanTask(s.read.QueryRowContext(ctx, taskColumns+" WHERE id = ?", id))
	if err != nil {
		return model.Task{}, missing("task", err)
	}
	return t, nil
}

// ReplaceTask stores t as Version t.Version+1 when the stored version is still
// t.Version; else model.ErrStale, or model.ErrNotFound when there is no such task.
func (s *Store) ReplaceTask(ctx context.Context, t model.Task) error {
	outbox, doc, err := encodeTask(t)
	if err != nil {
		return err
	}
	replaced, err := s.change(ctx, "replace task", `
		UPDATE tasks SET version = version + 1, status = ?, due_at = ?, created_at = ?, outbox = ?, doc = ?
		WHERE id = ? AND version = ?`,
		string(t.Status), t.DueAt.UnixMilli(), t.CreatedAt.UnixMilli(), outbox, doc, t.ID, t.Version)
	if err == nil && !replaced {
		return s.staleOrMissing(ctx, "SELECT count(*) FROM tasks WHERE id = ?", t.ID)
	}
	return err
}

// DueTasks returns pending tasks with DueAt at or before now, the longest due first.
func (s *Store) DueTasks(ctx context.Context, now time.Time, limit int) ([]model.Task, error) {
	rows, err := s.read.QueryContext(ctx, taskColumns+`
		WHERE status = 'pending' AND due_at <= ? ORDER BY due_at, id LIMIT ?`, now.UnixMilli(), max(limit, 0))
	return collect("due tasks", rows, err, scanTask)
}

// ListTasks returns tasks of a kind and a status, the newest first, at most limit.
func (s *Store) ListTasks(ctx context.Context, kind string, status model.TaskStatus, limit int) ([]model.Task, error) {
	rows, err := s.read.QueryContext(ctx, taskColumns+`
		WHERE status = ? AND doc ->> 'kind' = ? ORDER BY created_at DESC, id DESC LIMIT ?`, string(status), kind, max(limit, 0))
	return collect("list tasks", rows, err, scanTask)
}

// PurgeTasks removes at most limit tasks that are done, were created before then and
// have an empty Outbox, the oldest first. It returns how many.
func (s *Store) PurgeTasks(ctx context.Context, before time.Time, limit int) (int, error) {
	return s.changeAll(ctx, "purge tasks", `
		DELETE FROM tasks WHERE id IN (
			SELECT id FROM tasks WHERE status = 'done' AND outbox IS NULL AND created_at < ?
			ORDER BY created_at, id LIMIT ?)`, ceilMilli(before), max(limit, 0))
}

func scanTask(row scanner) (t model.Task, err error) {
	var (
		dueAt, createdAt int64
		outbox           *string
		doc              string
		record           taskRecord
	)
	if err := row.Scan(&t.ID, &t.Version, &t.Status, &dueAt, &createdAt, &outbox, &doc); err != nil {
		return model.Task{}, err
	}
	events, err := decodeOutbox("task "+t.ID, outbox)
	if err != nil {
		return model.Task{}, err
	}
	if err := decode("task "+t.ID, doc, &record); err != nil {
		return model.Task{}, err
	}
	t.Kind, t.Body, t.Attempts, t.LastError = record.Kind, record.Body, record.Attempts, record.LastError
	t.DueAt, t.CreatedAt, t.Outbox = instant(dueAt), instant(createdAt), eventsOf(events)
	return t, nil
}
