package redisstore_test

import (
	"crypto/rand"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/model/redisstore"
)

func someState() model.LoginState {
	return model.LoginState{AppID: "wx0000000000000001", Browser: rand.Text(), ReturnTo: "/pay?order=1&x=茶", Scope: "snsapi_userinfo"}
}

func checkState(t *testing.T, s *redisstore.Store) {
	ctx, hash, want := t.Context(), rand.Text(), someState()
	mustBe(t, model.ErrNotFound)(s.TakeState(ctx, hash))
	must(t, s.SaveState(ctx, hash, want, time.Hour))
	must(t, s.SaveState(ctx, hash+"2", someState(), time.Hour))
	wantTTL(t, s, "wxhub:state:"+hash)
	if got, err := s.TakeState(ctx, hash); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	mustBe(t, model.ErrNotFound)(s.TakeState(ctx, hash))
	if _, err := s.TakeState(ctx, hash+"2"); err != nil {
		t.Errorf("the other state is gone too: %v", err)
	}
	must(t, s.Client().Set(ctx, "wxhub:state:"+hash, "\x00not JSON", time.Hour).Err()) // of a later version
	mustBe(t, model.ErrNotFound)(s.TakeState(ctx, hash))
	mustEnd(t, func(ttl time.Duration) error { return s.SaveState(ctx, hash, want, ttl) })
}

func checkStateRace(t *testing.T, s *redisstore.Store) {
	hash, want := rand.Text(), someState()
	must(t, s.SaveState(t.Context(), hash, want, time.Hour))
	var taken atomic.Int64
	race(func(int) {
		switch got, err := s.TakeState(t.Context(), hash); {
		case err == nil && got == want:
			taken.Add(1)
		case !errors.Is(err, model.ErrNotFound):
			t.Errorf("got %+v, %v", got, err)
		}
	})
	if taken.Load() != 1 {
		t.Errorf("the state was taken %d times", taken.Load())
	}
}

func checkNonce(t *testing.T, s *redisstore.Store) {
	ctx, key := t.Context(), rand.Text()
	use := func(key string, want bool) {
		t.Helper()
		if fresh, err := s.UseNonce(ctx, key, time.Hour); err != nil || fresh != want {
			t.Errorf("fresh: %v, %v, want %v", fresh, err, want)
		}
	}
	use(key, true)
	use(key, false)
	use(key+"2", true)
	wantTTL(t, s, "wxhub:nonce:"+key)
	must(t, s.ForgetNonce(ctx, key))
	must(t, s.ForgetNonce(ctx, key))
	use(key, true)
	use(key+"2", false)
	mustEnd(t, func(ttl time.Duration) error { _, err := s.UseNonce(ctx, rand.Text(), ttl); return err })

	brief := rand.Text()
	if _, err := s.UseNonce(ctx, brief, 400*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	within(t, "the nonce is fresh again", func() bool {
		fresh, err := s.UseNonce(ctx, brief, time.Hour)
		must(t, err)
		return fresh
	})
}

func checkNonceRace(t *testing.T, s *redisstore.Store) {
	key := rand.Text()
	var fresh atomic.Int64
	race(func(int) {
		ok, err := s.UseNonce(t.Context(), key, time.Hour)
		if err != nil {
			t.Error(err)
		}
		if ok {
			fresh.Add(1)
		}
	})
	if fresh.Load() != 1 {
		t.Errorf("the nonce was fresh %d times", fresh.Load())
	}
}
