package identity_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wxhub/identity"
	"wxhub/model"
	"wxhub/model/redisstore"
	"wxhub/model/sqlitestore"
	"wxhub/wx"
)

const (
	app        = "wx0000000000000001"
	otherApp   = "wx0000000000000002"
	siteApp    = "wx0000000000000003"
	accountApp = "wx0000000000000004"
	mobileApp  = "wx0000000000000005"
	foreignApp = "wx0000000000000006"
	sessionKey = "c2Vzc2lvbi1rZXktb2YtYWxpY2U="
)

// wechat redeems any code: its owner is what stands before the dash.
type wechat struct {
	mu     sync.Mutex
	unions map[string]string // by name
	calls  int
	fail   error
}

func (w *wechat) Code2Session(_ context.Context, appID, code string) (wx.MiniSession, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls++
	name, _, _ := strings.Cut(code, "-")
	return wx.MiniSession{OpenID: "openid-" + name + "-" + appID[len(appID)-1:], UnionID: w.unions[name], SessionKey: sessionKey}, w.fail
}

func (w *wechat) PhoneNumber(_ context.Context, _, code, openID string) (wx.Phone, error) {
	return wx.Phone{Number: "138" + code + openID[len(openID)-1:]}, w.fail
}

func (w *wechat) CheckSession(_ context.Context, _, _ string, key model.Secret) (bool, error) {
	return key == sessionKey, w.fail
}

func (w *wechat) ResetSessionKey(context.Context, string, string, model.Secret) (model.Secret, error) {
	return "fresh", w.fail
}

func (w *wechat) Decrypt(key model.Secret, _, data, _ string) (json.RawMessage, error) {
	if key != sessionKey {
		return nil, wx.ErrSessionKeyStale
	}
	return json.RawMessage(data), w.fail
}

func (w *wechat) SignedBy(key model.Secret, raw, signature string) bool {
	return key == sessionKey && signature == "signed "+raw
}

func (w *wechat) LoginURL(appID, redirectURI, scope, state string) string {
	return strings.Join([]string{appID, redirectURI, scope, state}, " ")
}

// Redeem tells the UnionID unless the code ends in -base; snapshot-… is nobody.
func (w *wechat) Redeem(ctx context.Context, appID, code string) (wx.Grant, error) {
	s, err := w.Code2Session(ctx, appID, code)
	if strings.HasSuffix(code, "-base") {
		s.UnionID = ""
	}
	return wx.Grant{OpenID: s.OpenID, UnionID: s.UnionID, Snapshot: strings.HasPrefix(code, "snapshot")}, err
}

func (w *wechat) knows(name, unionID string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.unions[name] = unionID
}

// world is the service over real stores, with a clock to turn.
type world struct {
	*identity.Service
	options identity.Options
	file    string
	store   *sqlitestore.Store
	redis   *redisstore.Store
	codes   int // that were made
	wechat  *wechat
	ctx     context.Context // of the test
	last    identity.Login  // that an act made
	mu      sync.Mutex
	log     bytes.Buffer
	ahead   time.Duration
}

// worldApps are four doors of one open-platform account, one of another and one without.
var worldApps = []identity.App{
	{ID: app, Kind: model.MiniProgram, OpenPlatform: "main"}, {ID: otherApp, Kind: model.MiniProgram},
	{ID: siteApp, Kind: model.Website, OpenPlatform: "main"}, {ID: accountApp, Kind: model.OfficialAccount, OpenPlatform: "main"},
	{ID: mobileApp, Kind: model.MobileApp, OpenPlatform: "main"}, {ID: foreignApp, Kind: model.MobileApp, OpenPlatform: "second"},
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return reopen(t, filepath.Join(t.TempDir(), "identity.db"))
}

// reopen is a world on a file that may be there already, with a Redis that is empty.
func reopen(t *testing.T, file string) *world {
	t.Helper()
	w := &world{ctx: t.Context(), wechat: &wechat{unions: map[string]string{}}, file: file}
	var err error
	if w.store, err = sqlitestore.Open(t.Context(), w.file); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.store.Close() })
	if w.redis, err = redisstore.Open(t.Context(), "embedded:"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.redis.Close() })
	w.options = identity.Options{
		Store: w.store, Sessions: w.redis, Redemptions: w.redis, States: w.redis, MiniPrograms: w.wechat, Sites: w.wechat, SessionTTL: time.Hour, Now: w.now,
		Apps: worldApps,
		IDs:  model.IDs{Now: w.now, Entropy: rand.Reader}, Entropy: rand.Reader, Log: slog.New(slog.NewJSONHandler(w, nil)),
	}
	w.Service = identity.New(w.options)
	return w
}

// with is the same world with another part, as after a restart.
func (w *world) with(change func(*identity.Options)) *identity.Service {
	o := w.options
	change(&o)
	return identity.New(o)
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return time.Now().Add(w.ahead)
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ahead += d
}

func (w *world) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.Write(p)
}

func (w *world) logged() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.String()
}

func (w *world) login(t *testing.T, name string) identity.Login {
	t.Helper()
	w.codes++
	l, err := w.LoginMiniProgram(t.Context(), app, fmt.Sprintf("%s-code%d", name, w.codes))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// created returns the user.created events that wait in the outbox.
func (w *world) created(t *testing.T) []model.Event {
	t.Helper()
	events, err := w.store.UserOutbox().PendingEvents(t.Context(), 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		if e.Type != model.EventUserCreated {
			t.Errorf("event %+v", e)
		}
	}
	return events
}

// redisDump is everything that Redis holds.
func (w *world) redisDump(t *testing.T) []string {
	t.Helper()
	keys, err := w.redis.Client().Keys(t.Context(), "*").Result()
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(keys)
	for i, k := range keys {
		v, err := w.redis.Client().Get(t.Context(), k).Result()
		if err != nil {
			t.Fatal(err)
		}
		keys[i] = k + "=" + v
	}
	return keys
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	if err == nil || model.CodeOf(err) != code {
		t.Errorf("got %v, want code %s", err, code)
	}
}

var errCrash = errors.New("the process died here")

// crashing is the storage of a process that dies at one call, before or after it took effect.
type crashing struct {
	identity.Store
	identity.Sessions
	at    string
	after bool
}

func (c *crashing) around(call string, f func() error) error {
	if c.at == call && !c.after {
		return errCrash
	}
	err := f()
	if err == nil && c.at == call {
		return errCrash
	}
	return err
}

func (c *crashing) ClaimIdentity(ctx context.Context, i model.Identity) (stored model.Identity, created bool, err error) {
	err = c.around("claim", func() error { stored, created, err = c.Store.ClaimIdentity(ctx, i); return err })
	return stored, created, err
}

func (c *crashing) ReplaceIdentity(ctx context.Context, i model.Identity) error {
	return c.around("union", func() error { return c.Store.ReplaceIdentity(ctx, i) })
}

func (c *crashing) InsertUser(ctx context.Context, u model.User) (created bool, err error) {
	err = c.around("insert", func() error { created, err = c.Store.InsertUser(ctx, u); return err })
	return created, err
}

func (c *crashing) SaveSessionKey(ctx context.Context, appID, openID string, key model.Secret, ttl time.Duration) error {
	return c.around("session_key", func() error { return c.Sessions.SaveSessionKey(ctx, appID, openID, key, ttl) })
}

func (c *crashing) SaveSession(ctx context.Context, hash string, s model.Session, ttl time.Duration) error {
	return c.around("session", func() error { return c.Sessions.SaveSession(ctx, hash, s, ttl) })
}

// barren is entropy that has run out.
type barren struct{}

func (barren) Read([]byte) (int, error) { return 0, fmt.Errorf("no entropy: %w", io.ErrUnexpectedEOF) }
