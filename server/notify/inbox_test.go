package notify_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"wxhub/model"
	"wxhub/model/sqlitestore"
	"wxhub/server/edge"
	"wxhub/server/notify"
	"wxhub/server/tasks"
	"wxhub/wx"
)

// payments believes a body whose signature is "good"; what it says is its id, and outcome
// is what comes of it.
type payments struct {
	mu       sync.Mutex
	outcome  func(id string) error
	received []time.Time
	done     []string
}

func (p *payments) Receive(_ context.Context, _ string, header func(string) string, body []byte) (string, error) {
	if header("Wechatpay-Signature") != "good" {
		return "", wx.ErrNotificationForged
	}
	return strings.TrimSpace(string(body)), nil
}

func (p *payments) Notify(ctx context.Context, merchant string, header func(string) string, body []byte, receivedAt time.Time) error {
	id, err := p.Receive(ctx, merchant, header, body)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.received = append(p.received, receivedAt)
	if err := p.outcome(id); err != nil {
		return err
	}
	p.done = append(p.done, merchant+" "+id)
	return nil
}

type inbox struct {
	t     *testing.T
	pay   *payments
	store *sqlitestore.Store
	queue *tasks.Queue
	now   time.Time
	app   *fiber.App
	log   bytes.Buffer
}

func newInbox(t *testing.T) *inbox {
	t.Helper()
	b := &inbox{t: t, pay: &payments{outcome: func(string) error { return nil }}, now: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)}
	var err error
	if b.store, err = sqlitestore.Open(context.Background(), filepath.Join(t.TempDir(), "inbox.db")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.store.Close() }) // a test may have closed it
	log := slog.New(slog.NewTextHandler(&b.log, nil))
	now := func() time.Time { return b.now }
	b.queue = tasks.New(tasks.Options{
		Store: b.store, Now: now, Log: log, Handlers: map[string]tasks.Handler{notify.Kind: notify.Handler(b.pay)},
	})
	metrics := edge.NewMetrics()
	b.app = edge.NewApp(log, metrics)
	notify.Mount(b.app, edge.NewAPI(b.app, "test", edge.NewAuth(nil, nil, "")), notify.Options{
		Payments: b.pay, Queue: b.queue, Now: now, Metrics: metrics,
	})
	return b
}

func (b *inbox) send(body, signature string) int {
	b.t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/v1/notify/wechat-pay/"+merchantID, strings.NewReader(body))
	r.Header.Set("Wechatpay-Signature", signature)
	answer, err := b.app.Test(r, -1)
	if err != nil {
		b.t.Fatal(err)
	}
	defer answer.Body.Close()
	return answer.StatusCode
}

// kept are the ids and the errors of the notifications in one status.
func (b *inbox) kept(status model.TaskStatus) (out []string) {
	b.t.Helper()
	list, err := b.store.ListTasks(context.Background(), notify.Kind, status, 100)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, t := range list {
		out = append(out, strings.TrimPrefix(t.ID, notify.Kind+"."+merchantID+"."))
	}
	return out
}

func (b *inbox) want(status model.TaskStatus, ids ...string) {
	b.t.Helper()
	if got := b.kept(status); strings.Join(got, " ") != strings.Join(ids, " ") {
		b.t.Errorf("%s: %q, want %q", status, got, ids)
	}
}

func TestWhatIsNotVerifiedIsNotKept(t *testing.T) {
	b := newInbox(t)
	for _, signature := range []string{"", "bad"} {
		if status := b.send("n-1", signature); status != http.StatusUnauthorized {
			t.Errorf("status %d", status)
		}
	}
	b.want(model.TaskPending)
	b.want(model.TaskDone)
	b.want(model.TaskDead)
}

func TestANotificationIsKeptBeforeItIsActedOn(t *testing.T) {
	b := newInbox(t)
	b.pay.outcome = func(string) error {
		b.want(model.TaskPending, "n-1")
		return nil
	}
	if status := b.send("n-1\n", "good"); status != http.StatusNoContent {
		t.Errorf("status %d", status)
	}
	b.want(model.TaskDone, "n-1")
	list, err := b.store.ListTasks(context.Background(), notify.Kind, model.TaskDone, 1)
	if err != nil || len(list) != 1 || !strings.Contains(string(list[0].Body), "bi0xCg==") { // byte for byte
		t.Errorf("%v: %s", err, list[0].Body)
	}
}

// What the store or a dying process cut short goes on without WeChat Pay's repetition.
func TestACutShortNotificationGoesOn(t *testing.T) {
	for name, failure := range map[string]func(string) error{
		"the store is away": func(string) error { return model.ErrUnavailable },
		"a panic":           func(string) error { panic("boom") },
	} {
		t.Run(name, func(t *testing.T) {
			b := newInbox(t)
			arrived := b.now
			b.pay.outcome = failure
			if status := b.send("n-1", "good"); status < 500 {
				t.Errorf("status %d", status)
			}
			b.want(model.TaskPending, "n-1")
			b.pay.outcome = func(string) error { return nil }
			b.now = b.now.Add(3 * time.Hour)
			if _, err := b.queue.Run(context.Background()); err != nil {
				t.Fatal(err)
			}
			b.want(model.TaskDone, "n-1")
			if last := b.pay.received[len(b.pay.received)-1]; !last.Equal(arrived) {
				t.Errorf("judged as of %s, want when it arrived", last)
			}
		})
	}
}

// What is not true of our orders is refused each time, kept, and replayed by an operator.
func TestARefusedNotificationWaitsForAnOperator(t *testing.T) {
	for name, refusal := range map[string]*model.Error{
		"unknown order": model.NewError(model.KindNotFound, "payment_unknown", "no"),
		"wrong amount":  model.NewError(model.KindInvalid, "payment_mismatch", "no"),
		"unreadable":    wx.ErrNotificationMalformed,
	} {
		t.Run(name, func(t *testing.T) {
			b := newInbox(t)
			b.pay.outcome = func(string) error { return refusal }
			for range 3 {
				if status := b.send("n-1", "good"); status < 400 || status >= 500 {
					t.Errorf("status %d", status)
				}
			}
			b.want(model.TaskDead, "n-1")
			if !strings.Contains(b.log.String(), refusal.Code) {
				t.Error("the log does not say why")
			}
			id := notify.Kind + "." + merchantID + ".n-1"
			if err := b.queue.Retry(context.Background(), id); model.CodeOf(err) != refusal.Code {
				t.Errorf("retried: %v", err)
			}
			b.pay.outcome = func(string) error { return nil }
			if err := b.queue.Retry(context.Background(), id); err != nil {
				t.Error(err)
			}
			b.want(model.TaskDead)
			b.want(model.TaskDone, "n-1")
		})
	}
}

// One id, first refused, then right: the right one counts. And what is done is judged
// again all the same: an id that is known is no reason to believe what comes with it.
func TestAnIDIsNoProof(t *testing.T) {
	b := newInbox(t)
	refusal := model.NewError(model.KindInvalid, "payment_mismatch", "no")
	verdicts := []error{refusal, nil, refusal, nil}
	for i, verdict := range verdicts {
		b.pay.outcome = func(string) error { return verdict }
		want := http.StatusNoContent
		if verdict != nil {
			want = http.StatusUnprocessableEntity
		}
		if status := b.send("n-1", "good"); status != want {
			t.Errorf("copy %d: status %d, want %d", i, status, want)
		}
	}
	b.want(model.TaskDone, "n-1")
}

func TestCopiesAtOnceAreAnsweredByTheirOutcome(t *testing.T) {
	b := newInbox(t)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if status := b.send("n-1", "good"); status != http.StatusNoContent {
				t.Errorf("status %d", status)
			}
		})
	}
	all.Wait()
	b.want(model.TaskPending)
	b.want(model.TaskDone, "n-1")
}

func TestWithoutTheStoreNothingIsAcknowledged(t *testing.T) {
	b := newInbox(t)
	if err := b.store.Close(); err != nil {
		t.Fatal(err)
	}
	if status := b.send("n-1", "good"); status != http.StatusServiceUnavailable || len(b.pay.done) > 0 {
		t.Errorf("status %d, done %v", status, b.pay.done)
	}
}

// A notification without an id that can be used is kept under what it says.
func TestWithoutAnIDTheContentIsTheID(t *testing.T) {
	b := newInbox(t)
	for _, body := range []string{"", " ", ""} {
		if status := b.send(body, "good"); status != http.StatusNoContent {
			t.Errorf("status %d", status)
		}
	}
	if got := b.kept(model.TaskDone); len(got) != 2 {
		t.Errorf("kept %q", got)
	}
	if err := b.queue.Retry(context.Background(), "nobody"); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("retried nothing: %v", err)
	}
}
