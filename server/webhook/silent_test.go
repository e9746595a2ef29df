package webhook_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"wxhub/model"
	"wxhub/server/webhook"
)

// oneDown is a network in which one host cannot be reached.
type oneDown struct {
	host  string
	tries atomic.Int64
}

func (n *oneDown) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host == n.host {
		n.tries.Add(1)
		return nil, errors.New("nobody there")
	}
	return http.DefaultTransport.RoundTrip(r)
}

// An endpoint that is away costs a few tries a run, however much waits for it, and
// the other endpoint gets all of its events meanwhile.
func TestAnUnreachableEndpointDoesNotHoldUpTheOthers(t *testing.T) {
	w, s := newWorld(t), newShop(t)
	network := &oneDown{host: "away.example"}
	o := w.options(endpoint("http://away.example/hook", model.EventOrderPaid), endpoint(s.URL, model.EventOrderPaid))
	o.Client = &http.Client{Transport: network}
	const events = 90
	for i := range events {
		w.happens(t, fmt.Sprintf("order-%02d", i), model.EventOrderPaid)
	}
	sender := webhook.New(o)
	for range 3 { // two hundred deliveries are more than one batch
		run(t, sender)
	}
	if got := len(s.receipts()); got != events {
		t.Errorf("the healthy endpoint got %d of %d events", got, events)
	}
	if n := network.tries.Load(); n > 3*8 {
		t.Errorf("the one that is away was tried %d times", n)
	}
	if left := w.waiting(t); len(left) != events {
		t.Errorf("%d deliveries are waiting for it", len(left))
	}
	if strings.Contains(w.logged(), `"level":"ERROR"`) {
		t.Error("something was given up")
	}
}
