package edge

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"regexp"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"
)

// HeaderRequestID carries the request id, in and out.
const HeaderRequestID = "X-Request-Id"

// requestIDShape is what is taken over from a caller; anything else gets a new id.
var requestIDShape = regexp.MustCompile(`^[A-Za-z0-9._-]{1,128}$`)

// request is what one request leaves for its log line.
type request struct {
	id     string
	code   string // of the problem answered
	cause  error  // private
	caller string // "user", "key:NAME" or ""
}

type requestKey struct{}

// RequestID returns the id of the request that ctx belongs to, "" outside of one.
func RequestID(ctx context.Context) string {
	if r, ok := ctx.Value(requestKey{}).(*request); ok {
		return r.id
	}
	return ""
}

func note(ctx context.Context, code string, cause error) {
	if r, ok := ctx.Value(requestKey{}).(*request); ok {
		r.code, r.cause = code, cause
	}
}

// Observe gives each request its id and, when it is answered, one log line and one
// count. Routes are logged as patterns and without queries: neither ids nor secrets
// get into the log by way of a URL.
func Observe(log *slog.Logger, m *Metrics) fiber.Handler {
	return func(c *fiber.Ctx) error { return observe(c, log, m, c.Next) }
}

func observe(c *fiber.Ctx, log *slog.Logger, m *Metrics, next func() error) error {
	start := time.Now()
	r := &request{id: c.Get(HeaderRequestID)}
	if !requestIDShape.MatchString(r.id) {
		r.id = newRequestID()
	}
	c.Set(HeaderRequestID, r.id)
	c.SetUserContext(context.WithValue(c.UserContext(), requestKey{}, r))
	if err := next(); err != nil {
		if err := answer(c, err); err != nil {
			return err
		}
	}
	status, route, took := c.Response().StatusCode(), routeOf(c), time.Since(start)
	m.request(methodOf(c), route, status, took)
	log.LogAttrs(c.UserContext(), levelOf(status), "request", line(c, r, route, status, took)...)
	return nil
}

func line(c *fiber.Ctx, r *request, route string, status int, took time.Duration) []slog.Attr {
	attrs := []slog.Attr{
		slog.String("method", methodOf(c)), slog.String("route", route), slog.Int("status", status),
		slog.Float64("ms", float64(took.Microseconds())/1000), slog.String("ip", c.IP()),
	}
	if r.caller != "" {
		attrs = append(attrs, slog.String("caller", r.caller))
	}
	if r.code != "" {
		attrs = append(attrs, slog.String("code", r.code))
	}
	if r.cause != nil {
		attrs = append(attrs, slog.String("cause", r.cause.Error()))
	}
	return attrs
}

func levelOf(status int) slog.Level {
	if status >= 500 {
		return slog.LevelError
	}
	return slog.LevelInfo
}

// routeOf is the pattern that matched; one word for everything that matched none,
// so that a scanner cannot grow our metrics.
func routeOf(c *fiber.Ctx) string {
	// A request that never reached the router has a route without handlers, made of its raw path.
	if r := c.Route(); r.Path != "/" && len(r.Handlers) > 0 {
		return r.Path
	}
	return "unmatched"
}

// methodOf is one word for every method that HTTP does not know, for the same reason.
func methodOf(c *fiber.Ctx) string {
	if m := c.Method(); slices.Contains(fiber.DefaultMethods, m) {
		return m
	}
	return "other"
}

func newRequestID() string {
	b := make([]byte, 12)
	_, _ = rand.Read(b) // crypto/rand does not fail
	return hex.EncodeToString(b)
}
