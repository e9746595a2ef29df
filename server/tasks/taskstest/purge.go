package taskstest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/model/storetest"
)

// done is a task that may be purged when it is older than the limit.
func done(id string, age time.Duration) model.Task {
	task := sample(id)
	task.Status, task.CreatedAt, task.Outbox = model.TaskDone, storetest.Epoch().Add(-age), nil
	return task
}

func purge(t *testing.T, s Stores) {
	before := storetest.Epoch()
	kept := map[string]model.Task{
		"pending": done("pending", time.Hour), "dead": done("dead", time.Hour), "untold": done("untold", time.Hour),
		"young": done("young", -time.Second), "as old": done("as old", 0), "replaced": done("replaced", time.Hour),
	}
	for id, change := range map[string]func(*model.Task){
		"pending": func(task *model.Task) { task.Status = model.TaskPending },
		"dead":    func(task *model.Task) { task.Status = model.TaskDead },
		"untold":  func(task *model.Task) { task.Outbox = []model.Event{event("untold", "untold", 0)} },
	} {
		task := kept[id]
		change(&task)
		kept[id] = task
	}
	for _, task := range kept {
		add(t, s, task)
	}
	again := kept["replaced"] // done, then taken up again
	again.Status = model.TaskPending
	replace(t, s, again)
	again.Version = 2
	kept["replaced"] = again

	var old []string
	for i := range 5 {
		task := done(fmt.Sprintf("old-%d", i), time.Duration(5-i)*time.Millisecond)
		old = append(old, task.ID)
		add(t, s, task)
	}
	wantPurged(t, s, before, 0, 0)
	wantLeft(t, s, old, old)
	wantPurged(t, s, before, 2, 2) // the oldest
	wantLeft(t, s, old, old[2:])
	wantPurged(t, s, before.Add(-2*time.Millisecond), 100, 1)
	wantLeft(t, s, old, old[3:])
	wantPurged(t, s, before, 100, 2)
	wantLeft(t, s, old, nil)
	wantPurged(t, s, before, 100, 0)
	for _, task := range kept {
		wantTask(t, s, task)
	}

	wantPurged(t, s, before.Add(time.Nanosecond), 100, 1) // "as old" is older than that
	if err := s.Outbox.AcknowledgeEvent(context.Background(), kept["untold"].Outbox[0]); err != nil {
		t.Fatalf("acknowledge: %v", err)
	}
	wantPurged(t, s, before, 100, 1)
	wantLeft(t, s, []string{"as old", "untold", "young"}, []string{"young"})
	add(t, s, done("old-0", 0)) // it is new again
}

func wantPurged(t *testing.T, s Stores, before time.Time, limit, want int) {
	t.Helper()
	if n, err := s.Tasks.PurgeTasks(context.Background(), before, limit); err != nil || n != want {
		t.Errorf("purged %d, error %v, want %d", n, err, want)
	}
}

// wantLeft checks which of some tasks are still there.
func wantLeft(t *testing.T, s Stores, of, want []string) {
	t.Helper()
	var left []string
	for _, id := range of {
		_, err := s.Tasks.Task(context.Background(), id)
		if err == nil {
			left = append(left, id)
		} else if !errors.Is(err, model.ErrNotFound) {
			t.Errorf("task %s: %v", id, err)
		}
	}
	if !slices.Equal(left, want) {
		t.Errorf("left are %v, want %v", left, want)
	}
}

func racePurge(t *testing.T, s Stores) {
	const tasks = 20
	for i := range tasks {
		add(t, s, done(fmt.Sprintf("task-%02d", i), time.Hour))
	}
	var purged atomic.Int64
	storetest.Race(storetest.Racers, func(int) {
		n, err := s.Tasks.PurgeTasks(context.Background(), storetest.Epoch(), 3)
		if err != nil || n > 3 {
			t.Errorf("purge: %d, error %v", n, err)
		}
		purged.Add(int64(n))
	})
	n, err := s.Tasks.PurgeTasks(context.Background(), storetest.Epoch(), tasks) // racers may have met at the same ones
	if err != nil || int(purged.Load())+n != tasks {
		t.Errorf("purged %d and then %d, error %v, want %d together", purged.Load(), n, err, tasks)
	}
}
