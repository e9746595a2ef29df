package sandbox_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"wxhub/wx/sandbox"
)

// The client's own, shorter timeout stands in for the 5 seconds, so that the test need not wait for them.
func TestSlowReceiverIsAFailedAttempt(t *testing.T) {
	release := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}))
	defer slow.Close()
	defer close(release)
	s := newStage(t, sandbox.Options{Client: &http.Client{Timeout: 30 * time.Millisecond}})
	s.pay(s.prepay(s.number(), set("notify_url", slow.URL)))
	if got := s.waitAttempts(1); got[0].Status != 0 || got[0].Error == "" {
		t.Errorf("%+v", got[0])
	}
	s.advance(15 * time.Second)
	if got := s.waitAttempts(2); got[1].Attempt != 2 {
		t.Errorf("%+v", got[1])
	}
}

func TestRandomSeedCanBeGivenBack(t *testing.T) {
	first, err := sandbox.New(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	again, err := sandbox.New(sandbox.Options{Seed: first.Seed()})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	a, errA := first.CreateUser("payer-1")
	b, errB := again.CreateUser("payer-1")
	if errA != nil || errB != nil || a.ID != b.ID {
		t.Errorf("%v %v %s %s", errA, errB, a.ID, b.ID)
	}
}

func TestSlowPushReceiverIsAFailedAttempt(t *testing.T) {
	release := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			_, _ = w.Write([]byte(r.FormValue("echostr")))
			return
		}
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}))
	defer slow.Close()
	defer close(release)
	b := sandbox.DefaultBehaviour()
	b.PushRetryGap = 0
	s := newStage(t, sandbox.Options{Behaviour: &b, Client: &http.Client{Timeout: 200 * time.Millisecond}})
	if err := s.platform.SetPush(sandbox.DefaultOfficialAccount, sandbox.PushSettings{URL: slow.URL}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.platform.Follow(sandbox.DefaultOfficialAccount, "payer-1", ""); err != nil {
		t.Fatal(err)
	}
	for i, entry := range s.waitAttempts(3) {
		if entry.Attempt != i+1 || entry.Status != 0 || entry.Error == "" || entry.Event != "subscribe" {
			t.Errorf("%+v", entry)
		}
	}
}
