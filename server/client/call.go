package client

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// call is one call of the API.
type call struct {
	method string
	path   []string // segments below /v1; escaped here
	query  url.Values
	body   any
	key    string // Idempotency-Key
	safe   bool   // may be sent again though it may have been carried out
}

// answerLimit bounds what is read of an answer, in bytes.
const answerLimit = 16 << 20

// newKey is an Idempotency-Key for callers who gave none.
func newKey(given string) string {
	if given != "" {
		return given
	}
	return rand.Text()
}

// do makes a call whose answer is a T.
func do[T any](ctx context.Context, c *Client, r call) (T, error) {
	var out, none T
	if err := c.do(ctx, r, &out); err != nil {
		return none, err
	}
	return out, nil
}

// do makes a call and fills in out, unless it is nil. What was refused is an *Error; whatever else
// means that there was no answer, and that the call may have been carried out.
func (c *Client) do(ctx context.Context, r call, out any) error {
	var body []byte
	if r.body != nil {
		var err error
		if body, err = json.Marshal(r.body); err != nil {
			return fmt.Errorf("wxhub: %w", err)
		}
	}
	safe := r.safe || r.key != "" || r.method == http.MethodGet
	for attempt := 1; ; attempt++ {
		after, err := c.once(ctx, r, body, out)
		if err == nil || !safe || attempt >= c.attempts || !again(err) || ctx.Err() != nil {
			return err
		}
		if late := wait(ctx, max(after, c.pause(attempt))); late != nil {
			return err
		}
	}
}

// again reports whether err is worth another attempt.
func again(err error) bool {
	var e *Error
	return !errors.As(err, &e) || e.passing()
}

func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// once sends the call. after is how long the server asks to wait.
func (c *Client) once(ctx context.Context, r call, body []byte, out any) (after time.Duration, err error) {
	req, err := c.request(ctx, r, body)
	if err != nil {
		return 0, err
	}
	answer, err := c.http.Do(req)
	if err != nil {
		return 0, fmt.Errorf("wxhub: %s: %w", r.method, withoutURL(err))
	}
	defer func() { _ = answer.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(answer.Body, answerLimit))
	if err != nil {
		return 0, fmt.Errorf("wxhub: the answer broke off: %w", err)
	}
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		return retryAfter(answer.Header), problem(answer, raw)
	}
	if out == nil {
		return 0, nil
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return 0, unreadable(answer)
	}
	return 0, nil
}

func (c *Client) request(ctx context.Context, r call, body []byte) (*http.Request, error) {
	at := c.base.JoinPath("v1")
	for _, segment := range r.path {
		if segment == "" || segment == "." || segment == ".." {
			return nil, errors.New("wxhub: an id is missing") // it would be another call
		}
		at = at.JoinPath(url.PathEscape(segment))
	}
	at.RawQuery = r.query.Encode()
	req, err := http.NewRequestWithContext(ctx, r.method, at.String(), bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("wxhub: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+c.key())
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.userAgent)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.key != "" {
		req.Header.Set("Idempotency-Key", r.key)
	}
	return req, nil
}

// problem reads the answer of a refusal.
func problem(answer *http.Response, raw []byte) error {
	e := &Error{}
	if err := json.Unmarshal(raw, e); err != nil || e.Code == "" {
		return unreadable(answer)
	}
	e.Status = answer.StatusCode
	return e
}

func unreadable(answer *http.Response) error {
	return &Error{
		Status: answer.StatusCode, Code: CodeUnreadable, Detail: "the answer is not wxhub's; does the URL lead to it?",
		RequestID: answer.Header.Get("X-Request-Id"),
	}
}

// maxAfter bounds how long a server may ask to wait.
const maxAfter = 30 * time.Second

func retryAfter(h http.Header) time.Duration {
	seconds, err := strconv.Atoi(h.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return min(time.Duration(seconds)*time.Second, maxAfter)
}

// withoutURL strips the URL, which may hold an openid.
func withoutURL(err error) error {
	var ue *url.Error
	if errors.As(err, &ue) {
		return ue.Err
	}
	return err
}
