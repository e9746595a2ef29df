package stack

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// Event is a webhook that the shop received and verified.
type Event struct {
	ID   string // webhook-id: the same however often it comes
	Type string
	Data struct {
		ID     string `json:"id"` // of the order or the user
		Status string `json:"status"`
		Amount int64  `json:"amount"` // fen
		UserID string `json:"user_id"`

		MergedUserID string `json:"merged_user_id"`
	}
	Raw json.RawMessage `json:"-"` // data, as it came
}

// Shop is a business backend as small as can be: it verifies webhooks with the
// Standard Webhooks library, not with code of ours, and remembers them.
type Shop struct {
	hook   *standardwebhooks.Webhook
	mu     sync.Mutex
	events []Event
	came   chan struct{} // closed and replaced at each event
}

func newShop(secret string) (*Shop, error) {
	hook, err := standardwebhooks.NewWebhook(secret)
	return &Shop{hook: hook, came: make(chan struct{})}, err
}

// ServeHTTP receives one webhook.
func (s *Shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err == nil {
		err = s.hook.Verify(body, r.Header)
	}
	e := Event{ID: r.Header.Get("Webhook-Id")}
	if err == nil {
		err = json.Unmarshal(body, &e)
	}
	if err == nil {
		var raw struct{ Data json.RawMessage }
		err = json.Unmarshal(body, &raw)
		e.Raw = raw.Data
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	s.events = append(s.events, e)
	close(s.came)
	s.came = make(chan struct{})
	s.mu.Unlock()
	w.WriteHeader(http.StatusNoContent)
}

// Events returns what came about one order or user, repetitions included.
func (s *Shop) Events(subject, kind string) []Event {
	found, _ := s.look(subject, kind)
	return found
}

// OfType returns what came of one type, repetitions included.
func (s *Shop) OfType(kind string) (found []Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.events {
		if e.Type == kind {
			found = append(found, e)
		}
	}
	return found
}

// Wait waits until an event about subject has come.
func (s *Shop) Wait(ctx context.Context, subject, kind string) (Event, error) {
	for {
		found, came := s.look(subject, kind)
		if len(found) > 0 {
			return found[0], nil
		}
		select {
		case <-came:
		case <-ctx.Done():
			return Event{}, fmt.Errorf("no %s came for %s: %w", kind, subject, ctx.Err())
		}
	}
}

func (s *Shop) look(subject, kind string) (found []Event, came <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.events {
		if e.Data.ID == subject && e.Type == kind {
			found = append(found, e)
		}
	}
	return found, s.came
}
