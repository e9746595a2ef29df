package model

import "time"

// TaskStatus is where a task stands.
type TaskStatus string

// The statuses of a task.
const (
	TaskPending TaskStatus = "pending"
	TaskDone    TaskStatus = "done"
	TaskDead    TaskStatus = "dead" // gave up; an operator must look
)

// Task is work that was accepted and is done in the background: a message of WeChat's
// that has been acknowledged, a UnionID to ask for. Its ID says what it is about, so
// accepting the same thing twice makes one task.
type Task struct {
	ID        string
	Kind      string // who does it
	Body      []byte // for who does it; may hold personal data, so tasks that are done are purged
	Status    TaskStatus
	Attempts  int
	DueAt     time.Time // next attempt; also the end of a worker's lease
	LastError string    // for operators, without secrets
	CreatedAt time.Time
	Outbox    []Event // what the task led to, not yet handed to the webhook deliveries
	Version   int64
}
