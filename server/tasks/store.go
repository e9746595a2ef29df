package tasks

import (
	"context"
	"time"

	"wxhub/model"
)

// Store keeps tasks. It is the truth about what was accepted. Every method may also
// return model.ErrUnavailable.
type Store interface {
	// AddTask stores t with Version 1 unless its ID is taken; false when it was.
	AddTask(ctx context.Context, t model.Task) (created bool, err error)
	// DueTasks returns pending tasks with DueAt at or before now, the longest due first.
	DueTasks(ctx context.Context, now time.Time, limit int) ([]model.Task, error)
	// ReplaceTask stores t as Version t.Version+1 when the stored version is still
	// t.Version; else model.ErrStale (or model.ErrNotFound). Taking a lease is replacing
	// with a later DueAt: of several workers one wins.
	ReplaceTask(ctx context.Context, t model.Task) error
	// Task returns one task, or model.ErrNotFound.
	Task(ctx context.Context, id string) (model.Task, error)
	// ListTasks returns tasks of a kind and a status, the newest first, at most limit.
	ListTasks(ctx context.Context, kind string, status model.TaskStatus, limit int) ([]model.Task, error)
	// PurgeTasks removes at most limit tasks that are done, were created before then and
	// have an empty Outbox. It returns how many.
	PurgeTasks(ctx context.Context, before time.Time, limit int) (int, error)
}

// Cursors keeps how far a long job has come, so that another process can go on with it.
type Cursors interface {
	// Cursor returns what was saved under a name, "" when nothing was.
	Cursor(ctx context.Context, name string) (string, error)
	// SaveCursor saves it.
	SaveCursor(ctx context.Context, name, value string) error
}
