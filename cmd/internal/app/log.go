package app

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"strings"

	"wxhub/model"
	"wxhub/server/edge"
)

// NewLogger writes JSON lines with the request id of their context. Secrets are
// model.Secret and hide themselves; hide is the second net, for a key that names one.
// Personal data do not belong in a log; those that come by their usual names are masked.
func NewLogger(w io.Writer, level slog.Level) *slog.Logger {
	return slog.New(withRequestID{slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: hide})})
}

var secretWords = []string{"secret", "token", "authorization", "password", "session_key", "api_key", "private_key", "v3_key"}

var personal = []string{"phone", "open_id", "openid", "union_id", "unionid", "from_user"}

func hide(_ []string, a slog.Attr) slog.Attr {
	key := strings.ToLower(a.Key)
	for _, w := range secretWords {
		if strings.Contains(key, w) {
			return slog.String(a.Key, "[redacted]")
		}
	}
	if slices.Contains(personal, key) {
		return slog.String(a.Key, model.Mask(a.Value.String()))
	}
	return a
}

type withRequestID struct{ slog.Handler }

// Handle adds the request id.
func (h withRequestID) Handle(ctx context.Context, r slog.Record) error {
	if id := edge.RequestID(ctx); id != "" {
		r.AddAttrs(slog.String("request_id", id))
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs and WithGroup keep the wrapper around what slog derives.
func (h withRequestID) WithAttrs(attrs []slog.Attr) slog.Handler {
	return withRequestID{h.Handler.WithAttrs(attrs)}
}

// WithGroup keeps the wrapper.
func (h withRequestID) WithGroup(name string) slog.Handler {
	return withRequestID{h.Handler.WithGroup(name)}
}
