// Package tasks does in the background what was accepted in the foreground: messages
// that WeChat pushed, UnionIDs to ask for after a payment.
//
// A task is stored before it is acknowledged, under an id that says what it is about,
// so the same thing accepted twice is done once. A worker takes a due task by moving
// its DueAt (its lease), does it, and writes down that it is done together with the
// events that it led to. A crash in between lets the next worker do it again after the
// lease: what a task does must be safe to do twice. Tasks that are done are kept for a
// week, so that a repetition is still recognised, and then purged.
package tasks
