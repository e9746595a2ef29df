package redisstore_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"wxhub/model"
)

// sentinel starts a master, a replica and one sentinel that may decide alone.
func sentinel(t *testing.T) (url string, master *redisServer) {
	t.Helper()
	master = startServer(t)
	replica := startServer(t, "--replicaof", "127.0.0.1", master.port())
	file := filepath.Join(t.TempDir(), "sentinel.conf")
	must(t, os.WriteFile(file, fmt.Appendf(nil, `sentinel monitor main 127.0.0.1 %s 1
sentinel down-after-milliseconds main 1000
sentinel failover-timeout main 10000
`, master.port()), 0o600))
	watch := launch(t, func(string) []string { return []string{file, "--sentinel"} })
	asked := redis.NewSentinelClient(&redis.Options{Addr: watch.addr, DisableIdentity: true})
	t.Cleanup(func() { _ = asked.Close() })
	within(t, "the sentinel knows a replica that is in step", func() bool {
		known, err := asked.Replicas(t.Context(), "main").Result()
		return err == nil && len(known) == 1 && known[0]["port"] == replica.port() &&
			known[0]["flags"] == "slave" && known[0]["master-link-status"] == "ok"
	})
	return "redis+sentinel://" + watch.addr + "/main", master
}

// TestSentinelFailover: the master dies, the replica takes over, and the same store
// goes on by itself. What was stored in the last moment may be lost; that costs a fetch.
func TestSentinelFailover(t *testing.T) {
	t.Parallel()
	url, master := sentinel(t)
	s := open(t, url)
	key := someTokenKey()
	_, release := lock(t, s, key, time.Minute)
	before := someToken(1)
	must(t, s.SaveToken(t.Context(), key, before))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	changes := s.TokenChanges(ctx)
	await(t, changes, model.TokenKey{})
	release(t.Context())

	master.kill(t)
	began := time.Now()
	var after model.Token
	within(t, "the store works again", func() bool {
		fence, release, err := s.LockToken(t.Context(), key, time.Minute)
		if err != nil {
			if !errors.Is(err, model.ErrUnavailable) && !errors.Is(err, model.ErrExists) {
				t.Fatal(err)
			}
			return false
		}
		defer release(t.Context())
		after = someToken(fence)
		return s.SaveToken(t.Context(), key, after) == nil
	})
	t.Logf("it works again %s after the master was killed", time.Since(began).Round(time.Millisecond))
	if got, err := s.Token(t.Context(), key); err != nil || got != after {
		t.Errorf("got %+v, %v", got, err)
	}
	await(t, changes, model.TokenKey{}) // something may have been missed
	conformance(t, s)
	shelfConformance(t, s, open(t, url))
}
