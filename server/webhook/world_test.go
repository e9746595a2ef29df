package webhook_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"wxhub/model"
	"wxhub/model/sqlitestore"
	"wxhub/server/webhook"
)

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// receipt is one post that a shop received and verified.
type receipt struct {
	id, event string
	at        time.Time
	body      []byte
	data      json.RawMessage
}

// shop is a business backend. It believes nothing that the library does not verify.
type shop struct {
	*httptest.Server
	mu    sync.Mutex
	got   []receipt
	reply func(w http.ResponseWriter, r *http.Request) // nil: 204
}

func newShop(t *testing.T) *shop {
	t.Helper()
	s := &shop{}
	hook, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.receive(t, hook, w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *shop) receive(t *testing.T, hook *standardwebhooks.Webhook, w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = hook.VerifyIgnoringTimestamp(body, r.Header) // the tests turn the clock
	}
	var envelope struct {
		Type      string          `json:"type"`
		Timestamp time.Time       `json:"timestamp"`
		Data      json.RawMessage `json:"data"`
	}
	if err == nil {
		err = json.Unmarshal(body, &envelope)
	}
	if err != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
		t.Errorf("a bad webhook came: %v, %s %v", err, r.Method, r.Header)
		return
	}
	var unix int64
	_, _ = fmt.Sscan(r.Header.Get("Webhook-Timestamp"), &unix)
	s.mu.Lock()
	s.got = append(s.got, receipt{r.Header.Get("Webhook-Id"), envelope.Type, time.Unix(unix, 0), body, envelope.Data})
	reply := s.reply
	s.mu.Unlock()
	if reply == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	reply(w, r)
}

func (s *shop) answers(reply func(http.ResponseWriter, *http.Request)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reply = reply
}

func (s *shop) answersStatus(status int) {
	s.answers(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
}

func (s *shop) receipts() []receipt {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]receipt(nil), s.got...)
}

// world is a real store, a clock to turn, and the log.
type world struct {
	store *sqlitestore.Store
	log   bytes.Buffer
	mu    sync.Mutex
	ahead time.Duration
	start time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	store, err := sqlitestore.Open(t.Context(), filepath.Join(t.TempDir(), "webhook.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return &world{store: store, start: model.Instant(time.Now())}
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.start.Add(w.ahead)
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ahead += d
}

// Write takes log lines; slog writes one at a time.
func (w *world) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.Write(p)
}

func (w *world) logged() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.String()
}

// sender is a new process on the same store.
func (w *world) sender(endpoints ...webhook.Endpoint) *webhook.Sender {
	return webhook.New(w.options(endpoints...))
}

func (w *world) options(endpoints ...webhook.Endpoint) webhook.Options {
	return webhook.Options{
		Endpoints: endpoints, Outboxes: []webhook.Outbox{w.store.OrderOutbox(), w.store.UserOutbox()}, Deliveries: w.store,
		Now: w.now, Log: slog.New(slog.NewJSONHandler(w, nil)),
	}
}

func endpoint(url string, events ...model.EventType) webhook.Endpoint {
	return webhook.Endpoint{URL: url, Secret: secret, Events: events}
}

// happens stores an order with one event in its outbox.
func (w *world) happens(t *testing.T, id string, event model.EventType) model.Event {
	t.Helper()
	e := model.Event{ID: "evt_" + id, Type: event, Subject: id, Data: json.RawMessage(`{"id":"` + id + `","amount":990}`), CreatedAt: w.now()}
	o := model.Order{ID: id, Status: model.OrderPaid, Amount: 990, Currency: model.CNY, CreatedAt: w.now(), Version: 1, Outbox: []model.Event{e}}
	if err := w.store.InsertOrder(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	return e
}

func run(t *testing.T, s *webhook.Sender) int {
	t.Helper()
	n, err := s.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// soon is long after anything that has not been given up.
const soon = 365 * 24 * time.Hour

// waiting returns the deliveries that are still to be made, due or not.
func (w *world) waiting(t *testing.T) []model.Delivery {
	t.Helper()
	all, err := w.store.DueDeliveries(t.Context(), w.now().Add(soon), 1000)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func (w *world) onlyWaiting(t *testing.T) model.Delivery {
	t.Helper()
	all := w.waiting(t)
	if len(all) != 1 {
		t.Fatalf("%d deliveries are waiting", len(all))
	}
	return all[0]
}

func (w *world) wantOutboxesEmpty(t *testing.T) {
	t.Helper()
	for _, box := range []webhook.Outbox{w.store.OrderOutbox(), w.store.UserOutbox()} {
		if left, err := box.PendingEvents(t.Context(), 1000); err != nil || len(left) > 0 {
			t.Errorf("%d events left, %v", len(left), err)
		}
	}
}
