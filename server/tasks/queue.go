package tasks

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"wxhub/model"
)

const (
	// batch is how many tasks one run looks at, parallel how many it does at once.
	batch, parallel = 100, 8
	// patience is how long one attempt may take; lease how long a worker has before
	// another may take the task.
	patience, lease = 20 * time.Second, 30 * time.Second
	// giveUpAfter is how long a task is tried for.
	giveUpAfter = 24 * time.Hour
	// kept is how long a task that is done is remembered.
	kept = 7 * 24 * time.Hour
)

// retries is the pause after each of the first failures; later ones use the last.
var retries = []time.Duration{2 * time.Second, 10 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour}

// Handler does one kind of task. It may be called again for the same task, also while
// another process still does it. The events that it returns are delivered once. An
// error that Final made ends the task; after any other it is done again.
type Handler func(ctx context.Context, body []byte) ([]model.Event, error)

// Options are what a Queue is made of.
type Options struct {
	Store    Store
	Handlers map[string]Handler // by kind
	Now      func() time.Time
	Log      *slog.Logger
	OnTask   func() // nil, or told when there is a task to do
	OnEvent  func() // nil, or told when there is an event to deliver
}

// Queue accepts tasks and does them. Several processes may share one store.
type Queue struct{ Options }

// New makes a queue.
func New(o Options) *Queue {
	for _, f := range []*func(){&o.OnTask, &o.OnEvent} {
		if *f == nil {
			*f = func() {}
		}
	}
	return &Queue{o}
}

// Add accepts a task: nil means that it is durable. It reports false when a task of this
// id was accepted before. Errors: model.ErrUnavailable.
func (q *Queue) Add(ctx context.Context, kind, id string, body []byte) (bool, error) {
	now := model.Instant(q.Now())
	created, err := q.Store.AddTask(ctx, model.Task{
		ID: id, Kind: kind, Body: body, Status: model.TaskPending, DueAt: now, CreatedAt: now,
	})
	if created {
		q.OnTask()
	}
	return created, err
}

// Run does what is due. It returns how much that was.
func (q *Queue) Run(ctx context.Context) (int, error) {
	due, err := q.Store.DueTasks(ctx, q.Now(), batch)
	if err != nil {
		return 0, err
	}
	var group errgroup.Group
	group.SetLimit(parallel)
	for _, t := range due {
		group.Go(func() error { return q.attempt(ctx, t) })
	}
	return len(due), group.Wait()
}

// attempt takes the lease of one task, does it and records the outcome.
func (q *Queue) attempt(ctx context.Context, t model.Task) error {
	if ctx.Err() != nil {
		return nil
	}
	t.DueAt = model.Instant(q.Now().Add(lease))
	if err := q.Store.ReplaceTask(ctx, t); err != nil {
		return unlessTaken(err)
	}
	t.Version++
	events, failure := q.do(ctx, t)
	if ctx.Err() != nil {
		return nil // stopping: the lease ends, and another worker does it again
	}
	return q.record(ctx, t, events, failure)
}

// record stores the outcome of an attempt.
func (q *Queue) record(ctx context.Context, t model.Task, events []model.Event, failure error) error {
	t.Attempts++
	log := q.Log.With("task", t.ID, "kind", t.Kind, "attempts", t.Attempts)
	switch {
	case failure == nil:
		t.Status, t.LastError = model.TaskDone, ""
		for _, e := range events {
			e.Subject = t.ID // where the event waits to be delivered
			t.Outbox = append(t.Outbox, e)
		}
	case isFinal(failure) || q.Now().Sub(t.CreatedAt) > giveUpAfter:
		t.Status, t.LastError = model.TaskDead, failure.Error()
		log.ErrorContext(ctx, "task given up", "error", t.LastError)
	default:
		t.LastError = failure.Error()
		t.DueAt = model.Instant(q.Now().Add(retries[min(t.Attempts, len(retries))-1]))
		log.WarnContext(ctx, "task failed; it will be done again", "error", t.LastError, "next", t.DueAt)
	}
	err := q.Store.ReplaceTask(ctx, t)
	if err == nil && len(t.Outbox) > 0 {
		q.OnEvent()
	}
	return unlessTaken(err)
}

// do calls the handler; a panic is a failure of this task alone.
func (q *Queue) do(ctx context.Context, t model.Task) (events []model.Event, err error) {
	handle, ok := q.Handlers[t.Kind]
	if !ok {
		return nil, Final(fmt.Errorf("nobody does tasks of kind %s", t.Kind))
	}
	defer func() {
		if r := recover(); r != nil {
			events, err = nil, fmt.Errorf("panic: %v", r)
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return handle(ctx, t.Body)
}

// Purge forgets tasks that were done a week ago.
func (q *Queue) Purge(ctx context.Context) (int, error) {
	return q.Store.PurgeTasks(ctx, q.Now().Add(-kept), batch)
}

// unlessTaken forgets that another worker has the task.
func unlessTaken(err error) error {
	if errors.Is(err, model.ErrStale) || errors.Is(err, model.ErrNotFound) {
		return nil
	}
	return err
}

type finalError struct{ error }

func (e finalError) Unwrap() error { return e.error }

// Final marks an error that trying again would not mend.
func Final(err error) error { return finalError{err} }

func isFinal(err error) bool {
	var f finalError
	return errors.As(err, &f)
}
