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

// maxFieldProblems and maxFieldName bound what a problem repeats of a request.
const (
	maxFieldProblems = 20
	maxFieldName     = 64
)

// humaProblem is for what huma itself finds wrong with a request. The offending
// value is left out: it may be a code or a token.
func humaProblem(ctx context.Context, status int, msg string, errs []error) *Problem {
	p := httpProblem(ctx, status)
	if status >= http.StatusInternalServerError {
		note(ctx, p.Code, fmt.Errorf("%s: %v", msg, errs))
		return p
	}
	if status == http.StatusUnsupportedMediaType {
		return p // huma's message is the media type that was sent
	}
	for _, err := range errs[:min(len(errs), maxFieldProblems)] {
		f := FieldProblem{Message: err.Error()}
		if d, ok := err.(huma.ErrorDetailer); ok {
			detail := d.ErrorDetail()
			f = FieldProblem{Field: strings.TrimPrefix(detail.Location, "body."), Message: detail.Message}
		}
		if len(f.Field) > maxFieldName {
			f.Field = strings.ToValidUTF8(f.Field[:maxFieldName], "") + "…"
		}
		p.Errors = append(p.Errors, f)
	}
	return p
}

// httpProblems are the errors that HTTP itself finds: their stable code and their
// sentence for people.
var httpProblems = map[int]struct{ code, detail string }{
	http.StatusBadRequest:                  {"malformed_request", "the request could not be read"},
	http.StatusUnprocessableEntity:         {"invalid_input", "the request is not acceptable; errors names each fault"},
	http.StatusNotFound:                    {"no_such_route", "there is nothing at this path"},
	http.StatusMethodNotAllowed:            {"method_not_allowed", "this path takes other methods; see the Allow header"},
	http.StatusRequestTimeout:              {"request_timeout", "the request took too long to arrive"},
	http.StatusRequestEntityTooLarge:       {"body_too_large", "the request body is too large"},
	http.StatusUnsupportedMediaType:        {"unsupported_media_type", "the request body must be application/json, not compressed"},
	http.StatusNotAcceptable:               {"not_acceptable", "answers are application/json"},
	http.StatusRequestHeaderFieldsTooLarge: {"headers_too_large", "the request headers are too large"},
	http.StatusTooManyRequests:             {"too_many_requests", "slow down"},
}

// httpProblem makes the problem of a status that HTTP itself gives.
func httpProblem(ctx context.Context, status int) *Problem {
	known, ok := httpProblems[status]
	switch {
	case !ok && status >= http.StatusInternalServerError:
		known.code, known.detail = "internal", "something went wrong on our side"
	case !ok:
		known.code, known.detail = "bad_request", "the request was refused"
	}
	note(ctx, known.code, nil)
	return newProblem(ctx, status, known.code, known.detail)
}
