package edge

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"wxhub/model"
)

// Problem is an RFC 9457 problem. Code is stable; Detail is for people.
type Problem struct {
	Type      string         `json:"type" doc:"always about:blank: code says what it is"`
	Title     string         `json:"title"`
	Status    int            `json:"status"`
	Code      string         `json:"code" doc:"stable, snake_case"`
	Detail    string         `json:"detail"`
	RequestID string         `json:"request_id,omitempty"`
	Errors    []FieldProblem `json:"errors,omitempty" doc:"the faulty inputs, one by one"`
	Upstream  *Upstream      `json:"upstream,omitempty" doc:"what WeChat said, when it refused"`
}

// FieldProblem is one faulty input.
type FieldProblem struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// Upstream is what WeChat said.
type Upstream struct {
	Service   string `json:"service" enum:"wechat,wechat_pay"`
	Code      string `json:"code,omitempty"`
	Message   string `json:"message,omitempty"`
	RequestID string `json:"request_id,omitempty"`
}

// Error, GetStatus and ContentType make a Problem what huma expects of an error.
func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// GetStatus returns the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType returns the media type of problems.
func (p *Problem) ContentType(string) string { return problemType }

const problemType = "application/problem+json"

// statuses is the mapping from kinds of errors to HTTP, and the only one.
var statuses = map[model.Kind]int{
	model.KindMalformed:       http.StatusBadRequest,
	model.KindUnauthenticated: http.StatusUnauthorized,
	model.KindForbidden:       http.StatusForbidden,
	model.KindNotFound:        http.StatusNotFound,
	model.KindConflict:        http.StatusConflict,
	model.KindInvalid:         http.StatusUnprocessableEntity,
	model.KindTooMany:         http.StatusTooManyRequests,
	model.KindInternal:        http.StatusInternalServerError,
	model.KindUpstream:        http.StatusBadGateway,
	model.KindUnavailable:     http.StatusServiceUnavailable,
	model.KindUpstreamTimeout: http.StatusGatewayTimeout,
}

// ProblemOf turns any error into a problem, and keeps its cause for the request log.
func ProblemOf(ctx context.Context, err error) *Problem {
	e := model.AsError(err)
	status, ok := statuses[e.Kind]
	if !ok {
		status = http.StatusInternalServerError
	}
	p := newProblem(ctx, status, e.Code, e.Message)
	for _, f := range e.Fields {
		p.Errors = append(p.Errors, FieldProblem{Field: f.Name, Message: f.Message})
	}
	if u := e.Upstream; u != nil {
		p.Upstream = &Upstream{Service: u.Service, Code: u.Code, Message: u.Message, RequestID: u.RequestID}
	}
	note(ctx, e.Code, err)
	return p
}

func newProblem(ctx context.Context, status int, code, detail string) *Problem {
	return &Problem{
		Type: "about:blank", Title: http.StatusText(status), Status: status, Code: code, Detail: detail,
		RequestID: RequestID(ctx),
	}
}

var bindOnce sync.Once

// bindHuma makes huma answer with our problems. huma keeps this in globals; they are
// set once, to a function without state.
func bindHuma() {
	bindOnce.Do(func() {
		huma.ValidateStrictCasing = true
		huma.NewErrorWithContext = func(c huma.Context, status int, msg string, errs ...error) huma.StatusError {
			return humaProblem(c.Context(), status, msg, errs)
		}
		huma.NewError = func(status int, msg string, errs ...error) huma.StatusError {
			return humaProblem(context.Background(), status, msg, errs)
		}
	})
}

// humaProblem is for what huma itself finds wrong with a request. The offending
// value is left out: it may be a code or a token.
func humaProblem(ctx context.Context, status int, msg string, errs []error) *Problem {
	p := newProblem(ctx, status, codeOfStatus(status), msg)
	if status >= http.StatusInternalServerError {
		p.Detail = "something went wrong on our side"
		note(ctx, p.Code, fmt.Errorf("%s: %v", msg, errs))
		return p
	}
	for _, err := range errs {
		f := FieldProblem{Message: err.Error()}
		if d, ok := err.(huma.ErrorDetailer); ok {
			detail := d.ErrorDetail()
			f = FieldProblem{Field: strings.TrimPrefix(detail.Location, "body."), Message: detail.Message}
		}
		p.Errors = append(p.Errors, f)
	}
	note(ctx, p.Code, nil)
	return p
}

// codeOfStatus names the errors that HTTP itself finds.
func codeOfStatus(status int) string {
	switch status {
	case http.StatusBadRequest:
		return "malformed_request"
	case http.StatusUnprocessableEntity:
		return "invalid_input"
	case http.StatusNotFound:
		return "no_such_route"
	case http.StatusMethodNotAllowed:
		return "method_not_allowed"
	case http.StatusRequestTimeout:
		return "request_timeout"
	case http.StatusRequestEntityTooLarge:
		return "body_too_large"
	case http.StatusUnsupportedMediaType:
		return "unsupported_media_type"
	case http.StatusNotAcceptable:
		return "not_acceptable"
	case http.StatusRequestHeaderFieldsTooLarge:
		return "headers_too_large"
	case http.StatusTooManyRequests:
		return "too_many_requests"
	}
	if status >= http.StatusInternalServerError {
		return "internal"
	}
	return "bad_request"
}
