package server_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"wxhub/identity"
	"wxhub/model"
	"wxhub/model/redisstore"
	"wxhub/model/sqlitestore"
	"wxhub/pay"
	"wxhub/server"
	"wxhub/server/edge"
	"wxhub/server/h5"
	"wxhub/server/health"
	"wxhub/server/jsconfig"
	"wxhub/server/notify"
	"wxhub/server/push"
	"wxhub/server/tasks"
	"wxhub/wx"
	wxpush "wxhub/wx/push"
)

const (
	pushToken     = "AAAAA"
	merchantID    = "1900000001"
	miniApp       = "wx0000000000000001"
	mobileApp     = "wx-mobile"
	publicURL     = "http://shop.example"
	sessionKey    = "c2Vzc2lvbi1rZXktb2Ytd2VjaGF0"
	goodSignature = "signed-by-wechat-pay"
	ordersKey     = "key-with-scope-orders-7d1f2c9b"
	usersKey      = "key-with-scope-users-90ab3e41"
	transfersKey  = "key-with-scope-transfers-3c6e8a10"
	merchantsKey  = "key-with-scope-merchants-7d21b94e"
	tokensKey     = "key-with-scope-tokens-55d0c7aa"
)

// world is the whole server on a loopback port, over real stores and a scripted WeChat.
type world struct {
	app     *fiber.App
	url     string
	file    string // of the store
	store   *sqlitestore.Store
	redis   *redisstore.Store
	wechat  *wechat
	sharing *sharing
	log     *logBook
	people  *identity.Service
	pay     *pay.Service
	office  *office
	client  *http.Client
}

// setup is what a test may change of a world before it is built.
type setup struct {
	API    bool
	Checks health.Checks
	Pay    pay.WeChatPay // nil: the scripted one
	Tokens server.TokenKeeper
	Public string // where browsers see the server
}

func newWorld(t testing.TB, change ...func(*setup)) *world {
	t.Helper()
	w := &world{wechat: newWeChat(), sharing: &sharing{}, log: &logBook{}, file: filepath.Join(t.TempDir(), "server.db")}
	w.open(t)
	s := setup{API: true, Public: publicURL, Tokens: tokens{}, Checks: health.Checks{"store": w.store.Ping, "redis": w.redis.Ping}, Pay: w.wechat}
	for _, f := range change {
		f(&s)
	}
	w.app = server.New(w.options(s))
	w.listen(t)
	return w
}

func (w *world) open(t testing.TB) {
	t.Helper()
	var err error
	if w.store, err = sqlitestore.Open(t.Context(), w.file); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.store.Close() }) // a test may have closed it
	if w.redis, err = redisstore.Open(t.Context(), "embedded:"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.redis.Close() })
}

func (w *world) options(s setup) server.Options {
	log := slog.New(withRequestID{slog.NewJSONHandler(w.log, nil)})
	ids := model.IDs{Now: time.Now, Entropy: rand.Reader}
	w.people = identity.New(identity.Options{
		Store: w.store, Sessions: w.redis, Redemptions: w.redis, States: w.redis, MiniPrograms: w.wechat, Sites: w.wechat,
		Apps: []identity.App{
			{ID: miniApp, Kind: model.MiniProgram, OpenPlatform: "main"}, {ID: "wx-oa", Kind: model.OfficialAccount, OpenPlatform: "main"},
			{ID: "wx-site", Kind: model.Website, OpenPlatform: "main"}, {ID: mobileApp, Kind: model.MobileApp, OpenPlatform: "main"},
		},
		SessionTTL: time.Hour, Now: time.Now, IDs: ids, Entropy: rand.Reader, Log: log,
	})
	w.pay = pay.New(pay.Options{
		Orders: w.store, Idempotency: w.store, WeChat: s.Pay, CodePay: w.wechat, Together: w.wechat, Combined: w.store, Profits: w.sharing, Transfers: w.store, Bills: w.sharing, Payers: w.people,
		Merchants:    []pay.Merchant{{ID: merchantID}},
		Apps:         []pay.App{{ID: miniApp, Kind: model.MiniProgram}, {ID: "wx-oa", Kind: model.OfficialAccount}},
		CollectCodes: []pay.CollectCode{{ID: "counter-1", MerchantID: merchantID, Title: "Counter", Min: 10, Max: 1000}},
		PublicURL:    "https://shop.example", SweepEvery: 30 * time.Second, Now: time.Now, IDs: ids, Log: log,
	})
	metrics := edge.NewMetrics()
	return server.Options{
		PublicURL: s.Public, Push: w.push(metrics, log),
		Inbox: tasks.New(tasks.Options{
			Store: w.store, Now: time.Now, Log: log, Handlers: map[string]tasks.Handler{notify.Kind: notify.Handler(w.pay)},
		}),
		Tokens: s.Tokens, Forwarder: tokens{}, Now: time.Now,
		API: s.API, Identity: w.people, Checks: s.Checks, Metrics: metrics, Version: "test", Log: log,
		Keys: []edge.Key{
			{Name: "orders", Secret: ordersKey, Scopes: []edge.Scope{edge.ScopeOrders}},
			{Name: "users", Secret: usersKey, Scopes: []edge.Scope{edge.ScopeUsers}},
			{Name: "transfers", Secret: transfersKey, Scopes: []edge.Scope{edge.ScopeTransfers}},
			{Name: "merchants", Secret: merchantsKey, Scopes: []edge.Scope{edge.ScopeMerchants}},
			{Name: "tokens", Secret: tokensKey, Scopes: []edge.Scope{edge.ScopeTokens}},
		},
		Pay: w.pay, Applyments: w.applyments(log), Shipping: w.shipper(log),
		Pages:    h5.Options{VerifyFiles: map[string]string{"MP_verify_a.txt": "content"}},
		JSConfig: jsconfig.Options{Hosts: map[string][]string{"wx-oa": {"shop.example", "sister.example:8443"}}, Sign: signsPages},
	}
}

// signsPages shows what is signed.
func signsPages(ticket model.Secret, nonce string, timestamp int64, page string) string {
	return fmt.Sprint(ticket.Reveal(), " ", nonce, " ", timestamp, " ", page)
}

// push receives messages whose token is the one below, in plain mode.
func (w *world) push(m *edge.Metrics, log *slog.Logger) push.Options {
	receiver, err := wxpush.New([]wx.PushSettings{{AppID: "wx-oa", Token: pushToken, Now: time.Now}})
	if err != nil {
		panic(err)
	}
	queue := tasks.New(tasks.Options{Store: w.store, Now: time.Now, Log: log})
	return push.Options{Opener: receiver, DedupKey: wxpush.DedupKey, Nonces: w.redis, Queue: queue, Metrics: m, Log: log}
}

// listen serves on a free loopback port until the test ends.
func (w *world) listen(t testing.TB) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w.url = "http://" + l.Addr().String()
	transport := &http.Transport{MaxIdleConnsPerHost: 8}
	w.client = &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	served := make(chan error, 1)
	go func() { served <- w.app.Listener(l) }()
	w.get(t, "/healthz", "") // it serves: from here on it can be shut down
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		if err := w.app.ShutdownWithContext(context.Background()); err != nil {
			t.Error(err)
		}
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
}

// logBook collects log lines.
type logBook struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBook) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBook) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// lines returns the log lines that hold a text.
func (b *logBook) lines(holding string) (found []string) {
	for line := range strings.Lines(b.String()) {
		if strings.Contains(line, holding) {
			found = append(found, line)
		}
	}
	return found
}

// withRequestID is what the program's own logger does: the request id of the context
// stands in every line.
type withRequestID struct{ slog.Handler }

func (h withRequestID) Handle(ctx context.Context, r slog.Record) error {
	if id := edge.RequestID(ctx); id != "" {
		r.AddAttrs(slog.String("request_id", id))
	}
	return h.Handler.Handle(ctx, r)
}

func (h withRequestID) WithAttrs(a []slog.Attr) slog.Handler {
	return withRequestID{h.Handler.WithAttrs(a)}
}
