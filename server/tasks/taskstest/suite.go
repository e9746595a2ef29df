package taskstest

import (
	"context"
	"fmt"
	"reflect"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/model/storetest"
	"wxhub/server/tasks"
	"wxhub/server/webhook"
)

// Stores are the parts of the store under test.
type Stores struct {
	Tasks   tasks.Store
	Cursors tasks.Cursors
	Outbox  webhook.Outbox // of the tasks
	Close   func() error
}

func (s Stores) close() error { return s.Close() }

// Database opens one set of data; called again after Close it opens the same data.
type Database = storetest.Database[Stores]

// Run runs the suite. Each test gets a new, empty database from fresh.
func Run(t *testing.T, fresh func(t *testing.T) Database, o storetest.Options) {
	storetest.Run(t, fresh, Stores.close, o, []storetest.Test[Stores]{
		storetest.Tests("tasks", aggregate),
		{Name: "tasks: a faulty answer in an error does not stop them", Run: anyBytes},
		{Name: "tasks: the longest due first", Run: due},
		{Name: "tasks: listed by kind and status, the newest first", Run: listed},
		{Name: "tasks: race for a lease has one winner", Run: raceLease},
		{Name: "purge: what is done, old and told", Run: purge},
		{Name: "purge: race counts each task once", Run: racePurge},
		{Name: "outbox: pending until acknowledged, oldest tasks first", Run: outbox},
		{Name: "outbox: an old copy of the task brings no event back", Run: noResurrection},
		{Name: "outbox: race of acknowledgement and replacement loses neither", Run: raceAcknowledge},
		{Name: "cursors: the last value stands", Run: cursors},
		{Name: "cursors: race of the first value", Run: raceCursor},
		{Name: "a cancelled context changes nothing", Run: cancelled},
	}, reopen)
}

func aggregate(s Stores) storetest.Aggregate[model.Task] {
	return storetest.Aggregate[model.Task]{
		Sample: func(n int) model.Task {
			t := sample("")
			t.LastError = fmt.Sprintf("error %d", n)
			return t
		},
		Key:     func(t *model.Task, key string) { t.ID = key },
		Version: func(t *model.Task) *int64 { return &t.Version },
		Add:     s.Tasks.AddTask,
		Read:    func(ctx context.Context, t model.Task) (model.Task, error) { return s.Tasks.Task(ctx, t.ID) },
		Replace: s.Tasks.ReplaceTask,
	}
}

// sample is a task with something in every field, as it is stored.
func sample(id string) model.Task {
	at := storetest.Epoch()
	return model.Task{
		ID: id, Kind: "message", Body: []byte("<xml>\xff\x00</xml>"), Status: model.TaskPending, Attempts: 2,
		DueAt: at, LastError: "502 坏网关", CreatedAt: at.Add(-time.Hour), Version: 1,
		Outbox: []model.Event{event(id, id, 0)},
	}
}

// event is about a user, not about the task that it waits in.
func event(subject, task string, n int) model.Event {
	return model.Event{
		ID: fmt.Sprintf("%s-event-%d", task, n), Type: model.EventUserMerged, Subject: subject,
		Data: []byte(`{ "b": 1.50, "a":"<&>é" }`), CreatedAt: storetest.Epoch(),
	}
}

func add(t *testing.T, s Stores, task model.Task) {
	t.Helper()
	if created, err := s.Tasks.AddTask(context.Background(), task); err != nil || !created {
		t.Fatalf("add %s: created %v, error %v", task.ID, created, err)
	}
}

func get(t *testing.T, s Stores, id string) model.Task {
	t.Helper()
	task, err := s.Tasks.Task(context.Background(), id)
	if err != nil {
		t.Fatalf("task %s: %v", id, err)
	}
	return task
}

func replace(t *testing.T, s Stores, task model.Task) {
	t.Helper()
	if err := s.Tasks.ReplaceTask(context.Background(), task); err != nil {
		t.Fatalf("replace %s: %v", task.ID, err)
	}
}

func wantTask(t *testing.T, s Stores, want model.Task) {
	t.Helper()
	if got := get(t, s, want.ID); !reflect.DeepEqual(got, want) {
		t.Errorf("task:\n got %+v\nwant %+v", got, want)
	}
}
