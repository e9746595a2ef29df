package harvest_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"wxhub/identity"
	"wxhub/model"
	"wxhub/model/sqlitestore"
	"wxhub/server/harvest"
	"wxhub/wx"
)

var errKilled = errors.New("killed")

// world is a real store, an account with followers, a clock to turn, and a step at which
// everything ends.
type world struct {
	t         testing.TB
	store     *sqlitestore.Store
	followers map[string][]string // by account, in WeChat's order
	page      int                 // how many openids WeChat lists at a time
	moved     map[string]string   // old openid → new one
	failing   map[string]error    // by account: every call
	mu        sync.Mutex
	calls     []string
	met       map[model.IdentityKey]int
	ahead     time.Duration
	steps     int // that were made
	killAt    int // the step at which the process ends, 0 is never
	people    *identity.Service
	stop      context.CancelFunc
}

func newWorld(t testing.TB) *world {
	t.Helper()
	store, err := sqlitestore.Open(context.Background(), filepath.Join(t.TempDir(), "harvest.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	w := &world{
		t: t, store: store, page: 10_000, followers: map[string][]string{}, moved: map[string]string{}, failing: map[string]error{},
		met: map[model.IdentityKey]int{}, stop: func() {},
	}
	w.people = identity.New(identity.Options{
		Store: store, Now: time.Now, IDs: model.IDs{Now: time.Now, Entropy: rand.Reader}, Entropy: rand.Reader, Log: slog.New(slog.DiscardHandler),
		Apps: []identity.App{
			{ID: "wx-oa", Kind: model.OfficialAccount, OpenPlatform: "main"}, {ID: "wx-two", Kind: model.OfficialAccount, OpenPlatform: "main"},
			{ID: "wx-old", Kind: model.OfficialAccount}, {ID: "wx-mini", Kind: model.MiniProgram, OpenPlatform: "main"},
		},
	})
	return w
}

// follow gives an account n followers.
func (w *world) follow(app string, n int) {
	for i := range n {
		w.followers[app] = append(w.followers[app], fmt.Sprintf("openid-%05d", i))
	}
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

// step counts what is done, and ends the process where it must.
func (w *world) step(call string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.steps++
	if w.killAt > 0 && w.steps >= w.killAt {
		w.stop()
		return errKilled
	}
	if call != "" {
		w.calls = append(w.calls, call)
	}
	return nil
}

func (w *world) count(calls ...string) (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.calls {
		if len(calls) == 0 || slices.Contains(calls, c) {
			n++
		}
	}
	return n
}

// process is a new process on the same store.
func (w *world) process(change ...func(*harvest.Options)) *harvest.Harvester {
	o := harvest.Options{
		Accounts: account{w}, People: crowd{w}, Cursors: cursors{w}, Followers: []string{"wx-oa"},
		Every: 24 * time.Hour, Now: w.now, Log: slog.New(slog.DiscardHandler),
	}
	for _, f := range change {
		f(&o)
	}
	h := harvest.New(o)
	h.Hurry()
	return h
}

func (w *world) run(h *harvest.Harvester) {
	w.t.Helper()
	if n, err := h.Run(context.Background()); n != 0 || err != nil {
		w.t.Fatalf("%d, %v", n, err)
	}
}

// account is what WeChat says.
type account struct{ *world }

func (a account) ListFollowers(_ context.Context, app, next string) (wx.Followers, error) {
	if err := a.step("list"); err != nil || a.failing[app] != nil {
		return wx.Followers{}, errors.Join(err, a.failing[app])
	}
	all := a.followers[app]
	rest := all[slices.IndexFunc(all, func(id string) bool { return id == next })+1:]
	page := wx.Followers{Total: len(all), OpenIDs: rest[:min(a.page, len(rest))]}
	if len(page.OpenIDs) > 0 {
		page.Next = page.OpenIDs[len(page.OpenIDs)-1] // on the last page, too
	}
	return page, nil
}

func (a account) FollowersOf(_ context.Context, app string, openIDs []string) (found []wx.Follower, err error) {
	if err := a.step("batch"); err != nil {
		return nil, err
	}
	if len(openIDs) > 100 || len(openIDs) == 0 {
		return nil, fmt.Errorf("%d openids at once", len(openIDs))
	}
	for _, id := range openIDs {
		found = append(found, wx.Follower{OpenID: id, Subscribed: id != "openid-gone", UnionID: "u-" + id})
	}
	return found, nil
}

func (a account) Moved(_ context.Context, to, from string, openIDs []string) (list []wx.Moved, err error) {
	if err := a.step("moved"); err != nil || a.failing[to] != nil {
		return nil, errors.Join(err, a.failing[to])
	}
	if len(openIDs) > 100 || from != "wx-old" {
		return nil, fmt.Errorf("%d openids of %s at once", len(openIDs), from)
	}
	for _, id := range openIDs {
		list = append(list, wx.Moved{OldOpenID: id, NewOpenID: a.moved[id]})
	}
	return list, nil
}

// crowd is the identity service, or a count of whom it met.
type crowd struct{ *world }

func (c crowd) Meet(_ context.Context, k model.IdentityKey, unionID string) error {
	if unionID != "u-"+k.OpenID {
		return fmt.Errorf("%s has UnionID %s", k.OpenID, unionID)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.met[k]++
	return nil
}

func (c crowd) Moved(ctx context.Context, from, to string, list []wx.Moved) (int, error) {
	if err := c.step(""); err != nil {
		return 0, err
	}
	return c.people.Moved(ctx, from, to, list)
}

func (c crowd) OpenIDs(ctx context.Context, app, after string, limit int) ([]string, error) {
	if err := c.step(""); err != nil {
		return nil, err
	}
	return c.people.OpenIDs(ctx, app, after, limit)
}

// cursors are those of the store.
type cursors struct{ *world }

func (c cursors) Cursor(ctx context.Context, name string) (string, error) {
	if err := c.step(""); err != nil {
		return "", err
	}
	return c.store.Cursor(ctx, name)
}

func (c cursors) SaveCursor(ctx context.Context, name, value string) error {
	if err := c.step(""); err != nil {
		return err
	}
	return c.store.SaveCursor(ctx, name, value)
}
