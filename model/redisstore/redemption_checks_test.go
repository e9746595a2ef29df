package redisstore_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/model/redisstore"
)

func wantBegin(t *testing.T, s *redisstore.Store, key string, wantMine bool, want string) {
	t.Helper()
	if mine, outcome, err := s.BeginRedemption(t.Context(), key, time.Hour); err != nil || mine != wantMine || outcome != want {
		t.Errorf("begin: mine %v, outcome %q, %v; want %v, %q", mine, outcome, err, wantMine, want)
	}
}

func wantRedemption(t *testing.T, s *redisstore.Store, key, want string) {
	t.Helper()
	if outcome, done, err := s.Redemption(t.Context(), key); err != nil || outcome != want || done != (want != "") {
		t.Errorf("outcome %q, done %v, %v; want %q", outcome, done, err, want)
	}
}

func wantNoRedemption(t *testing.T, s *redisstore.Store, key string) {
	t.Helper()
	if outcome, done, err := s.Redemption(t.Context(), key); !errors.Is(err, model.ErrNotFound) || done || outcome != "" {
		t.Errorf("outcome %q, done %v, %v; want ErrNotFound", outcome, done, err)
	}
}

func checkRedemption(t *testing.T, s *redisstore.Store) {
	ctx, key := t.Context(), rand.Text()
	wantNoRedemption(t, s, key)
	wantBegin(t, s, key, true, "")
	wantBegin(t, s, key, false, "")
	wantRedemption(t, s, key, "")
	wantTTL(t, s, "wxhub:redemption:"+key)
	must(t, s.AbandonRedemption(ctx, key))
	must(t, s.AbandonRedemption(ctx, key))
	wantNoRedemption(t, s, key)

	wantBegin(t, s, key, true, "")
	must(t, s.FinishRedemption(ctx, key, "{\"user\":\"茶\x00\"}", time.Hour))
	wantBegin(t, s, key, false, "{\"user\":\"茶\x00\"}")
	wantRedemption(t, s, key, "{\"user\":\"茶\x00\"}")
	wantTTL(t, s, "wxhub:redemption:"+key)
	must(t, s.AbandonRedemption(ctx, key)) // of one who lost the lease: the outcome stays
	wantRedemption(t, s, key, "{\"user\":\"茶\x00\"}")

	if err := s.FinishRedemption(ctx, key, "", time.Hour); err == nil {
		t.Error("an outcome that means in progress was taken")
	}
	wantNoRedemption(t, s, key+"2")
	mustEnd(t, func(ttl time.Duration) error { return s.FinishRedemption(ctx, key, "done", ttl) })
	mustEnd(t, func(ttl time.Duration) error { _, _, err := s.BeginRedemption(ctx, rand.Text(), ttl); return err })
}

// checkRedemptionLease: who began it died; another begins when the lease is over.
func checkRedemptionLease(t *testing.T, s *redisstore.Store) {
	key := rand.Text()
	if mine, _, err := s.BeginRedemption(t.Context(), key, 400*time.Millisecond); err != nil || !mine {
		t.Fatalf("begin: mine %v, %v", mine, err)
	}
	within(t, "the lease is over", func() bool {
		mine, outcome, err := s.BeginRedemption(t.Context(), key, time.Hour)
		must(t, err)
		return mine && outcome == ""
	})
}

// checkRedemptionRace: one begins; the others wait for the outcome and all get it.
func checkRedemptionRace(t *testing.T, s *redisstore.Store) {
	key := rand.Text()
	var began atomic.Int64
	race(func(i int) {
		mine, outcome, err := s.BeginRedemption(t.Context(), key, time.Hour)
		if mine {
			began.Add(1)
			err = errors.Join(err, s.FinishRedemption(t.Context(), key, "the outcome", time.Hour))
		}
		if err == nil && outcome == "" {
			outcome, err = outcomeOf(t.Context(), s, key)
		}
		if err != nil || outcome != "the outcome" {
			t.Errorf("racer %d: %q, %v", i, outcome, err)
		}
	})
	if began.Load() != 1 {
		t.Errorf("%d began", began.Load())
	}
}

func outcomeOf(ctx context.Context, s *redisstore.Store, key string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		outcome, done, err := s.Redemption(ctx, key)
		if done || err != nil {
			return outcome, err
		}
	}
}

// checkRedemptionAbandoned: whoever begins gives up at once, so that the record comes
// and goes between the two commands of others; everybody gets a clear answer.
func checkRedemptionAbandoned(t *testing.T, s *redisstore.Store) {
	key := rand.Text()
	var began atomic.Int64
	race(func(int) {
		mine, outcome, err := s.BeginRedemption(t.Context(), key, time.Hour)
		if err != nil || outcome != "" {
			t.Error(fmt.Errorf("outcome %q, %w", outcome, err))
		}
		if mine {
			began.Add(1)
			if err := s.AbandonRedemption(t.Context(), key); err != nil {
				t.Error(err)
			}
		}
	})
	if began.Load() == 0 {
		t.Error("nobody began")
	}
	wantNoRedemption(t, s, key)
}
