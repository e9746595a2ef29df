package push_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"wxhub/identity"
	"wxhub/model"
	"wxhub/model/redisstore"
	"wxhub/model/sqlitestore"
	"wxhub/server/edge"
	"wxhub/server/push"
	"wxhub/server/tasks"
	"wxhub/wx"
	wxpush "wxhub/wx/push"
)

// patience bounds every wait; none of these tests measures speed.
const patience = 60 * time.Second

// soon is long after everything that has not been given up is due.
const soon = 365 * 24 * time.Hour

// world is the route on a loopback port, over real stores, with the queue and the
// handler behind it. Tasks are done when a test says so.
type world struct {
	t       testing.TB
	file    string
	store   *sqlitestore.Store
	redis   *redisstore.Store
	people  *identity.Service
	weChat  *followers
	queue   *tasks.Queue
	handler *push.Handler
	options push.Options
	log     *book
	url     string
	client  *http.Client
}

func newWorld(t testing.TB, change ...func(*world)) *world {
	t.Helper()
	w := &world{t: t, file: filepath.Join(t.TempDir(), "push.db"), log: &book{}, weChat: &followers{}}
	var err error
	if w.redis, err = redisstore.Open(context.Background(), "embedded:"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.redis.Close() }) // a test may have closed it
	w.open()
	for _, f := range change {
		f(w)
	}
	w.listen()
	return w
}

// open opens the store and puts everything that needs it on it.
func (w *world) open() {
	w.t.Helper()
	store, err := sqlitestore.Open(context.Background(), w.file)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = store.Close() })
	receiver, err := wxpush.New([]wx.PushSettings{
		{AppID: plainApp, Token: pushToken, Now: time.Now}, {AppID: safeApp, Token: pushToken, AESKey: aesKey, Now: time.Now},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	log, ids := slog.New(slog.NewJSONHandler(w.log, nil)), model.IDs{Now: time.Now, Entropy: rand.Reader}
	w.store = store
	w.people = identity.New(identity.Options{
		Store: store, Sessions: w.redis, Redemptions: w.redis, MiniPrograms: weChatMini{},
		Apps: []identity.App{
			{ID: "wx-mini", Kind: model.MiniProgram, OpenPlatform: "main"},
			{ID: plainApp, Kind: model.OfficialAccount, OpenPlatform: "main"}, {ID: safeApp, Kind: model.OfficialAccount, OpenPlatform: "main"},
		},
		SessionTTL: time.Hour, Now: time.Now, IDs: ids, Entropy: rand.Reader, Log: log,
	})
	w.handler = &push.Handler{People: w.people, Followers: w.weChat, IDs: ids, Now: time.Now, Log: log}
	w.queue = tasks.New(tasks.Options{
		Store: store, Now: time.Now, Log: log, Handlers: map[string]tasks.Handler{push.Kind: w.handler.Handle},
	})
	w.options = push.Options{
		Opener: receiver, DedupKey: wxpush.DedupKey, Nonces: w.redis, Queue: w.queue, Metrics: edge.NewMetrics(), Log: log,
	}
}

// listen serves the route until the test ends.
func (w *world) listen() {
	w.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	app := edge.NewApp(w.options.Log, w.options.Metrics)
	push.Mount(app, edge.NewAPI(app, "test", edge.NewAuth(nil, nil, "")), w.options)
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	w.url, w.client = "http://"+l.Addr().String(), &http.Client{Transport: transport, Timeout: patience}
	served := make(chan error, 1)
	go func() { served <- app.Listener(l) }()
	w.do(http.MethodGet, "/", nil) // it serves: from here on it can be shut down
	w.t.Cleanup(func() {
		transport.CloseIdleConnections()
		if err := app.ShutdownWithContext(context.Background()); err != nil {
			w.t.Error(err)
		}
		if err := <-served; err != nil {
			w.t.Error(err)
		}
	})
}

type answer struct {
	status int
	header http.Header
	body   string
}

func (w *world) do(method, target string, body []byte, headers ...string) answer {
	w.t.Helper()
	req, err := http.NewRequest(method, w.url+target, bytes.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	resp, err := w.client.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(text)}
}

// send posts a delivery as WeChat does.
func (w *world) send(app string, d delivery, headers ...string) answer {
	w.t.Helper()
	return w.do(http.MethodPost, "/v1/wechat/"+app+"/callback?"+d.query.Encode(), []byte(d.body), headers...)
}

// accepts sends a delivery and expects that WeChat hears what it wants to hear.
func (w *world) accepts(app string, d delivery) {
	w.t.Helper()
	a := w.send(app, d)
	if a.status != 200 || a.body != "success" || a.header.Get("Content-Type") != "text/plain; charset=utf-8" {
		w.t.Errorf("status %d, %s: %q", a.status, a.header.Get("Content-Type"), a.body)
	}
}

// refuses checks that an answer is a problem, and that nothing was stored.
func (w *world) refuses(a answer, status int, code string) {
	w.t.Helper()
	var p edge.Problem
	if err := json.Unmarshal([]byte(a.body), &p); err != nil || a.status != status || p.Code != code {
		w.t.Errorf("status %d, want %d %s: %s", a.status, status, code, a.body)
	}
	if stored := w.tasks(); len(stored) > 0 {
		w.t.Errorf("%d tasks were stored", len(stored))
	}
}

// tasks are those that are still to be done.
func (w *world) tasks() []model.Task {
	w.t.Helper()
	all, err := w.store.DueTasks(context.Background(), time.Now().Add(soon), 1000)
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

// works does what is due and returns what business backends will hear of it.
func (w *world) works() []model.Event {
	w.t.Helper()
	if _, err := w.queue.Run(context.Background()); err != nil {
		w.t.Fatal(err)
	}
	events, err := w.store.TaskOutbox().PendingEvents(context.Background(), 1000)
	if err != nil {
		w.t.Fatal(err)
	}
	return events
}

// nonces are the nonces that Redis remembers.
func (w *world) nonces() int {
	w.t.Helper()
	keys, err := w.redis.Client().Keys(context.Background(), "wxhub:nonce:*").Result()
	if err != nil {
		w.t.Fatal(err)
	}
	return len(keys)
}

// book collects log lines.
type book struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *book) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *book) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
