package mongostore

import (
	"context"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"wxhub/model"
)

// taskRecord is the document of a task.
type taskRecord struct {
	ID        string           `bson:"_id"`
	Version   int64            `bson:"version"`
	Kind      string           `bson:"kind"`
	Body      []byte           `bson:"body,omitempty"`
	Status    model.TaskStatus `bson:"status"`
	Attempts  int              `bson:"attempts"`
	DueAt     time.Time        `bson:"due_at"`
	LastError string           `bson:"last_error,omitempty"`
	CreatedAt time.Time        `bson:"created_at"`
	Outbox    []eventRecord    `bson:"outbox,omitempty"`
	HasOutbox bool             `bson:"has_outbox"`
}

func recordOfTask(t model.Task, version int64) taskRecord {
	return taskRecord{
		ID: t.ID, Version: version, Kind: t.Kind, Body: t.Body, Status: t.Status, Attempts: t.Attempts,
		DueAt: model.Instant(t.DueAt),
		// It may quote what somebody answered, which can be any bytes.
		LastError: strings.ToValidUTF8(t.LastError, "\uFFFD"),
		CreatedAt: model.Instant(t.CreatedAt), Outbox: recordsOf(t.Outbox), HasOutbox: len(t.Outbox) > 0,
	}
}

func (r taskRecord) task() model.Task {
	return model.Task{
		ID: r.ID, Version: r.Version, Kind: r.Kind, Body: r.Body, Status: r.Status, Attempts: r.Attempts,
		DueAt: r.DueAt, LastError: r.LastError, CreatedAt: r.CreatedAt, Outbox: eventsOf(r.Outbox),
	}
}

// AddTask stores t with Version 1 unless its ID is taken; false when it was.
func (s *Store) AddTask(ctx context.Context, t model.Task) (bool, error) {
	return insert(ctx, s.tasks, recordOfTask(t, 1))
}

// Task returns one task, or model.ErrNotFound.
func (s *Store) Task(ctx context.Context, id string) (model.Task, error) {
	r, err := find[taskRecord](ctx, s.tasks, id)
	if err != nil {
		return model.Task{}, err
	}
	return r.task(), nil
}

// ReplaceTask stores t as Version t.Version+1 when the stored version is still
// t.Version; else model.ErrStale, or model.ErrNotFound when there is no such task.
func (s *Store) ReplaceTask(ctx context.Context, t model.Task) error {
	return replace(ctx, s.tasks, ofVersion(t.ID, t.Version), recordOfTask(t, t.Version+1))
}

// DueTasks returns pending tasks with DueAt at or before now, the longest due first.
func (s *Store) DueTasks(ctx context.Context, now time.Time, limit int) ([]model.Task, error) {
	if limit <= 0 {
		return nil, nil
	}
	filter := bson.D{
		{Key: "status", Value: string(model.TaskPending)},
		{Key: "due_at", Value: bson.D{{Key: "$lte", Value: now}}},
	}
	return findModels(ctx, s.tasks, filter, keys("due_at", "_id"), limit, taskRecord.task)
}

// ListTasks returns tasks of a kind and a status, the newest first, at most limit.
func (s *Store) ListTasks(ctx context.Context, kind string, status model.TaskStatus, limit int) ([]model.Task, error) {
	if limit <= 0 {
		return nil, nil
	}
	filter := bson.D{{Key: "status", Value: string(status)}, {Key: "kind", Value: kind}}
	newestFirst := bson.D{{Key: "created_at", Value: -1}, {Key: "_id", Value: -1}}
	return findModels(ctx, s.tasks, filter, newestFirst, limit, taskRecord.task)
}

// PurgeTasks removes at most limit tasks that are done, were created before then and
// have an empty Outbox, the oldest first. It returns how many. What it finds is only
// removed while all that still holds.
func (s *Store) PurgeTasks(ctx context.Context, before time.Time, limit int) (int, error) {
	if limit <= 0 {
		return 0, nil
	}
	return purge(ctx, s.tasks, bson.D{
		{Key: "status", Value: string(model.TaskDone)},
		{Key: "has_outbox", Value: false},
		{Key: "created_at", Value: bson.D{{Key: "$lt", Value: ceilMilli(before)}}},
	}, "created_at", limit)
}
