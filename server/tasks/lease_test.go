package tasks_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/server/tasks"
	"wxhub/server/webhook"
)

func TestOfManyWorkersOneDoesATask(t *testing.T) {
	w := newWorld(t)
	const n = 40
	workers := make([]*tasks.Queue, 8)
	for i := range workers {
		workers[i] = w.worker(happens)
	}
	for i := range n {
		w.add(workers[0], fmt.Sprint("task", i))
	}
	var all sync.WaitGroup
	for _, q := range workers {
		all.Go(func() { w.run(q) })
	}
	all.Wait()
	for i := range n {
		id := fmt.Sprint("task", i)
		if w.times(id) != 1 {
			t.Errorf("%s was done %d times", id, w.times(id))
		}
		if task := w.want(id, model.TaskDone, 1); len(task.Outbox) != 1 || task.Outbox[0].Subject != id {
			t.Errorf("outbox %+v", task.Outbox)
		}
	}
}

// While one worker is at it, another leaves it alone until the lease is over; then it is
// done again, and the slow one's outcome does not count any more.
func TestLeaseKeepsOthersAwayUntilItEnds(t *testing.T) {
	w := newWorld(t)
	began, release := make(chan struct{}), make(chan struct{})
	var slowly sync.Once
	slow := w.worker(func(ctx context.Context, body []byte) ([]model.Event, error) {
		slowly.Do(func() { close(began); <-release })
		return nil, errors.New("too late")
	})
	quick := w.worker(happens)
	w.add(slow, "a")
	finished := make(chan struct{})
	go func() { defer close(finished); w.run(slow) }()
	<-began
	w.pass(30*time.Second - time.Millisecond)
	if n := w.run(quick); n != 0 {
		t.Errorf("%d were due within the lease", n)
	}
	w.pass(time.Millisecond)
	if n := w.run(quick); n != 1 || w.times("a") != 2 {
		t.Errorf("%d were due, done %d times", n, w.times("a"))
	}
	close(release)
	<-finished
	if task := w.want("a", model.TaskDone, 1); len(task.Outbox) != 1 || task.LastError != "" {
		t.Errorf("the late outcome counts: %+v", task)
	}
}

// A process that stops in the middle leaves the task to the next, as if it had crashed:
// the attempt does not count and no event is told twice.
func TestTaskThatWasCutShortIsDoneAgain(t *testing.T) {
	for name, outcome := range map[string]error{"with success": nil, "with a failure": errors.New("cancelled"), "for good": tasks.Final(errors.New("cancelled"))} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			ctx, stop := context.WithCancel(context.Background())
			stopping := w.worker(func(_ context.Context, body []byte) ([]model.Event, error) {
				stop() // the process is told to end while the task is being done
				events, _ := happens(context.Background(), body)
				return events, outcome
			})
			w.add(stopping, "a")
			if _, err := stopping.Run(ctx); err != nil {
				t.Fatal(err)
			}
			if task := w.want("a", model.TaskPending, 0); len(task.Outbox) != 0 {
				t.Errorf("outbox %+v", task.Outbox)
			}
			next := w.worker(happens)
			if n := w.run(next); n != 0 {
				t.Error("taken before the lease was over")
			}
			w.pass(30 * time.Second)
			w.run(next)
			if task := w.want("a", model.TaskDone, 1); len(task.Outbox) != 1 || w.times("a") != 2 {
				t.Errorf("%+v, done %d times", task, w.times("a"))
			}
		})
	}
}

// Once told to stop, a worker begins nothing more.
func TestStoppedWorkerBeginsNothing(t *testing.T) {
	w := newWorld(t)
	ctx, stop := context.WithCancel(context.Background())
	var begun atomic.Int32
	q := w.worker(func(context.Context, []byte) ([]model.Event, error) {
		begun.Add(1)
		stop()
		return nil, nil
	})
	for i := range 100 {
		w.add(q, fmt.Sprint("task", i))
	}
	if _, err := q.Run(ctx); err != nil && !errors.Is(err, model.ErrUnavailable) {
		t.Fatal(err)
	}
	if n := begun.Load(); n > 8 { // those that were taken at the same moment
		t.Errorf("%d tasks were begun", n)
	}
}

// relays hands the events of tasks over, and returns when want of them are delivered.
func (w *world) relays(want int) {
	w.t.Helper()
	var got atomic.Int32
	shop := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		got.Add(1)
		rw.WriteHeader(http.StatusNoContent)
	}))
	defer shop.Close()
	sender := webhook.New(webhook.Options{
		Endpoints: []webhook.Endpoint{{URL: shop.URL, Secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", Events: []model.EventType{model.EventMessageReceived}}},
		Outboxes:  []webhook.Outbox{w.store.TaskOutbox()}, Deliveries: w.store, Now: w.now, Log: slog.New(slog.DiscardHandler),
	})
	for range 3 { // the later ones have nothing to do
		if _, err := sender.Run(context.Background()); err != nil {
			w.t.Fatal(err)
		}
		w.pass(time.Hour)
	}
	if n := int(got.Load()); n != want {
		w.t.Errorf("%d webhooks, want %d", n, want)
	}
}

// An event of a task reaches the shop once, also when its task was done twice.
func TestEventsOfTasksAreDeliveredOnce(t *testing.T) {
	w := newWorld(t)
	rung := 0
	q := w.worker(happens)
	q.OnEvent = func() { rung++ }
	ids := []string{"a", "b", "c"}
	for _, id := range ids {
		w.add(q, id)
		w.run(q)
	}
	if rung != len(ids) {
		t.Errorf("the webhooks were rung for %d times", rung)
	}
	w.relays(len(ids))
	for _, id := range ids {
		if task := w.want(id, model.TaskDone, 1); len(task.Outbox) != 0 {
			t.Errorf("outbox %+v", task.Outbox)
		}
	}
	w.run(q)
	w.relays(0)
}
