package redisstore_test

import (
	"crypto/rand"
	"fmt"
	"sync"
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
	mustBe(t, model.ErrNotFound)(s.State(ctx, hash))
	must(t, s.SaveState(ctx, hash, want, time.Hour))
	must(t, s.SaveState(ctx, hash+"2", someState(), time.Hour))
	wantTTL(t, s, "wxhub:state:"+hash)
	for range 2 {
		if got, err := s.State(ctx, hash); err != nil || got != want {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
	}
	use := func(hash, reason string, want bool) {
		t.Helper()
		if ok, err := s.UseState(ctx, hash, reason, time.Hour); err != nil || ok != want {
			t.Errorf("let through: %v, %v, want %v", ok, err, want)
		}
	}
	use(hash, "one", true)
	use(hash, "one", true)
	use(hash, "two", false)
	use(hash+"2", "two", true)
	wantTTL(t, s, "wxhub:state_used:"+hash)
	must(t, s.Client().Set(ctx, "wxhub:state:"+hash, "\x00not JSON", time.Hour).Err()) // of a later version
	mustBe(t, model.ErrNotFound)(s.State(ctx, hash))
	mustEnd(t, func(ttl time.Duration) error { return s.SaveState(ctx, hash, want, ttl) })
	mustEnd(t, func(ttl time.Duration) error { _, err := s.UseState(ctx, hash, "one", ttl); return err })
}

func checkStateRace(t *testing.T, s *redisstore.Store) {
	hash := rand.Text()
	var through atomic.Int64
	race(func(i int) {
		ok, err := s.UseState(t.Context(), hash, fmt.Sprint(i), time.Hour)
		if err != nil {
			t.Error(err)
		}
		if ok {
			through.Add(1)
		}
	})
	if through.Load() != 1 {
		t.Errorf("%d of %d with a reason each were let through", through.Load(), racers)
	}
}

func checkNonce(t *testing.T, s *redisstore.Store) {
	ctx, key := t.Context(), rand.Text()
	claim := func(key, by, want string, wantFresh bool) {
		t.Helper()
		holder, fresh, err := s.ClaimNonce(ctx, key, by, time.Hour)
		if err != nil || holder != want || fresh != wantFresh {
			t.Errorf("holder %q, fresh %v, %v, want %q, %v", holder, fresh, err, want, wantFresh)
		}
	}
	claim(key, "one", "one", true)
	claim(key, "one", "one", false)
	claim(key, "two", "one", false)
	claim(key+"2", "two", "two", true)
	wantTTL(t, s, "wxhub:nonce:"+key)
	mustEnd(t, func(ttl time.Duration) error { _, _, err := s.ClaimNonce(ctx, rand.Text(), "one", ttl); return err })

	brief := rand.Text()
	if _, _, err := s.ClaimNonce(ctx, brief, "one", 400*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	within(t, "the nonce is free again", func() bool {
		holder, fresh, err := s.ClaimNonce(ctx, brief, "two", time.Hour)
		must(t, err)
		return fresh && holder == "two"
	})
}

func checkNonceRace(t *testing.T, s *redisstore.Store) {
	key := rand.Text()
	var winners sync.Map
	var fresh atomic.Int64
	race(func(i int) {
		holder, first, err := s.ClaimNonce(t.Context(), key, fmt.Sprint(i), time.Hour)
		if err != nil || first && holder != fmt.Sprint(i) {
			t.Errorf("holder %q, first %v, %v", holder, first, err)
		}
		if first {
			fresh.Add(1)
		}
		winners.Store(holder, true)
	})
	holders := 0
	winners.Range(func(any, any) bool { holders++; return true })
	if fresh.Load() != 1 || holders != 1 {
		t.Errorf("the nonce was fresh %d times and has %d holders", fresh.Load(), holders)
	}
}
