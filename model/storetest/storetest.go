// Package storetest is what the conformance suites of all stores share: how the
// tests of a suite are run, each on a new and empty database, and how a race is run.
// What a store must do is in the suites: identity/identitytest, pay/paytest,
// server/tasks/taskstest and server/webhook/webhooktest.
package storetest

import (
	"flag"
	"strconv"
	"testing"
	"time"
)

// Database opens one set of data; called again after Close it opens the same data.
type Database[S any] func(t *testing.T) S

// Options tune a suite to a backend.
type Options struct {
	Checks int // property checks; 0 leaves rapid's default
}

// Test is one test of a suite.
type Test[S any] struct {
	Name string
	Run  func(*testing.T, S)
}

// Run runs the tests of a suite, each on a new, empty database from fresh, and then
// reopen, which opens one several times. closing closes a store.
func Run[S any](t *testing.T, fresh func(t *testing.T) Database[S], closing func(S) error, o Options, tests []Test[S], reopen func(*testing.T, Database[S])) {
	LimitChecks(t, o.Checks)
	for _, c := range tests {
		t.Run(c.Name, func(t *testing.T) { c.Run(t, Open(t, fresh(t), closing)) })
	}
	t.Run("data outlive the process", func(t *testing.T) { reopen(t, fresh(t)) })
}

// Open opens a set of data and closes it when the test ends.
func Open[S any](t *testing.T, db Database[S], closing func(S) error) S {
	t.Helper()
	s := db(t)
	t.Cleanup(func() {
		if err := closing(s); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

// LimitChecks sets the knob that rapid has only as a flag, for this suite.
func LimitChecks(t *testing.T, n int) {
	if n == 0 {
		return
	}
	checks := flag.Lookup("rapid.checks")
	before := checks.Value.String()
	if err := flag.Set(checks.Name, strconv.Itoa(n)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = flag.Set(checks.Name, before) })
}

// Epoch is a time like those of production, to count from.
func Epoch() time.Time { return time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC) }
