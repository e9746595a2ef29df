package main

import (
	"encoding/json"
	"io"
	"net/http"
	"sync"
	"testing"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

const chaosWebhookSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" // of the examples in the Standard Webhooks text

// shop is a backend that hears of events, and takes every fifth only when it comes again.
type shop struct {
	t    *testing.T
	hook *standardwebhooks.Webhook

	mu    sync.Mutex
	came  map[string]bool            // webhook-ids
	heard map[string]map[string]bool // webhook-ids, by what they tell
}

func newShop(t *testing.T) *shop {
	t.Helper()
	hook, err := standardwebhooks.NewWebhook(chaosWebhookSecret)
	if err != nil {
		t.Fatal(err)
	}
	return &shop{t: t, hook: hook, came: map[string]bool{}, heard: map[string]map[string]bool{}}
}

func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if err := s.hook.Verify(body, r.Header); err != nil {
		s.t.Errorf("an event does not verify: %v", err)
		return
	}
	var e struct {
		Type string
		Data struct{ ID string }
	}
	if err := json.Unmarshal(body, &e); err != nil || e.Data.ID == "" {
		s.t.Errorf("an event that nobody can read: %s", body)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	id := r.Header.Get("Webhook-Id")
	if again := s.came[id]; !again && len(s.came)%5 == 0 {
		s.came[id] = true
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	s.came[id] = true
	what := e.Type + " " + e.Data.ID
	if s.heard[what] == nil {
		s.heard[what] = map[string]bool{}
	}
	s.heard[what][id] = true
}

// times is of how many events of a kind the shop heard, about one thing.
func (s *shop) times(event, id string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.heard[event+" "+id])
}
