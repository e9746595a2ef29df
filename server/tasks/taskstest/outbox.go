package taskstest

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/model/storetest"
)

// with is a task of an age with n events.
func with(id string, age time.Duration, n int) model.Task {
	task := done(id, age)
	for i := range n {
		task.Outbox = append(task.Outbox, event(id, id, i))
	}
	return task
}

func outbox(t *testing.T, s Stores) {
	add(t, s, with("task-c", time.Minute, 1))
	add(t, s, with("task-a", 0, 2))
	add(t, s, with("task-d", time.Hour, 3))
	add(t, s, with("task-b", 2*time.Hour, 0))
	oldest := with("task-d", 0, 3).Outbox
	all := slices.Concat(oldest, with("task-c", 0, 1).Outbox, with("task-a", 0, 2).Outbox)
	wantPending(t, s, 0)
	wantPending(t, s, 1, all[:3]...)
	wantPending(t, s, 2, all[:4]...)
	wantPending(t, s, 100, all...)

	for range 2 {
		acknowledge(t, s, oldest[1])
		wantPending(t, s, 1, oldest[0], oldest[2])
	}
	acknowledge(t, s, event("task-of-nobody", "task-of-nobody", 0))
	ofNobody := oldest[0]
	ofNobody.ID = "event-of-nobody"
	acknowledge(t, s, ofNobody)
	want := with("task-d", time.Hour, 3)
	want.Outbox, want.Version = []model.Event{oldest[0], oldest[2]}, 2
	wantTask(t, s, want)

	acknowledge(t, s, oldest[2])
	acknowledge(t, s, oldest[0])
	want.Outbox, want.Version = nil, 4
	wantTask(t, s, want)
	wantPending(t, s, 1, all[3]) // what is done does not stand in the way
	wantPending(t, s, 100, all[3:]...)
	acknowledge(t, s, all[5])
	wantPending(t, s, 100, all[3:5]...)
}

func acknowledge(t *testing.T, s Stores, e model.Event) {
	t.Helper()
	if err := s.Outbox.AcknowledgeEvent(context.Background(), e); err != nil {
		t.Fatalf("acknowledge %s: %v", e.ID, err)
	}
}

func wantPending(t *testing.T, s Stores, limit int, want ...model.Event) {
	t.Helper()
	got, err := s.Outbox.PendingEvents(context.Background(), limit)
	if err != nil || len(got) != len(want) || len(want) > 0 && !reflect.DeepEqual(got, want) {
		t.Errorf("pending, limit %d, error %v:\n got %+v\nwant %+v", limit, err, got, want)
	}
}

// noResurrection is the relay and a worker that cross: the task was read with its
// event, the event is acknowledged, then the task is written.
func noResurrection(t *testing.T, s Stores) {
	add(t, s, with("task-1", 0, 1))
	old := get(t, s, "task-1")
	acknowledge(t, s, old.Outbox[0])
	old.Attempts++
	if err := s.Tasks.ReplaceTask(context.Background(), old); !errors.Is(err, model.ErrStale) {
		t.Errorf("replace: got %v, want ErrStale", err)
	}
	wantPending(t, s, 10)
}

func raceAcknowledge(t *testing.T, s Stores) {
	const events, changes, workers = 8, 8, 4
	start := with("task-1", 0, events)
	start.Attempts = 0
	add(t, s, start)
	storetest.Race(2*workers, func(i int) {
		if i%2 == 0 {
			for _, e := range start.Outbox { // each event by several relays
				if err := s.Outbox.AcknowledgeEvent(context.Background(), e); err != nil {
					t.Errorf("acknowledge: %v", err)
				}
			}
			return
		}
		for n := range changes {
			if err := attemptWithEvent(s, "task-1", 1000*i+n); err != nil {
				t.Errorf("replace: %v", err)
			}
		}
	})
	task := get(t, s, "task-1")
	if task.Attempts != workers*changes || len(task.Outbox) != workers*changes {
		t.Errorf("%d attempts with %d events, want %d of both", task.Attempts, len(task.Outbox), workers*changes)
	}
	for _, e := range start.Outbox {
		if slices.ContainsFunc(task.Outbox, func(left model.Event) bool { return left.ID == e.ID }) {
			t.Errorf("changes undid the acknowledgement of %s", e.ID)
		}
	}
	wantPending(t, s, 10, task.Outbox...)
}

// attemptWithEvent adds 1 to Attempts and an event, again until nobody was faster.
func attemptWithEvent(s Stores, id string, n int) error {
	for {
		task, err := s.Tasks.Task(context.Background(), id)
		if err != nil {
			return err
		}
		task.Attempts++
		task.Outbox = append(task.Outbox, event(id, id, n))
		if err := s.Tasks.ReplaceTask(context.Background(), task); !errors.Is(err, model.ErrStale) {
			return err
		}
	}
}
