package tasks_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/server/tasks"
)

func TestTaskIsDoneOnceHoweverOftenItIsAccepted(t *testing.T) {
	w := newWorld(t)
	q := w.worker(fine)
	w.add(q, "a")
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if created, err := q.Add(context.Background(), "work", "a", []byte("another body")); created || err != nil {
				t.Errorf("%v, %v", created, err)
			}
		})
	}
	all.Wait()
	if n := w.run(q); n != 1 {
		t.Errorf("%d were due", n)
	}
	if created, err := q.Add(context.Background(), "work", "a", nil); created || err != nil {
		t.Errorf("after it was done: %v, %v", created, err)
	}
	w.pass(sixDays)
	if n := w.run(q); n != 0 || w.times("a") != 1 || w.rings != 1 {
		t.Errorf("%d were due; done %d times, rung %d times", n, w.times("a"), w.rings)
	}
	w.want("a", model.TaskDone, 1)
}

const sixDays = 6 * 24 * time.Hour

// The pauses after each failure, up to the day after which a task is given up.
func TestFailedTaskIsTriedAgainByTheSchedule(t *testing.T) {
	w := newWorld(t)
	failing := true
	q := w.worker(func(context.Context, []byte) ([]model.Event, error) {
		if failing {
			return happensThen(errors.New("boom"))
		}
		return nil, nil
	})
	w.add(q, "a")
	for i, pause := range []time.Duration{2 * time.Second, 10 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 2 * time.Hour} {
		if n := w.run(q); n != 1 {
			t.Fatalf("attempt %d: %d were due", i+1, n)
		}
		task := w.want("a", model.TaskPending, i+1)
		if task.DueAt.Sub(w.now()) != pause || task.LastError != "boom" || len(task.Outbox) != 0 {
			t.Errorf("attempt %d: due in %s, %+v", i+1, task.DueAt.Sub(w.now()), task)
		}
		w.pass(pause - time.Millisecond)
		if n := w.run(q); n != 0 {
			t.Errorf("attempt %d: tried too soon", i+2)
		}
		w.pass(time.Millisecond)
	}
	failing = false
	w.run(q)
	if task := w.want("a", model.TaskDone, 8); task.LastError != "" {
		t.Errorf("got %+v", task)
	}
}

// happensThen returns an event together with a failure: the event did not happen.
func happensThen(err error) ([]model.Event, error) {
	events, _ := happens(context.Background(), []byte("early"))
	return events, err
}

func TestTaskIsGivenUpAfterADay(t *testing.T) {
	w := newWorld(t)
	q := w.worker(func(context.Context, []byte) ([]model.Event, error) { return nil, errors.New("boom") })
	w.add(q, "a")
	begun := w.now()
	for range 100 {
		w.run(q)
		if w.task("a").Status == model.TaskDead {
			break
		}
		w.pass(w.task("a").DueAt.Sub(w.now()))
	}
	task := w.task("a")
	if task.Status != model.TaskDead || w.now().Sub(begun) < 24*time.Hour || w.now().Sub(begun) > 27*time.Hour {
		t.Errorf("%s after %s", task.Status, w.now().Sub(begun))
	}
	if !strings.Contains(w.logged(), `"level":"ERROR"`) || !strings.Contains(w.logged(), "task given up") {
		t.Error("nobody is told")
	}
	w.pass(sixDays)
	if n := w.run(q); n != 0 {
		t.Error("it rose again")
	}
}

func TestHopelessTasksEndAtOnce(t *testing.T) {
	for name, c := range map[string]struct {
		kind string
		do   tasks.Handler
		says string
	}{
		"final": {"work", func(context.Context, []byte) ([]model.Event, error) { return nil, tasks.Final(errors.New("hopeless")) }, "hopeless"},
		"final, wrapped": {"work", func(context.Context, []byte) ([]model.Event, error) {
			return nil, fmt.Errorf("because: %w", tasks.Final(errors.New("hopeless")))
		}, "because"},
		"nobody's kind":       {"play", fine, "nobody does tasks of kind play"},
		"in another spelling": {"Work", fine, "nobody does"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			q := w.worker(c.do)
			if _, err := q.Add(t.Context(), c.kind, "a", []byte("a")); err != nil {
				t.Fatal(err)
			}
			w.run(q)
			if task := w.want("a", model.TaskDead, 1); !strings.Contains(task.LastError, c.says) {
				t.Errorf("says %q", task.LastError)
			}
			w.pass(sixDays)
			if w.run(q) != 0 || !strings.Contains(w.logged(), "task given up") {
				t.Error("it is tried again, or nobody is told")
			}
		})
	}
}

func TestFinalErrorIsStillTheErrorThatItWas(t *testing.T) {
	if err := tasks.Final(model.ErrNotFound); !errors.Is(err, model.ErrNotFound) || err.Error() != model.ErrNotFound.Error() {
		t.Errorf("got %v", err)
	}
}

// A panic is a failure of this task alone, and it is tried again.
func TestPanicIsAFailureOfItsTaskAlone(t *testing.T) {
	w := newWorld(t)
	first := true
	q := w.worker(func(_ context.Context, body []byte) ([]model.Event, error) {
		if string(body) == "bad" && first {
			first = false
			panic("boom")
		}
		return happens(context.Background(), body)
	})
	for _, id := range []string{"a", "bad", "b"} {
		w.add(q, id)
	}
	w.run(q)
	w.want("a", model.TaskDone, 1)
	w.want("b", model.TaskDone, 1)
	if task := w.want("bad", model.TaskPending, 1); task.LastError != "panic: boom" || len(task.Outbox) != 0 {
		t.Errorf("got %+v", task)
	}
	w.pass(2 * time.Second)
	w.run(q)
	w.want("bad", model.TaskDone, 2)
}

// A handler has a bounded time, so that one that hangs does not keep a worker.
func TestHandlerHasABoundedTime(t *testing.T) {
	w := newWorld(t)
	var left time.Duration
	q := w.worker(func(ctx context.Context, _ []byte) ([]model.Event, error) {
		if deadline, ok := ctx.Deadline(); ok {
			left = time.Until(deadline)
		}
		return nil, nil
	})
	w.add(q, "a")
	w.run(q)
	if lease := 30 * time.Second; left <= 0 || left >= lease {
		t.Errorf("%s of time, in a lease of %s", left, lease)
	}
}

func TestStoreAwayIsAnErrorAndNothingIsLost(t *testing.T) {
	w := newWorld(t)
	q := w.worker(fine)
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	if created, err := q.Add(t.Context(), "work", "a", nil); created || !errors.Is(err, model.ErrUnavailable) || w.rings != 0 {
		t.Errorf("%v, %v, rung %d times", created, err, w.rings)
	}
	if _, err := q.Run(t.Context()); !errors.Is(err, model.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}

// What was done a week ago is forgotten; what was not is kept, and so is what nobody has
// been told yet.
func TestPurgeForgetsWhatWasDoneAWeekAgo(t *testing.T) {
	w := newWorld(t)
	q := w.worker(func(_ context.Context, body []byte) ([]model.Event, error) {
		switch string(body) {
		case "dead":
			return nil, tasks.Final(errors.New("hopeless"))
		case "pending":
			return nil, errors.New("boom")
		case "untold":
			return happens(context.Background(), body)
		}
		return nil, nil
	})
	for _, id := range []string{"done", "dead", "pending", "untold"} {
		w.add(q, id)
	}
	w.run(q)
	purge := func(want int) {
		t.Helper()
		if n, err := q.Purge(context.Background()); err != nil || n != want {
			t.Errorf("%d purged, want %d, %v", n, want, err)
		}
	}
	w.pass(7*24*time.Hour - time.Millisecond)
	purge(0)
	w.pass(2 * time.Millisecond)
	purge(1)
	if _, err := w.store.Task(t.Context(), "done"); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("done: %v", err)
	}
	for _, id := range []string{"dead", "pending", "untold"} {
		w.task(id)
	}
	w.relays(1)
	purge(1)
	if created, err := q.Add(t.Context(), "work", "done", nil); !created || err != nil {
		t.Errorf("%v, %v", created, err)
	}
}
