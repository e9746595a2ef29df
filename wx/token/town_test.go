package token_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"

	"wxhub/model"
	"wxhub/model/redisstore"
	"wxhub/wx"
	"wxhub/wx/token"
)

// mood is how often calls fail, in percent.
type mood struct {
	mu      sync.Mutex
	percent int
	random  *rand.Rand
}

func (m *mood) set(percent int, seed uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.percent, m.random = percent, rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // not a secret
}

func (m *mood) fails() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.percent > 0 && m.random.IntN(100) < m.percent
}

// moodyShelf is a Redis that fails at times: before it does what it was asked, or
// when it stores, after.
type moodyShelf struct {
	*redisstore.Store
	mood *mood
}

func (s moodyShelf) Token(ctx context.Context, k model.TokenKey) (model.Token, error) {
	if s.mood.fails() {
		return model.Token{}, model.ErrUnavailable
	}
	return s.Store.Token(ctx, k)
}

func (s moodyShelf) SaveToken(ctx context.Context, k model.TokenKey, t model.Token) error {
	if s.mood.fails() {
		return model.ErrUnavailable
	}
	err := s.Store.SaveToken(ctx, k, t)
	if s.mood.fails() {
		return model.ErrUnavailable
	}
	return err
}

func (s moodyShelf) TokenFault(ctx context.Context, k model.TokenKey) (model.TokenFault, error) {
	if s.mood.fails() {
		return model.TokenFault{}, model.ErrUnavailable
	}
	return s.Store.TokenFault(ctx, k)
}

func (s moodyShelf) LockToken(ctx context.Context, k model.TokenKey, lease time.Duration) (int64, func(context.Context), error) {
	if s.mood.fails() {
		return 0, nil, model.ErrUnavailable
	}
	return s.Store.LockToken(ctx, k, lease)
}

func (s moodyShelf) CountForced(ctx context.Context, k model.TokenKey, day string) (int64, error) {
	if s.mood.fails() {
		return 0, model.ErrUnavailable
	}
	return s.Store.CountForced(ctx, k, day)
}

// stableWeChat gives tokens as stable_token does: the same to everybody until its last
// five minutes, then a new one while the old one lives on; a forced one kills the old.
type stableWeChat struct {
	now  func() time.Time
	mood *mood

	mu       sync.Mutex
	number   int
	current  map[model.TokenKind]model.Secret
	ends     map[model.Secret]time.Time // of every token that is good
	forced   map[string]int             // by the day in China
	inFlight map[model.TokenKind]int
	most     int // in flight at once for one kind
}

func (w *stableWeChat) Fetch(_ context.Context, _ token.App, kind model.TokenKind, access model.Secret, force bool) (model.Secret, time.Duration, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.inFlight[kind]++
	defer func() { w.inFlight[kind]-- }()
	w.most = max(w.most, w.inFlight[kind])
	w.mu.Unlock()
	time.Sleep(100 * time.Microsecond) // a call takes its time, so that others can get in its way
	w.mu.Lock()
	if force {
		w.forced[w.now().In(time.FixedZone("China", 8*60*60)).Format(time.DateOnly)]++
	}
	switch fails := w.mood.fails(); {
	case fails && w.mood.fails():
		return "", 0, wx.TokenRefused("45009", "reach max api daily quota limit")
	case fails:
		return "", 0, wx.ErrTimeout
	case kind != model.AccessToken && !w.isGood(access):
		return "", 0, wx.TokenRefused("40001", "invalid credential")
	case force:
		w.replace(kind)
	case w.ends[w.current[kind]].Sub(w.now()) <= 5*time.Minute:
		w.issue(kind)
	}
	value := w.current[kind]
	return value, w.ends[value].Sub(w.now()), nil
}

func (w *stableWeChat) isGood(value model.Secret) bool { return w.now().Before(w.ends[value]) }

// replace kills the current token at once.
func (w *stableWeChat) replace(kind model.TokenKind) {
	delete(w.ends, w.current[kind])
	w.issue(kind)
}

func (w *stableWeChat) issue(kind model.TokenKind) {
	w.number++
	w.current[kind] = model.Secret(fmt.Sprintf("%s-%d", kind, w.number))
	w.ends[w.current[kind]] = w.now().Add(2 * time.Hour)
}

func (w *stableWeChat) good(value model.Secret) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.isGood(value)
}

// ask reads under the lock.
func (w *stableWeChat) ask(read func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	read()
}

// town is a few processes with one Redis and one WeChat.
type town struct {
	redis     *miniredis.Miniredis
	shelf     *mood
	weChat    *stableWeChat
	processes []*resident
	ahead     time.Duration // of the clock; moves only while nothing runs
	mu        sync.Mutex
}

// resident is one process.
type resident struct {
	*token.Keeper
	stop func()
}

func newTown(processes int) (*town, error) {
	o := &town{redis: miniredis.NewMiniRedis(), shelf: &mood{}}
	o.weChat = &stableWeChat{
		now: o.now, mood: &mood{}, current: map[model.TokenKind]model.Secret{}, ends: map[model.Secret]time.Time{},
		forced: map[string]int{}, inFlight: map[model.TokenKind]int{},
	}
	err := o.redis.Start()
	for range processes {
		if err == nil {
			var r *resident
			r, err = o.moveIn()
			o.processes = append(o.processes, r)
		}
	}
	return o, err
}

func (o *town) moveIn() (*resident, error) {
	s, err := redisstore.Open(context.Background(), "redis://"+o.redis.Addr())
	if err != nil {
		return nil, err
	}
	k := token.New(token.Options{
		Apps: []token.App{{ID: appID, Secret: "s"}}, Shelf: moodyShelf{s, o.shelf}, Source: o.weChat,
		Now: o.now, Log: slog.New(slog.DiscardHandler),
	})
	ctx, cancel := context.WithCancel(context.Background())
	watching := make(chan struct{})
	go func() { defer close(watching); k.Watch(ctx) }()
	return &resident{k, func() { cancel(); <-watching; _ = s.Close() }}, nil
}

func (o *town) close() {
	for _, r := range o.processes {
		r.stop()
	}
	o.redis.Close()
}

func (o *town) now() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return time.Now().Add(o.ahead)
}

func (o *town) pass(d time.Duration) {
	o.mu.Lock()
	o.ahead += d
	o.mu.Unlock()
	o.redis.FastForward(d)
}
