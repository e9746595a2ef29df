package redisstore_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/model/redisstore"
	"wxhub/wx/token"
)

var _ token.Shelf = (*redisstore.Store)(nil)

// shelfConformance is what the keeper of the tokens relies on. other is a second
// connection to the same Redis; with the embedded one it is the same store.
func shelfConformance(t *testing.T, s, other *redisstore.Store) {
	for name, check := range map[string]func(*testing.T, *redisstore.Store, *redisstore.Store){
		"token": checkToken, "token expiry": checkTokenExpiry, "foreign token": checkForeignToken, "fault": checkFault,
		"lock": checkLock, "lease": checkLease, "lock race": checkLockRace, "clock set back": checkClockSetBack,
		"fence": checkFence, "fence race": checkFenceRace, "forced": checkForced, "holder": checkHolder, "changes": checkChanges, "flushed": checkFlushed,
	} {
		t.Run(name, func(t *testing.T) { check(t, s, other) })
	}
}

func someTokenKey() model.TokenKey {
	return model.TokenKey{AppID: "wx" + rand.Text()[:16], Kind: model.AccessToken}
}

func someToken(fence int64) model.Token {
	now := model.Instant(time.Now())
	return model.Token{
		Value: model.Secret(rand.Text()), FetchedAt: now, ExpiresAt: now.Add(2 * time.Hour), Source: "fingerprint", Fence: fence,
	}
}

// lock takes the lock or fails the test.
func lock(t *testing.T, s *redisstore.Store, k model.TokenKey, lease time.Duration) (fence int64, release func(context.Context)) {
	t.Helper()
	fence, release, err := s.LockToken(t.Context(), k, lease)
	must(t, err)
	return fence, release
}

func mustBeLocked(t *testing.T, s *redisstore.Store, k model.TokenKey) {
	t.Helper()
	if _, _, err := s.LockToken(t.Context(), k, time.Minute); !errors.Is(err, model.ErrExists) {
		t.Errorf("the lock is held, yet a second holder was told %v", err)
	}
}

func wantToken(t *testing.T, s *redisstore.Store, k model.TokenKey, want model.Token) {
	t.Helper()
	if got, err := s.Token(t.Context(), k); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

// await reads changes until want comes; others that come before it are allowed.
func await(t *testing.T, changes <-chan model.TokenKey, want model.TokenKey) {
	t.Helper()
	for deadline := time.After(patience); ; {
		select {
		case got, ok := <-changes:
			if !ok {
				t.Fatal("the channel was closed")
			}
			if got == want {
				return
			}
		case <-deadline:
			t.Fatalf("no change %+v was told", want)
		}
	}
}

// useEverything calls every method of the shelf for one app, all kinds of token.
func useEverything(t *testing.T, s *redisstore.Store, app string) {
	t.Helper()
	ctx := t.Context()
	for _, kind := range model.TokenKinds {
		k := model.TokenKey{AppID: app, Kind: kind}
		fence, release := lock(t, s, k, time.Minute)
		must(t, s.SaveToken(ctx, k, someToken(fence)))
		must(t, s.SaveTokenFault(ctx, k, model.TokenFault{Code: "40164", Until: time.Now().Add(time.Minute)}))
		_, err := s.Token(ctx, k)
		must(t, err)
		_, err = s.TokenFault(ctx, k)
		must(t, err)
		_, err = s.CountForced(ctx, k, "2024-02-29")
		must(t, err)
		release(ctx)
	}
	must(t, s.RememberHolder(ctx, app, "hash", "shop", time.Hour))
	_, err := s.Holders(ctx, app, "hash")
	must(t, err)
}

func TestShelf(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(*testing.T) string{
		"embedded":   func(*testing.T) string { return "embedded:" },
		"standalone": standalone,
		"cluster":    cluster,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := start(t)
			s := open(t, url)
			other := s
			if name != "embedded" {
				other = open(t, url)
				t.Run("reconnect", func(t *testing.T) { checkReconnect(t, s, other) })
				t.Run("sessions", func(t *testing.T) { conformance(t, s) })
			}
			shelfConformance(t, s, other)
		})
	}
}

// checkFlushed: Redis loses everything while somebody holds the lock.
func checkFlushed(t *testing.T, s, _ *redisstore.Store) {
	k := someTokenKey()
	must(t, s.SaveToken(t.Context(), k, someToken(7)))
	late, releaseLate := lock(t, s, k, time.Minute)
	flush(t, s)
	mustBe(t, model.ErrNotFound)(s.Token(t.Context(), k))
	next, release := lock(t, s, k, time.Minute)
	if next <= late {
		t.Errorf("the fence after the flush is %d, the one before %d", next, late)
	}
	must(t, s.SaveToken(t.Context(), k, someToken(late))) // nobody has stored yet
	releaseLate(t.Context())
	mustBeLocked(t, s, k)
	want := someToken(next)
	must(t, s.SaveToken(t.Context(), k, want))
	mustBe(t, model.ErrStale)(nil, s.SaveToken(t.Context(), k, someToken(late)))
	wantToken(t, s, k, want)
	release(t.Context())
}

// checkLockRace: of many who want the lock one gets it.
func checkLockRace(t *testing.T, s, other *redisstore.Store) {
	k := someTokenKey()
	for range 5 {
		var all sync.WaitGroup
		var mu sync.Mutex
		var releases []func(context.Context)
		for i := range 40 {
			all.Go(func() {
				_, release, err := []*redisstore.Store{s, other}[i%2].LockToken(t.Context(), k, time.Minute)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					releases = append(releases, release)
				} else if !errors.Is(err, model.ErrExists) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if len(releases) != 1 {
			t.Fatalf("%d hold the lock", len(releases))
		}
		releases[0](t.Context())
	}
}

// checkFenceRace: in whatever order they store, the last holder's token stays.
func checkFenceRace(t *testing.T, s, other *redisstore.Store) {
	k := someTokenKey()
	tokens := make([]model.Token, 40)
	for i := range tokens {
		tokens[i] = someToken(int64(1000 + i))
	}
	var all sync.WaitGroup
	for i, tok := range slices.Backward(tokens) {
		all.Go(func() {
			if err := []*redisstore.Store{s, other}[i%2].SaveToken(t.Context(), k, tok); err != nil && !errors.Is(err, model.ErrStale) {
				t.Error(fmt.Errorf("fence %d: %w", tok.Fence, err))
			}
		})
	}
	all.Wait()
	wantToken(t, s, k, tokens[len(tokens)-1])
}
