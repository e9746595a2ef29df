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

// anyBytes: what somebody answered may be quoted in the error of a task.
func anyBytes(t *testing.T, s Stores) {
	task := sample("task-1")
	add(t, s, task)
	task.LastError = "\xff\xfe\x00"
	replace(t, s, task)
	if got := get(t, s, task.ID); got.Version != 2 || !slices.Equal(got.Body, task.Body) {
		t.Errorf("after the unreadable answer: %+v", got)
	}
}

func due(t *testing.T, s Stores) {
	now := storetest.Epoch()
	for i, late := range []time.Duration{time.Second, time.Hour, 0, -time.Millisecond, time.Hour, time.Minute, 2 * time.Hour} {
		task := sample(fmt.Sprintf("task-%d", i))
		task.DueAt = now.Add(-late)
		add(t, s, task)
	}
	for id, status := range map[string]model.TaskStatus{"task-5": model.TaskDone, "task-6": model.TaskDead} {
		task := get(t, s, id)
		task.Status = status
		replace(t, s, task)
	}
	longestFirst := []string{"task-1", "task-4", "task-0", "task-2"}
	for _, limit := range []int{0, 1, 3, 100} {
		want := longestFirst[:min(limit, len(longestFirst))]
		if got := dueIDs(t, s, now, limit); !slices.Equal(got, want) {
			t.Errorf("due, limit %d: got %v, want %v", limit, got, want)
		}
	}
	leased := get(t, s, "task-1")
	leased.DueAt = now.Add(time.Minute)
	replace(t, s, leased)
	if got := dueIDs(t, s, now.Add(999*time.Microsecond), 100); !slices.Equal(got, longestFirst[1:]) {
		t.Errorf("due after one was leased: got %v, want %v", got, longestFirst[1:])
	}
}

func listed(t *testing.T, s Stores) {
	at := storetest.Epoch()
	for i, status := range []model.TaskStatus{model.TaskPending, model.TaskDead, model.TaskDead, model.TaskDone, model.TaskDead} {
		task := sample(fmt.Sprintf("task-%d", i))
		task.Status, task.CreatedAt = status, at.Add(time.Duration(i)*time.Millisecond)
		add(t, s, task)
	}
	other := sample("task-9")
	other.Kind, other.Status = "message2", model.TaskDead
	add(t, s, other)
	for _, c := range []struct {
		kind   string
		status model.TaskStatus
		limit  int
		want   []string
	}{
		{"message", model.TaskDead, 100, []string{"task-4", "task-2", "task-1"}},
		{"message", model.TaskDead, 2, []string{"task-4", "task-2"}},
		{"message", model.TaskDead, 0, nil},
		{"message", model.TaskPending, 100, []string{"task-0"}},
		{"message2", model.TaskDead, 100, []string{"task-9"}},
		{"mess", model.TaskDead, 100, nil},
	} {
		tasks, err := s.Tasks.ListTasks(context.Background(), c.kind, c.status, c.limit)
		if err != nil {
			t.Fatalf("list: %v", err)
		}
		var got []string
		for _, task := range tasks {
			got = append(got, task.ID)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s %s, limit %d: got %v, want %v", c.status, c.kind, c.limit, got, c.want)
		}
	}
}

func dueIDs(t *testing.T, s Stores, now time.Time, limit int) (ids []string) {
	t.Helper()
	tasks, err := s.Tasks.DueTasks(context.Background(), now, limit)
	if err != nil {
		t.Fatalf("due: %v", err)
	}
	for _, task := range tasks {
		ids = append(ids, task.ID)
	}
	return ids
}

// raceLease lets many workers take the same due task, several times in a row.
func raceLease(t *testing.T, s Stores) {
	now := storetest.Epoch()
	add(t, s, sample("task-1"))
	for round := range 3 {
		var won atomic.Int64
		storetest.Race(storetest.Racers, func(i int) {
			due, err := s.Tasks.DueTasks(context.Background(), now, 1)
			if err != nil {
				t.Errorf("due: %v", err)
			}
			if len(due) == 0 {
				return // somebody holds the lease already
			}
			task := due[0]
			task.DueAt, task.LastError = now.Add(time.Minute), fmt.Sprintf("worker %d", i)
			switch err := s.Tasks.ReplaceTask(context.Background(), task); {
			case err == nil:
				won.Add(1)
			case !errors.Is(err, model.ErrStale):
				t.Errorf("replace: %v", err)
			}
		})
		if won.Load() != 1 {
			t.Errorf("round %d: %d workers hold the lease, want 1", round, won.Load())
		}
		now = now.Add(time.Minute) // the lease has run out
	}
}
