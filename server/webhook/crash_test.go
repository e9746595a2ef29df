package webhook_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/server/webhook"
)

var errCrash = errors.New("the process died here")

// step is where a process dies: at a call, before or after it took effect.
type step struct {
	call  string
	after bool
	skip  int // calls that go well first
}

// crashing is the store of a process that dies at a step.
type crashing struct {
	webhook.Deliveries
	outbox webhook.Outbox
	mu     sync.Mutex
	at     step
}

func (c *crashing) crash(call string, after bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if call != c.at.call || after != c.at.after {
		return nil
	}
	c.at.skip--
	if c.at.skip != -1 {
		return nil
	}
	return errCrash
}

func (c *crashing) around(call string, f func() error) error {
	if err := c.crash(call, false); err != nil {
		return err
	}
	if err := f(); err != nil {
		return err
	}
	return c.crash(call, true)
}

func (c *crashing) AddDelivery(ctx context.Context, d model.Delivery) error {
	return c.around("add", func() error { return c.Deliveries.AddDelivery(ctx, d) })
}

func (c *crashing) ReplaceDelivery(ctx context.Context, d model.Delivery) error {
	return c.around("replace", func() error { return c.Deliveries.ReplaceDelivery(ctx, d) })
}

func (c *crashing) PendingEvents(ctx context.Context, limit int) ([]model.Event, error) {
	return c.outbox.PendingEvents(ctx, limit)
}

func (c *crashing) AcknowledgeEvent(ctx context.Context, e model.Event) error {
	return c.around("acknowledge", func() error { return c.outbox.AcknowledgeEvent(ctx, e) })
}

// A process dies at each step in turn; another one goes on. Nothing is lost, and the
// event keeps its one id. It is posted twice only when the post itself was not recorded.
func TestCrashAtAnyStepLosesNothing(t *testing.T) {
	for _, c := range []struct {
		name  string
		at    step
		posts int
	}{
		{"before the delivery is stored", step{call: "add"}, 1},
		{"after the delivery is stored", step{call: "add", after: true}, 1},
		{"before the event is acknowledged", step{call: "acknowledge"}, 1},
		{"after the event is acknowledged", step{call: "acknowledge", after: true}, 1},
		{"before the lease", step{call: "replace"}, 1},
		{"after the lease", step{call: "replace", after: true}, 1},
		{"after the post, before it is recorded", step{call: "replace", skip: 1}, 2},
		{"after it is recorded", step{call: "replace", skip: 1, after: true}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, s := newWorld(t), newShop(t)
			e := w.happens(t, "o", model.EventOrderPaid)
			dying := &crashing{Deliveries: w.store, outbox: w.store.OrderOutbox(), at: c.at}
			o := w.options(endpoint(s.URL, model.EventOrderPaid))
			o.Deliveries, o.Outboxes = dying, []webhook.Outbox{dying}
			if _, err := webhook.New(o).Run(t.Context()); !errors.Is(err, errCrash) {
				t.Fatalf("got %v", err)
			}
			sent := len(s.receipts())
			run(t, w.sender(endpoint(s.URL, model.EventOrderPaid)))
			if c.at.call == "replace" && (c.at.after || c.posts == 2) && len(s.receipts()) != sent {
				t.Error("the lease of the dead process was not honoured")
			}
			w.pass(31 * time.Second)
			for next := w.sender(endpoint(s.URL, model.EventOrderPaid)); run(t, next) > 0; {
			}
			got := s.receipts()
			if len(got) != c.posts {
				t.Errorf("%d posts, want %d", len(got), c.posts)
			}
			for _, r := range got {
				if r.id != e.ID {
					t.Errorf("id %s", r.id)
				}
			}
			w.wantOutboxesEmpty(t)
			if left := w.waiting(t); len(left) != 0 {
				t.Errorf("still waiting: %+v", left)
			}
		})
	}
}

// Several processes work on one store: while the endpoint is well, each event comes
// once, and no order suffers.
func TestSendersShareTheWork(t *testing.T) {
	const events = 60
	w, s := newWorld(t), newShop(t)
	for i := range events {
		w.happens(t, fmt.Sprintf("o-%02d", i), model.EventOrderPaid)
	}
	var all sync.WaitGroup
	for range 4 {
		sender := w.sender(endpoint(s.URL, model.EventOrderPaid))
		all.Go(func() {
			for n := 1; n > 0; {
				var err error
				if n, err = sender.Run(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	run(t, w.sender(endpoint(s.URL, model.EventOrderPaid)))
	seen := map[string]int{}
	for _, r := range s.receipts() {
		seen[r.id]++
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("%s came %d times", id, n)
		}
	}
	if len(seen) != events || len(w.waiting(t)) != 0 {
		t.Errorf("%d events came, %d wait", len(seen), len(w.waiting(t)))
	}
	w.wantOutboxesEmpty(t)
	for i := range events {
		o, err := w.store.Order(t.Context(), fmt.Sprintf("o-%02d", i))
		if err != nil || o.Amount != 990 || o.Status != model.OrderPaid || len(o.Outbox) != 0 {
			t.Errorf("got %+v, %v", o, err)
		}
	}
}

// The order changes while its event is being handed over: both changes stand.
func TestOrderThatChangesMeanwhileKeepsItsNewEvent(t *testing.T) {
	w, s := newWorld(t), newShop(t)
	w.happens(t, "o", model.EventOrderPaid)
	s.answers(func(http.ResponseWriter, *http.Request) {
		o, err := w.store.Order(context.Background(), "o")
		if err != nil || len(s.receipts()) > 1 {
			return
		}
		o.Status = model.OrderRefunded
		o.Outbox = append(o.Outbox, model.Event{ID: "evt_2", Type: model.EventRefundSucceeded, Subject: "o", Data: []byte(`{}`), CreatedAt: w.now()})
		if err := w.store.ReplaceOrder(context.Background(), o); err != nil {
			t.Error(err)
		}
	})
	sender := w.sender(endpoint(s.URL, model.EventOrderPaid, model.EventRefundSucceeded))
	for run(t, sender) > 0 {
	}
	if got := s.receipts(); len(got) != 2 || got[0].id != "evt_o" || got[1].id != "evt_2" {
		t.Errorf("got %+v", got)
	}
	if o, err := w.store.Order(t.Context(), "o"); err != nil || o.Status != model.OrderRefunded {
		t.Errorf("got %+v, %v", o, err)
	}
}
