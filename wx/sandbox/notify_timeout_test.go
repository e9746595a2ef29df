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
