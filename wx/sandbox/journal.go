package sandbox

import (
	"log/slog"
	"net/url"
	"sync"
	"time"
)

// Directions of an Entry.
const (
	DirectionCall         = "call"         // a client called the platform
	DirectionNotification = "notification" // the platform called a client
)

// journalSize is how many entries are kept at least; older ones are forgotten.
const journalSize = 10000

// Entry is one call received or one notification attempt. It holds no secret: query values that are secrets
// are replaced, bodies are not kept.
type Entry struct {
	Seq          int64     `json:"seq"`
	Time         time.Time `json:"time"`          // wall clock, when it began
	PlatformTime time.Time `json:"platform_time"` // the platform's clock then
	Direction    string    `json:"direction"`
	Method       string    `json:"method"`
	Path         string    `json:"path"` // of a notification: the whole URL
	Status       int       `json:"status"`
	Code         string    `json:"code,omitempty"` // the platform's error code or errcode
	Merchant     string    `json:"merchant,omitempty"`
	SubMerchant  string    `json:"sub_merchant,omitempty"`
	App          string    `json:"app,omitempty"`
	OutTradeNo   string    `json:"out_trade_no,omitempty"`
	OutRefundNo  string    `json:"out_refund_no,omitempty"`
	Event        string    `json:"event,omitempty"`   // event_type of a notification
	Attempt      int       `json:"attempt,omitempty"` // of a notification, from 1
	Fault        string    `json:"fault,omitempty"`
	Error        string    `json:"error,omitempty"` // why there is no status
	Done         bool      `json:"done"`            // false while the call is still open; Status 0 and Done: no answer was given
}

// journal numbers entries when they begin, so that they stand in order, and completes them when they end.
type journal struct {
	logger *slog.Logger

	mu      sync.Mutex
	seq     int64
	entries []*Entry
}

// Log returns the entries with a sequence number above after, in the order in which they began.
func (p *Platform) Log(after int64) []Entry {
	p.journal.mu.Lock()
	defer p.journal.mu.Unlock()
	out := []Entry{}
	for _, e := range p.journal.entries {
		if e.Seq > after {
			out = append(out, *e)
		}
	}
	return out
}

func (j *journal) last() int64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.seq
}

func (j *journal) begin(e Entry) *Entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.seq++
	e.Seq = j.seq
	if len(j.entries) == 2*journalSize { // in one go, so that it costs nothing on average
		j.entries = append([]*Entry(nil), j.entries[journalSize:]...)
	}
	j.entries = append(j.entries, &e)
	return &e
}

// end completes an entry. It must be called before the answer leaves, so that a client that has its answer
// finds it in the log.
func (j *journal) end(e *Entry, complete func(*Entry)) {
	j.mu.Lock()
	complete(e)
	e.Done = true
	line := *e
	j.mu.Unlock()
	j.logger.Info(line.Direction,
		slog.Int64("seq", line.Seq), slog.String("method", line.Method), slog.String("path", line.Path),
		slog.Int("status", line.Status), slog.String("code", line.Code), slog.String("merchant", line.Merchant),
		slog.String("app", line.App), slog.String("out_trade_no", line.OutTradeNo), slog.String("event", line.Event),
		slog.Int("attempt", line.Attempt), slog.String("fault", line.Fault), slog.String("error", line.Error))
}

// withoutSecrets is a path with its query, values of secret parameters replaced.
func withoutSecrets(u *url.URL) string {
	query := u.Query()
	if len(query) == 0 {
		return u.EscapedPath()
	}
	for _, name := range []string{"secret", "appsecret", "access_token", "js_code", "code", "session_key", "signature", "refresh_token", "token"} {
		if query.Has(name) {
			query.Set(name, "***")
		}
	}
	return u.EscapedPath() + "?" + query.Encode()
}
