package client

import (
	"errors"
	"fmt"
	"net/http"
)

// Error is what the server said against a call: its problem+json (RFC 9457).
type Error struct {
	Status    int          `json:"status"`
	Code      string       `json:"code"`   // stable, snake_case
	Detail    string       `json:"detail"` // for people who develop
	RequestID string       `json:"request_id"`
	Fields    []FieldError `json:"errors"`
	Upstream  *Upstream    `json:"upstream"` // what WeChat said, when it refused
}

// FieldError is one faulty input.
type FieldError struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// Upstream is what WeChat said.
type Upstream struct {
	Service   string `json:"service"` // wechat or wechat_pay
	Code      string `json:"code"`
	Message   string `json:"message"`
	RequestID string `json:"request_id"`
}

// CodeUnreadable is the code of an answer that is not wxhub's: of a proxy, or another server.
const CodeUnreadable = "unreadable_answer"

// Error gives code, detail, fields and the request id, for logs.
func (e *Error) Error() string {
	text := fmt.Sprintf("wxhub: HTTP %d %s: %s", e.Status, e.Code, e.Detail)
	for _, f := range e.Fields {
		text += fmt.Sprintf("; %s: %s", f.Field, f.Message)
	}
	if u := e.Upstream; u != nil {
		text += fmt.Sprintf(" (%s says %s: %s)", u.Service, u.Code, u.Message)
	}
	if e.RequestID != "" {
		text += ", request id " + e.RequestID
	}
	return text
}

// IsCode reports whether err is an *Error with this code.
func IsCode(err error, code string) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == code
}

// passing reports whether the same call may well succeed a moment later.
func (e *Error) passing() bool {
	switch e.Status {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	case http.StatusBadGateway:
		return e.Code == CodeUnreadable || e.Code == "wechat_unavailable"
	}
	return e.Code == "payment_replaced"
}
