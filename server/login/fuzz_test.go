package login_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"wxhub/identity"
	"wxhub/model"
	"wxhub/server/edge"
	"wxhub/server/login"
	"wxhub/wx"
)

const app = "wx0000000000000001"

// memory is a store and a Redis of a few lines: what is fuzzed stands before them.
type memory struct {
	identity.Store
	identity.Sessions
	mu         sync.Mutex
	identities map[string]model.Identity
	users      map[string]model.User
}

func (m *memory) ClaimIdentity(_ context.Context, i model.Identity) (model.Identity, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if there, ok := m.identities[i.OpenID]; ok {
		return there, false, nil
	}
	m.identities[i.OpenID] = i
	return i, true, nil
}

func (m *memory) Identity(_ context.Context, k model.IdentityKey) (model.Identity, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if i, ok := m.identities[k.OpenID]; ok {
		return i, nil
	}
	return model.Identity{}, model.ErrNotFound
}

func (m *memory) IdentitiesOf(context.Context, ...string) ([]model.Identity, error) { return nil, nil }

func (m *memory) MergedInto(context.Context, ...string) ([]model.User, error) { return nil, nil }

// BeginRedemption lets the one code be used again and again.
func (m *memory) BeginRedemption(context.Context, string, time.Duration) (bool, string, error) {
	return true, "", nil
}

func (m *memory) FinishRedemption(context.Context, string, string, time.Duration) error { return nil }

func (m *memory) AbandonRedemption(context.Context, string) error { return nil }

func (m *memory) Redemption(context.Context, string) (string, bool, error) {
	return "", false, model.ErrNotFound
}

func (m *memory) InsertUser(_ context.Context, u model.User) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, taken := m.users[u.ID]
	m.users[u.ID] = u
	return !taken, nil
}

func (m *memory) User(_ context.Context, id string) (model.User, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if u, ok := m.users[id]; ok {
		return u, nil
	}
	return model.User{}, model.ErrNotFound
}

func (m *memory) SaveSession(context.Context, string, model.Session, time.Duration) error { return nil }

func (m *memory) SaveSessionKey(context.Context, string, string, model.Secret, time.Duration) error {
	return nil
}

// wechat knows one code.
type wechat struct{ identity.MiniPrograms }

func (wechat) Code2Session(_ context.Context, _, code string) (wx.MiniSession, error) {
	if code != "alice" {
		return wx.MiniSession{}, wx.ErrCodeInvalid
	}
	return wx.MiniSession{OpenID: "openid", SessionKey: "key"}, nil
}

// FuzzLoginBody: whatever comes, it is answered in our form, it is never our fault,
// and nobody is logged in by anything but the right code in clean JSON.
func FuzzLoginBody(f *testing.F) {
	for _, seed := range []string{
		``, `{}`, `null`, `[]`, `{"app_id":"wx0000000000000001","code":"alice"}`, `{"app_id":"wx0000000000000001","code":"nobody"}`,
		`{"app_id":"wx-oa","code":"a"}`, `{"app_id":1,"code":[]}`, `{"code":"a","code":"alice"}`, `{"APP_ID":"x"}`, "{\"code\":\"\xff\"}",
		`{"code":"\ud800"}`, `{"code":1e400}`, `{"":{"":{"":[[[]]]}}}`, `{"app_id":"wx0000000000000001","code":"alice"}x`, "\x00", "\ufeff{}",
		`{"app_id":"wx0000000000000001","c\u006fde":"alice"}`, strings.Repeat("[", 20_000),
	} {
		f.Add([]byte(seed), "application/json")
	}
	for _, contentType := range []string{"", "text/plain", "application/json; charset=gbk", "+;", "application/problem+json"} {
		f.Add([]byte(`{"app_id":"wx0000000000000001","code":"alice"}`), contentType)
	}
	m := &memory{identities: map[string]model.Identity{}, users: map[string]model.User{}}
	log := slog.New(slog.DiscardHandler)
	people := identity.New(identity.Options{
		Store: m, Sessions: m, Redemptions: m, MiniPrograms: wechat{}, Apps: []identity.App{{ID: app, Kind: model.MiniProgram}}, SessionTTL: time.Hour,
		Now: time.Now, IDs: model.IDs{Now: time.Now, Entropy: rand.Reader}, Entropy: rand.Reader, Log: log,
	})
	server := edge.NewApp(log, edge.NewMetrics())
	login.Mount(server, edge.NewAPI(server, "test", edge.NewAuth(people, nil, "")), people, "")

	f.Fuzz(func(t *testing.T, body []byte, contentType string) {
		if strings.ContainsFunc(contentType, func(r rune) bool { return r < ' ' || r == 0x7f }) || len(body) > 200<<10 {
			t.Skip() // no client can put this on the wire, or the size limit has its own test
		}
		req := httptest.NewRequest(http.MethodPost, "/v1/login/mini-program", bytes.NewReader(body))
		req.Header.Set("Content-Type", contentType)
		resp, err := server.Test(req, -1)
		if err != nil {
			t.Fatalf("no answer: %v", err)
		}
		text, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode >= 500 || !json.Valid(text) || resp.Header.Get("X-Request-Id") == "" {
			t.Errorf("status %d: %q, %v", resp.StatusCode, text, err)
		}
		if resp.StatusCode == http.StatusOK {
			var in map[string]string
			if json.Unmarshal(body, &in) != nil || len(in) != 2 || in["app_id"] != app || in["code"] != "alice" {
				t.Errorf("%q logged somebody in", body)
			}
		}
	})
}
