package redisstore_test

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/model/redisstore"
)

const racers = 64

// race runs f in many goroutines that start together.
func race(f func(i int)) {
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range racers {
		all.Go(func() {
			<-start
			f(i)
		})
	}
	close(start)
	all.Wait()
}

func checkForgetSessionKey(t *testing.T, s *redisstore.Store) {
	ctx, openID := t.Context(), rand.Text()
	must(t, s.SaveSessionKey(ctx, "wx1", openID, "one", time.Hour))
	must(t, s.SaveSessionKey(ctx, "wx2", openID, "two", time.Hour))
	must(t, s.DeleteSessionKey(ctx, "wx1", openID))
	must(t, s.DeleteSessionKey(ctx, "wx1", openID))
	mustBe(t, model.ErrNotFound)(s.SessionKey(ctx, "wx1", openID))
	if got, err := s.SessionKey(ctx, "wx2", openID); err != nil || got.Reveal() != "two" {
		t.Errorf("the other app's: got %q, %v", got.Reveal(), err)
	}
}

// checkCancelled: a cancelled context is an error, not an answer.
func checkCancelled(t *testing.T, s *redisstore.Store) {
	key := rand.Text()
	must(t, s.SaveState(t.Context(), key, someState(), time.Hour))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, call := range map[string]func() error{
		"SaveState":         func() error { return s.SaveState(ctx, key+"2", someState(), time.Hour) },
		"State":             func() error { _, err := s.State(ctx, key); return err },
		"UseState":          func() error { _, err := s.UseState(ctx, key, "one", time.Hour); return err },
		"ClaimNonce":        func() error { _, _, err := s.ClaimNonce(ctx, key, "one", time.Hour); return err },
		"BeginRedemption":   func() error { _, _, err := s.BeginRedemption(ctx, key, time.Hour); return err },
		"FinishRedemption":  func() error { return s.FinishRedemption(ctx, key, "done", time.Hour) },
		"AbandonRedemption": func() error { return s.AbandonRedemption(ctx, key) },
		"Redemption":        func() error { _, _, err := s.Redemption(ctx, key); return err },
		"DeleteSessionKey":  func() error { return s.DeleteSessionKey(ctx, "wx1", key) },
	} {
		if err := call(); !errors.Is(err, model.ErrUnavailable) || !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v, want ErrUnavailable because of the cancelled context", name, err)
		}
	}
	if _, err := s.State(t.Context(), key); err != nil {
		t.Errorf("the state is gone: %v", err)
	}
	wantNoRedemption(t, s, key)
}

// wantTTL checks that a record is kept for about an hour.
func wantTTL(t *testing.T, s *redisstore.Store, key string) {
	t.Helper()
	left, err := s.Client().TTL(t.Context(), key).Result()
	if err != nil || left <= 59*time.Minute || left > time.Hour {
		t.Errorf("ttl of %s is %s, %v; want about an hour", key, left, err)
	}
}

// mustEnd checks that nothing can be kept for ever.
func mustEnd(t *testing.T, save func(ttl time.Duration) error) {
	t.Helper()
	for _, ttl := range []time.Duration{0, -time.Second} {
		if save(ttl) == nil {
			t.Errorf("a ttl of %s was taken", ttl)
		}
	}
}
