package model

import (
	"errors"
	"fmt"
)

// Kind says how the world should react to an error. The server maps each kind to
// one HTTP status; nothing else does.
type Kind string

// The kinds, with the HTTP status the server gives them.
const (
	KindMalformed       Kind = "malformed"        // 400: not even readable
	KindUnauthenticated Kind = "unauthenticated"  // 401: no or bad credentials
	KindForbidden       Kind = "forbidden"        // 403: not yours, or out of scope
	KindNotFound        Kind = "not_found"        // 404
	KindConflict        Kind = "conflict"         // 409: the state does not allow it
	KindInvalid         Kind = "invalid"          // 422: readable, but not acceptable
	KindTooMany         Kind = "too_many"         // 429: slow down
	KindInternal        Kind = "internal"         // 500: our fault; says nothing to the caller
	KindUpstream        Kind = "upstream"         // 502: WeChat said no
	KindUnavailable     Kind = "unavailable"      // 503: a store or Redis is away
	KindUpstreamTimeout Kind = "upstream_timeout" // 504: WeChat was silent
)

// Field is one faulty input.
type Field struct {
	Name    string // where: "amount", "body.amount"
	Message string // what is wrong and what would be right
}

// Upstream is what WeChat itself said, kept so that an operator can act on it
// (and quote the request id to WeChat's support). It never holds a secret.
type Upstream struct {
	Service   string // "wechat" or "wechat_pay"
	Code      string // errcode or code, verbatim
	Message   string
	RequestID string // WeChat Pay's Request-ID, or the rid of an errmsg
}

// Error is the only error type that crosses package borders with a meaning.
// Code and Message are public and stable; Cause is private and only logged.
type Error struct {
	Kind     Kind
	Code     string // stable snake_case, part of the API
	Message  string // one sentence for the caller
	Fields   []Field
	Upstream *Upstream // set when WeChat refused
	Cause    error
}

// Error gives the code, the message, WeChat's words and the private cause: for logs,
// not for callers.
func (e *Error) Error() string {
	text := e.Code + ": " + e.Message
	if u := e.Upstream; u != nil {
		text += fmt.Sprintf(" (%s says %s: %s", u.Service, u.Code, u.Message)
		if u.RequestID != "" {
			text += ", request id " + u.RequestID
		}
		text += ")"
	}
	if e.Cause != nil {
		text += fmt.Sprintf(": %v", e.Cause)
	}
	return text
}

// Unwrap gives the private cause.
func (e *Error) Unwrap() error { return e.Cause }

// Because returns a copy of e with a private cause.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.Cause = cause
	return &c
}

// Is makes two Errors equal when their codes are, so that errors.Is works against
// the sentinels below and against copies made by Because.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// NewError makes an error of one kind with a stable code and a public message.
func NewError(k Kind, code, format string, args ...any) *Error {
	return &Error{Kind: k, Code: code, Message: fmt.Sprintf(format, args...)}
}

// InvalidField is the common input error: one field, one sentence.
func InvalidField(name, format string, args ...any) *Error {
	msg := fmt.Sprintf(format, args...)
	return &Error{
		Kind: KindInvalid, Code: "invalid_input", Message: name + " " + msg,
		Fields: []Field{{Name: name, Message: msg}},
	}
}

// AsError finds the Error in a chain; anything else is internal and says nothing.
func AsError(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Kind: KindInternal, Code: "internal", Message: "something went wrong on our side", Cause: err}
}

// CodeOf returns the stable code of an error ("internal" when it has none).
func CodeOf(err error) string { return AsError(err).Code }

// Sentinels that stores return. Callers compare with errors.Is.
var (
	// ErrNotFound: there is no such thing.
	ErrNotFound = NewError(KindNotFound, "not_found", "there is no such thing")
	// ErrExists: the unique key is taken.
	ErrExists = NewError(KindConflict, "already_exists", "it exists already")
	// ErrStale: the aggregate changed since it was read; read again and retry.
	ErrStale = NewError(KindConflict, "stale", "it changed meanwhile; try again")
	// ErrUnavailable: the store or Redis did not answer.
	ErrUnavailable = NewError(KindUnavailable, "unavailable", "a dependency is away; try again shortly")
)
