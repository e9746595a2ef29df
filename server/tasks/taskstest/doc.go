// Package taskstest is what every store of tasks must pass: the comments of
// tasks.Store and tasks.Cursors as tests, races included.
//
// The suite knows only interfaces. Because events wait inside tasks, it also tests the
// outbox of tasks, as package webhook sees it.
package taskstest
