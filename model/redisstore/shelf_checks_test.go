package redisstore_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"wxhub/model"
	"wxhub/model/redisstore"
)

func checkToken(t *testing.T, s, other *redisstore.Store) {
	k := someTokenKey()
	mustBe(t, model.ErrNotFound)(s.Token(t.Context(), k))
	first, second := someToken(1), someToken(2)
	must(t, s.SaveToken(t.Context(), k, first))
	wantToken(t, other, k, first)
	must(t, other.SaveToken(t.Context(), k, second))
	wantToken(t, s, k, second)
	mustBe(t, model.ErrNotFound)(s.Token(t.Context(), model.TokenKey{AppID: k.AppID, Kind: model.JSAPITicket}))
	mustBe(t, model.ErrNotFound)(s.Token(t.Context(), someTokenKey()))
}

// checkTokenExpiry: a token is gone when it ends, and its fence with it.
func checkTokenExpiry(t *testing.T, s, _ *redisstore.Store) {
	k, brief := someTokenKey(), someToken(5)
	brief.ExpiresAt = model.Instant(time.Now().Add(400 * time.Millisecond))
	must(t, s.SaveToken(t.Context(), k, brief))
	within(t, "the token is gone", func() bool {
		_, err := s.Token(t.Context(), k)
		return errors.Is(err, model.ErrNotFound)
	})
	must(t, s.SaveToken(t.Context(), k, someToken(4)))
}

// checkForeignToken is a downgrade: the token was written by a later version.
func checkForeignToken(t *testing.T, s, _ *redisstore.Store) {
	k := someTokenKey()
	must(t, s.Client().HSet(t.Context(), "wxhub:token:{"+k.AppID+"}:"+string(k.Kind), "doc", "\x00not JSON", "fence", 3).Err())
	mustBe(t, model.ErrNotFound)(s.Token(t.Context(), k))
	fence, release := lock(t, s, k, time.Minute)
	must(t, s.SaveToken(t.Context(), k, someToken(fence)))
	release(t.Context())
}

func checkFault(t *testing.T, s, other *redisstore.Store) {
	k := someTokenKey()
	mustBe(t, model.ErrNotFound)(s.TokenFault(t.Context(), k))
	want := model.TokenFault{Code: "40164", Message: "invalid ip 203.0.113.9", Source: "f", Until: model.Instant(time.Now().Add(time.Minute))}
	must(t, s.SaveTokenFault(t.Context(), k, want))
	if got, err := other.TokenFault(t.Context(), k); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	mustBe(t, model.ErrNotFound)(s.Token(t.Context(), k))
	must(t, s.SaveTokenFault(t.Context(), k, model.TokenFault{Until: time.Now()}))
	within(t, "a refusal that is over is gone", func() bool {
		_, err := s.TokenFault(t.Context(), k)
		return errors.Is(err, model.ErrNotFound)
	})
}

func checkLock(t *testing.T, s, other *redisstore.Store) {
	k := someTokenKey()
	var last int64
	for range 10 {
		fence, release := lock(t, s, k, time.Minute)
		if fence <= last {
			t.Errorf("the fence %d does not grow: before it was %d", fence, last)
		}
		last = fence
		mustBeLocked(t, s, k)
		mustBeLocked(t, other, k)
		_, free := lock(t, other, model.TokenKey{AppID: k.AppID, Kind: model.JSAPITicket}, time.Minute)
		free(t.Context())
		release(t.Context())
		release(t.Context()) // twice does no harm
		s, other = other, s
	}
}

// checkLease: a holder that dies is replaced when its lease ends, and when it turns
// out to be alive it cannot take the lock away from its successor.
func checkLease(t *testing.T, s, other *redisstore.Store) {
	k := someTokenKey()
	early, releaseLate := lock(t, s, k, 300*time.Millisecond)
	var fence int64
	var release func(context.Context)
	within(t, "the lease ends", func() bool {
		var err error
		fence, release, err = other.LockToken(t.Context(), k, time.Minute)
		if err != nil && !errors.Is(err, model.ErrExists) {
			t.Fatal(err)
		}
		return err == nil
	})
	if fence <= early {
		t.Errorf("the successor's fence is %d, the dead one's %d", fence, early)
	}
	releaseLate(t.Context())
	mustBeLocked(t, s, k)
	release(t.Context())
	_, release = lock(t, s, k, time.Minute)
	release(t.Context())
}

// checkClockSetBack: what is stored came from a Redis whose clock was ahead, as after
// a failover to another machine. The next holder is not locked out.
func checkClockSetBack(t *testing.T, s, _ *redisstore.Store) {
	k := someTokenKey()
	ahead := time.Now().Add(24 * time.Hour).UnixMicro()
	must(t, s.SaveToken(t.Context(), k, someToken(ahead)))
	for range 3 {
		fence, release := lock(t, s, k, time.Minute)
		want := someToken(fence)
		must(t, s.SaveToken(t.Context(), k, want))
		wantToken(t, s, k, want)
		release(t.Context())
	}
}

func checkFence(t *testing.T, s, other *redisstore.Store) {
	k := someTokenKey()
	want := someToken(time.Now().UnixMicro())
	must(t, s.SaveToken(t.Context(), k, want))
	for _, older := range []int64{want.Fence - 1, want.Fence - 1e6, 1, 0} {
		mustBe(t, model.ErrStale)(nil, other.SaveToken(t.Context(), k, someToken(older)))
	}
	wantToken(t, other, k, want)
	next := someToken(want.Fence + 1)
	must(t, other.SaveToken(t.Context(), k, next))
	wantToken(t, s, k, next)
}

func checkForced(t *testing.T, s, other *redisstore.Store) {
	k := someTokenKey()
	var all sync.WaitGroup
	counts := make([]int64, 30)
	for i := range counts {
		all.Go(func() {
			var err error
			if counts[i], err = []*redisstore.Store{s, other}[i%2].CountForced(t.Context(), k, "2024-02-29"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	slices.Sort(counts)
	for i, got := range counts {
		if got != int64(i+1) {
			t.Fatalf("the counts are %v", counts)
		}
	}
	if got, err := s.CountForced(t.Context(), k, "2024-03-01"); err != nil || got != 1 {
		t.Errorf("the next day begins with %d, %v", got, err)
	}
	left, err := s.Client().TTL(t.Context(), "wxhub:token:{"+k.AppID+"}:access_token:forced:2024-02-29").Result()
	if err != nil || left <= 24*time.Hour || left > 48*time.Hour {
		t.Errorf("the count is kept for %s, %v", left, err)
	}
}

func checkHolder(t *testing.T, s, other *redisstore.Store) {
	app := someTokenKey().AppID
	want := func(hash string, holders ...string) {
		t.Helper()
		got, err := other.Holders(t.Context(), app, hash)
		slices.Sort(got)
		if err != nil || !slices.Equal(got, holders) {
			t.Errorf("holders %v, %v; want %v", got, err, holders)
		}
	}
	want("hash")
	must(t, s.RememberHolder(t.Context(), app, "hash", "shop", time.Hour))
	must(t, s.RememberHolder(t.Context(), app, "hash", "crm", time.Hour))
	must(t, s.RememberHolder(t.Context(), app, "hash", "shop", time.Hour))
	want("hash", "crm", "shop")
	want("other")
}

// checkChanges: what one connection stores, the others hear of; the zero key begins.
func checkChanges(t *testing.T, s, other *redisstore.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	changes := other.TokenChanges(ctx)
	await(t, changes, model.TokenKey{})
	for _, kind := range model.TokenKinds {
		k := model.TokenKey{AppID: someTokenKey().AppID, Kind: kind}
		must(t, s.SaveToken(t.Context(), k, someToken(9)))
		await(t, changes, k)
		wantToken(t, other, k, mustToken(t, s, k))
	}
	cancel()
	within(t, "the channel is closed", func() bool {
		select {
		case _, ok := <-changes:
			return !ok
		default:
			return false
		}
	})
}

func mustToken(t *testing.T, s *redisstore.Store, k model.TokenKey) model.Token {
	t.Helper()
	got, err := s.Token(t.Context(), k)
	must(t, err)
	return got
}

// checkReconnect: a subscriber that lost its connection is told that it may have
// missed something, and hears again.
func checkReconnect(t *testing.T, s, other *redisstore.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	changes := other.TokenChanges(ctx)
	await(t, changes, model.TokenKey{})
	hangUp := func(ctx context.Context, c *redis.Client) error {
		return c.ClientKillByFilter(ctx, "TYPE", "pubsub").Err()
	}
	if c, ok := s.Client().(*redis.ClusterClient); ok {
		must(t, c.ForEachMaster(t.Context(), hangUp))
	} else {
		must(t, hangUp(t.Context(), s.Client().(*redis.Client)))
	}
	await(t, changes, model.TokenKey{})
	k := someTokenKey()
	must(t, s.SaveToken(t.Context(), k, someToken(1)))
	await(t, changes, k)
}
