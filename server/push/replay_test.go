package push_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/server/push"
)

func TestExactReplayIsRefusedAndANewCopyIsNoNewMessage(t *testing.T) {
	w := newWorld(t)
	first := plain(text("alice", "1"))
	w.accepts(plainApp, first)
	for range 3 {
		if a := w.send(plainApp, first); a.status != 403 || !strings.Contains(a.body, "push_replayed") {
			t.Errorf("status %d: %s", a.status, a.body)
		}
	}
	// The body is not covered by a plain signature: another one under it is refused, too.
	if a := w.send(plainApp, delivery{first.query, text("mallory", "2")}); a.status != 403 {
		t.Errorf("status %d: %s", a.status, a.body)
	}
	w.accepts(plainApp, plain(text("alice", "1"))) // WeChat's repetition: signed anew
	w.accepts(plainApp, plain(textJSON("alice", "1")))
	if n := len(w.tasks()); n != 1 {
		t.Errorf("%d tasks", n)
	}
	if events := w.works(); len(events) != 1 {
		t.Errorf("%d events", len(events))
	}
	w.accepts(plainApp, plain(text("alice", "1"))) // also when it was done already
	if n, events := len(w.tasks()), w.works(); n != 0 || len(events) != 1 {
		t.Errorf("%d tasks, %d events", n, len(events))
	}
}

// What differs in who, what or where is another message, even with the same MsgId.
func TestMessagesThatDifferAreAllDone(t *testing.T) {
	w := newWorld(t)
	for _, body := range []string{
		text("alice", "1"), text("alice", "2"), text("bob", "1"),
		event("alice", "CLICK", "<EventKey>a</EventKey>"), event("alice", "CLICK", "<EventKey>b</EventKey>"), event("bob", "CLICK", "<EventKey>a</EventKey>"),
		event("alice", "VIEW", "<EventKey>a</EventKey>"), strings.Replace(event("alice", "CLICK", "<EventKey>a</EventKey>"), fmt.Sprint(created), fmt.Sprint(created-1), 1),
	} {
		w.accepts(plainApp, plain(body))
	}
	w.accepts(safeApp, sealed(safeApp, text("alice", "1"), inXML)) // MsgIds of two apps collide
	if events := w.works(); len(events) != 9 {
		t.Errorf("%d events", len(events))
	}
}

func TestFiftyCopiesAtOnceAreOneTaskAndOneEvent(t *testing.T) {
	for name, c := range map[string]struct {
		copy func() delivery
		most int // copies that may be accepted
	}{
		"signed anew": {func() delivery { return plain(event("alice", "subscribe", "")) }, 50},
		"as it was": {func() func() delivery {
			d := plain(event("alice", "subscribe", ""))
			return func() delivery { return d }
		}(), 2}, // whose nonce it was, and whose task; others see both
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			statuses := make([]int, 50)
			var all sync.WaitGroup
			for i := range statuses {
				d := c.copy()
				all.Go(func() { statuses[i] = w.send(plainApp, d).status })
			}
			all.Wait()
			accepted := 0
			for _, status := range statuses {
				switch status {
				case 200:
					accepted++
				case 403:
				default:
					t.Errorf("status %d", status)
				}
			}
			if accepted < 1 || accepted > c.most || c.most == 50 && accepted < 50 {
				t.Errorf("%d accepted, of at most %d", accepted, c.most)
			}
			if n := len(w.tasks()); n != 1 {
				t.Errorf("%d tasks", n)
			}
			if events := w.works(); len(events) != 1 || w.weChat.asked != 1 {
				t.Errorf("%d events, WeChat asked %d times", len(events), w.weChat.asked)
			}
		})
	}
}

// Not stored is not acknowledged; and the very same request counts when WeChat sends it
// again, while nothing else gets in under its nonce.
func TestStoreAwayIsNotAcknowledgedAndTheRepetitionCounts(t *testing.T) {
	w := newWorld(t)
	d := plain(text("alice", "1"))
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if a := w.send(plainApp, d); a.status != 503 || strings.Contains(a.body, "sql") || strings.Contains(a.body, "success") {
			t.Errorf("status %d: %s", a.status, a.body)
		}
	}
	w.open()
	w.listen()
	if a := w.send(plainApp, delivery{d.query, text("mallory", "2")}); a.status != 403 {
		t.Errorf("status %d: %s", a.status, a.body)
	}
	w.accepts(plainApp, d)
	if a := w.send(plainApp, d); a.status != 403 {
		t.Errorf("status %d: %s", a.status, a.body)
	}
	if n := len(w.tasks()); n != 1 || w.nonces() != 1 {
		t.Errorf("%d tasks, %d nonces", n, w.nonces())
	}
}

// late is a queue that takes longer than WeChat waits.
type late struct{ push.Queue }

func (late) Add(ctx context.Context, _, _ string, _ []byte) (bool, error) {
	<-ctx.Done()
	return false, model.ErrUnavailable.Because(ctx.Err())
}

// The same when the time is over in which it was to be accepted, and when the process died
// between the nonce and the task: to what is left in Redis it is one thing.
func TestTheRepetitionCountsAfterTheTimeIsOver(t *testing.T) {
	t.Parallel() // it waits for as long as WeChat is made to wait
	w := newWorld(t, func(w *world) { w.options.Queue = late{w.options.Queue} })
	d := plain(text("alice", "1"))
	if a := w.send(plainApp, d); a.status != 503 {
		t.Errorf("status %d: %s", a.status, a.body)
	}
	if n := w.nonces(); n != 1 {
		t.Errorf("%d nonces kept", n)
	}
	w.options.Queue = w.queue
	w.listen()
	w.accepts(plainApp, d)
	if events := w.works(); len(events) != 1 {
		t.Errorf("%d events", len(events))
	}
}

func TestRedisAwayCostsNoMessageAndDoesNoneTwice(t *testing.T) {
	w := newWorld(t)
	d := plain(text("alice", "1"))
	if err := w.redis.Close(); err != nil {
		t.Fatal(err)
	}
	w.accepts(plainApp, d)
	w.accepts(plainApp, d)
	w.accepts(plainApp, plain(text("alice", "1")))
	if n, events := len(w.tasks()), w.works(); n != 1 || len(events) != 1 {
		t.Errorf("%d tasks, %d events", n, len(events))
	}
	if !strings.Contains(w.log.String(), "a nonce could not be checked") {
		t.Error("the log says nothing of it")
	}
}

// Redis and the store away at once: the answer is still a refusal, and the log tells of both.
func TestBothAwayIsNotAcknowledged(t *testing.T) {
	w := newWorld(t)
	if err := errors.Join(w.redis.Close(), w.store.Close()); err != nil {
		t.Fatal(err)
	}
	if a := w.send(plainApp, plain(text("alice", "1"))); a.status != 503 {
		t.Errorf("status %d: %s", a.status, a.body)
	}
}

// The answer does not wait for what the message leads to: the handler does not return
// before the answer was read.
func TestAnswerDoesNotWaitForTheHandler(t *testing.T) {
	bell := make(chan struct{}, 1)
	began, release := make(chan struct{}), make(chan struct{})
	w := newWorld(t, func(w *world) {
		w.queue.OnTask = func() { bell <- struct{}{} }
		done := w.queue.Handlers[push.Kind]
		w.queue.Handlers[push.Kind] = func(ctx context.Context, body []byte) ([]model.Event, error) {
			close(began)
			<-release
			return done(ctx, body)
		}
	})
	worked := make(chan error, 1)
	go func() {
		<-bell
		_, err := w.queue.Run(context.Background())
		worked <- err
	}()
	w.accepts(plainApp, plain(text("alice", "1"))) // would not come back if it waited
	select {
	case <-began:
	case <-time.After(patience):
		t.Fatal("the handler was not called")
	}
	w.accepts(plainApp, plain(text("alice", "1"))) // nor does the repetition, while it is being done
	close(release)
	if err := <-worked; err != nil {
		t.Error(err)
	}
	if n, events := len(w.tasks()), w.works(); n != 0 || len(events) != 1 {
		t.Errorf("%d tasks, %d events", n, len(events))
	}
}

func TestPushesAreCountedByResult(t *testing.T) {
	w := newWorld(t)
	d := plain(text("alice", "1"))
	w.accepts(plainApp, d)
	w.send(plainApp, d)
	w.send(plainApp, delivery{nil, ""})
	families, err := w.options.Metrics.Registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, f := range families {
		if f.GetName() != "wxhub_pushes_total" {
			continue
		}
		for _, m := range f.GetMetric() {
			got[m.GetLabel()[0].GetValue()] = m.GetCounter().GetValue()
		}
	}
	if len(got) != 3 || got["ok"] != 1 || got["push_replayed"] != 1 || got["push_unverified"] != 1 {
		t.Errorf("got %v", got)
	}
}
