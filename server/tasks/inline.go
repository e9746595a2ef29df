package tasks

import (
	"context"
	"errors"

	"wxhub/model"
)

// Do accepts a task and does it at once, for a caller who must answer with its outcome:
// it returns what the handler said. The task is durable before the handler runs. After an
// error that trying again may mend, and when this process dies, the queue goes on with
// it; after one that Final made, the task waits for an operator (Retry).
//
// The same id again is done again, with the body that came now: handlers can be called any
// number of times, and what was refused before may be right today.
//
// Errors: model.ErrUnavailable when the task could not be stored; the handler's.
func (q *Queue) Do(ctx context.Context, kind, id string, body []byte) error {
	now := model.Instant(q.Now())
	t := model.Task{
		ID: id, Kind: kind, Body: body, Status: model.TaskPending, DueAt: model.Instant(now.Add(lease)), CreatedAt: now, Version: 1,
	}
	created, err := q.Store.AddTask(ctx, t)
	if err != nil {
		return err
	}
	if created {
		return q.finish(ctx, t)
	}
	if t, err = q.Store.Task(ctx, id); err != nil {
		return err
	}
	t.Body = body
	if t.Status == model.TaskDone {
		_, err := q.do(ctx, t)
		return err
	}
	return q.take(ctx, t)
}

// Retry does a task once more that is given up or waits, and returns what the handler
// said. Errors: model.ErrNotFound, model.ErrUnavailable; the handler's.
func (q *Queue) Retry(ctx context.Context, id string) error {
	t, err := q.Store.Task(ctx, id)
	if err != nil {
		return err
	}
	if t.Status == model.TaskDone {
		_, err := q.do(ctx, t)
		return err
	}
	return q.take(ctx, t)
}

// take takes the lease of a task that is not done, and does it. When another has it
// at the same moment, it is done twice and recorded by the other.
func (q *Queue) take(ctx context.Context, t model.Task) error {
	t.Status, t.DueAt = model.TaskPending, model.Instant(q.Now().Add(lease))
	err := q.Store.ReplaceTask(ctx, t)
	switch {
	case errors.Is(err, model.ErrStale), errors.Is(err, model.ErrNotFound):
		_, err := q.do(ctx, t)
		return err
	case err != nil:
		return err
	}
	t.Version++
	return q.finish(ctx, t)
}

// finish does a task whose lease is held and records the outcome. That the outcome could
// not be recorded is no error of the task: it is done again when the lease ends.
func (q *Queue) finish(ctx context.Context, t model.Task) error {
	events, failure := q.do(ctx, t)
	if err := q.record(context.WithoutCancel(ctx), t, events, failure); err != nil {
		q.Log.WarnContext(ctx, "the outcome of a task could not be recorded; it will be done again", "task", t.ID, "error", err.Error())
	}
	return failure
}
