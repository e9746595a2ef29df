package token_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"wxhub/model"
	"wxhub/model/redisstore"
	"wxhub/wx"
	"wxhub/wx/token"
)

const appID = "wx1"

// weChat is a token endpoint of a few lines: stable, numbered tokens.
type weChat struct {
	mu      sync.Mutex
	number  int
	fetches int
	forced  int
	life    time.Duration
	err     error
	hold    chan struct{} // when not nil, Fetch waits for it
	entered chan struct{}
	stuck   bool // WeChat insists on its token unless forced
}

func (w *weChat) Fetch(ctx context.Context, _ token.App, kind model.TokenKind, accessToken model.Secret, force bool) (model.Secret, time.Duration, error) {
	w.mu.Lock()
	w.fetches++
	if force {
		w.forced++
	}
	if !w.stuck || force {
		w.number++
	}
	value, life, err, hold := model.Secret(fmt.Sprintf("%s-%d%s", kind, w.number, accessToken.Reveal())), w.life, w.err, w.hold
	w.mu.Unlock()
	if w.entered != nil {
		w.entered <- struct{}{}
	}
	if hold != nil {
		select {
		case <-hold:
		case <-ctx.Done():
			return "", 0, wx.ErrTimeout
		}
	}
	return value, life, err
}

func (w *weChat) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.fetches
}

func (w *weChat) set(change func(*weChat)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change(w)
}

// office is a Redis with any number of processes, and a clock to turn.
type office struct {
	t      *testing.T
	redis  *miniredis.Miniredis
	source *weChat
	mu     sync.Mutex
	ahead  time.Duration
}

func newOffice(t *testing.T) *office {
	return &office{t: t, redis: miniredis.RunT(t), source: &weChat{life: 2 * time.Hour}}
}

func (o *office) now() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return time.Now().Add(o.ahead)
}

func (o *office) pass(d time.Duration) {
	o.mu.Lock()
	o.ahead += d
	o.mu.Unlock()
	o.redis.FastForward(d)
}

// process is one more keeper with a connection of its own.
func (o *office) process(change ...func(*token.App)) *token.Keeper {
	o.t.Helper()
	s, err := redisstore.Open(o.t.Context(), "redis://"+o.redis.Addr())
	if err != nil {
		o.t.Fatal(err)
	}
	o.t.Cleanup(func() { _ = s.Close() })
	a := token.App{ID: appID, Secret: "s1"}
	for _, c := range change {
		c(&a)
	}
	return token.New(token.Options{
		Apps: []token.App{a}, Shelf: s, Source: o.source, Now: o.now, Log: slog.New(slog.DiscardHandler),
	})
}

func get(t *testing.T, k *token.Keeper) model.Token {
	t.Helper()
	got, err := k.Token(t.Context(), appID, model.AccessToken)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func (o *office) wantFetches(n int) {
	o.t.Helper()
	if got := o.source.count(); got != n {
		o.t.Errorf("WeChat was asked %d times, want %d", got, n)
	}
}

func TestOneFetchForManyProcessesAndReaders(t *testing.T) {
	o := newOffice(t)
	var mu sync.Mutex
	seen := map[model.Secret]bool{}
	read := func(processes []*token.Keeper) {
		var wg sync.WaitGroup
		for _, k := range processes {
			for range 50 {
				wg.Go(func() {
					got, err := k.Token(context.Background(), appID, model.AccessToken)
					if err != nil {
						t.Error(err)
					}
					mu.Lock()
					defer mu.Unlock()
					seen[got.Value] = true
				})
			}
		}
		wg.Wait()
	}
	processes := make([]*token.Keeper, 8)
	for i := range processes {
		processes[i] = o.process()
	}
	read(processes)
	o.wantFetches(1)
	o.redis.FlushAll()
	read(processes)
	o.wantFetches(1)
	if len(seen) != 1 {
		t.Errorf("%d different tokens were given out", len(seen))
	}
}

func TestManyReportsOfOneTokenMakeOneRefresh(t *testing.T) {
	o := newOffice(t)
	a, b := o.process(), o.process()
	bad := get(t, a).Value
	get(t, b)
	var wg sync.WaitGroup
	for i := range 100 {
		k := []*token.Keeper{a, b}[i%2]
		wg.Go(func() {
			got, err := k.Replace(context.Background(), appID, model.AccessToken, bad)
			if err != nil || got.Value == bad {
				t.Errorf("got %v", err)
			}
		})
	}
	wg.Wait()
	o.wantFetches(2)
	if got, err := a.Replace(t.Context(), appID, model.AccessToken, bad); err != nil || got.Value == bad {
		t.Error("a late report of an old token changed something")
	}
	o.wantFetches(2)
}

// WeChat insists on a token that its own API calls bad: it is forced, and only as
// often as WeChat allows in a day.
func TestForcedRefreshesAreCounted(t *testing.T) {
	o := newOffice(t)
	o.source.stuck = true
	k := o.process()
	current := get(t, k)
	for i := range 20 {
		next, err := k.Replace(t.Context(), appID, model.AccessToken, current.Value)
		if err != nil || next.Value == current.Value {
			t.Fatalf("forced refresh %d: %v", i+1, err)
		}
		current = next
	}
	if _, err := k.Replace(t.Context(), appID, model.AccessToken, current.Value); !errors.Is(err, wx.ErrForceQuota) {
		t.Errorf("the 21st: %v", err)
	}
	if o.source.forced != 20 {
		t.Errorf("WeChat was forced %d times", o.source.forced)
	}
}

func TestTheHolderDiesAndIsReplacedWithinItsLease(t *testing.T) {
	o := newOffice(t)
	o.source.hold, o.source.entered = make(chan struct{}), make(chan struct{}, 10)
	dead, alive := o.process(), o.process()
	ctx, kill := context.WithCancel(t.Context())
	go func() { _, _ = dead.Token(ctx, appID, model.AccessToken) }() // it dies with the lock in its hand
	<-o.source.entered
	kill()
	got := make(chan error, 1)
	go func() {
		_, err := alive.Token(context.Background(), appID, model.AccessToken)
		got <- err
	}()
	o.source.set(func(w *weChat) { w.hold = nil })
	for done := false; !done; {
		select {
		case err := <-got:
			if err != nil {
				t.Error(err)
			}
			done = true
		case <-time.After(10 * time.Millisecond):
			o.redis.FastForward(100 * time.Millisecond) // the lease runs out
		}
	}
}

func TestRedisAwayTheLastTokenServes(t *testing.T) {
	o := newOffice(t)
	warm, cold := o.process(), o.process()
	want := get(t, warm).Value
	o.redis.Close()
	for range 100 {
		if got := get(t, warm); got.Value != want {
			t.Fatal("another token")
		}
	}
	o.wantFetches(1)
	var wg sync.WaitGroup
	for range 50 { // a process that has none asks by itself, once
		wg.Go(func() {
			if _, err := cold.Token(context.Background(), appID, model.AccessToken); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	o.wantFetches(2)
}

func TestWeChatAwayTheLastTokenServesUntilItEnds(t *testing.T) {
	o := newOffice(t)
	k := o.process()
	get(t, k)
	o.source.set(func(w *weChat) { w.err = wx.ErrTimeout })
	o.pass(2*time.Hour - 3*time.Minute)
	for range 20 {
		_, _ = k.Renew(t.Context()) // fails, is paced
	}
	if n := o.source.count(); n > 3 {
		t.Errorf("a WeChat that is away was asked %d times in a moment", n)
	}
	get(t, k)
	o.pass(3 * time.Minute)
	if _, err := k.Token(t.Context(), appID, model.AccessToken); !errors.Is(err, wx.ErrTimeout) {
		t.Errorf("got %v", err)
	}
}

func TestRenewalComesAheadOfTheEnd(t *testing.T) {
	for _, life := range []time.Duration{2 * time.Hour, 345 * time.Second, time.Minute, time.Second} {
		o := newOffice(t)
		o.source.life = life
		k := o.process()
		if n, err := k.Renew(t.Context()); n != 0 || err != nil {
			t.Fatalf("nobody has asked for a token, yet %d were fetched (%v)", n, err)
		}
		get(t, k)
		if n, _ := k.Renew(t.Context()); n != 0 {
			t.Errorf("life %s: renewed at once", life)
		}
		o.pass(life - min(5*time.Minute, life/4)*8/10)
		if n, err := k.Renew(t.Context()); n != 1 || err != nil {
			t.Errorf("life %s: not renewed ahead of its end: %d, %v", life, n, err)
		}
		get(t, k)
		o.wantFetches(2)
	}
}

func TestTerminalRefusalIsAskedForOnce(t *testing.T) {
	o := newOffice(t)
	refusal := wx.TokenRefused("40164", "invalid ip 203.0.113.9 ipv6 ::ffff:203.0.113.9, not in whitelist rid: 1-2-3")
	o.source.err = refusal
	a, b := o.process(), o.process()
	for range 20 {
		for _, k := range []*token.Keeper{a, b} {
			_, err := k.Token(t.Context(), appID, model.AccessToken)
			if !errors.Is(err, wx.ErrTokenRefused) || !strings.Contains(err.Error(), "203.0.113.9") {
				t.Fatalf("got %v", err)
			}
		}
	}
	o.wantFetches(1)
	o.source.set(func(w *weChat) { w.err = nil })
	o.pass(token.FaultPause)
	get(t, a)
	o.wantFetches(2)
}

func TestAChangedSecretInvalidatesAtOnce(t *testing.T) {
	o := newOffice(t)
	old := get(t, o.process())
	rotated := o.process(func(a *token.App) { a.Secret = "s2" })
	if got := get(t, rotated); got.Value == old.Value {
		t.Error("a token of the old secret was given out")
	}
	o.wantFetches(2)
}

// A ticket needs an access token. When WeChat calls that one bad, it is replaced and
// the ticket asked for again.
func TestATicketHealsItsAccessToken(t *testing.T) {
	o := newOffice(t)
	k := o.process()
	first := get(t, k)
	ticket, err := k.Token(t.Context(), appID, model.JSAPITicket)
	if err != nil || ticket.Value.Reveal() == "" {
		t.Fatal(err)
	}
	if again, err := k.Token(t.Context(), appID, model.JSAPITicket); err != nil || again.Value != ticket.Value || get(t, k).Value != first.Value {
		t.Errorf("got %v", err)
	}
	o.wantFetches(2)
}

func TestOtherProcessesLearnOfANewToken(t *testing.T) {
	o := newOffice(t)
	a, b := o.process(), o.process()
	bad := get(t, a).Value
	get(t, b)
	ctx, stop := context.WithCancel(t.Context())
	watching := make(chan struct{})
	go func() { defer close(watching); b.Watch(ctx) }()
	defer func() { stop(); <-watching }()
	fresh, err := a.Replace(t.Context(), appID, model.AccessToken, bad)
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); get(t, b).Value != fresh.Value; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the other process still gives out the bad token")
		}
	}
}

func TestUnknownAppAndGivingUp(t *testing.T) {
	o := newOffice(t)
	k := o.process()
	if _, err := k.Token(t.Context(), "wxnone", model.AccessToken); model.CodeOf(err) != "app_unknown" {
		t.Errorf("got %v", err)
	}
	o.source.hold = make(chan struct{})
	defer close(o.source.hold)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := k.Token(ctx, appID, model.AccessToken); !errors.Is(err, wx.ErrTimeout) {
		t.Errorf("got %v", err)
	}
}

func BenchmarkToken(b *testing.B) {
	m := miniredis.RunT(b)
	s, err := redisstore.Open(context.Background(), "redis://"+m.Addr())
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	k := token.New(token.Options{
		Apps: []token.App{{ID: appID}}, Shelf: s, Source: &weChat{life: time.Hour}, Now: time.Now, Log: slog.New(slog.DiscardHandler),
	})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := k.Token(context.Background(), appID, model.AccessToken); err != nil {
			b.Fatal(err)
		}
	}
}
