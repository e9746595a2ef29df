package redisstore_test

import (
	"context"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"
	"github.com/redis/go-redis/v9"

	"wxhub/model"
	"wxhub/model/redisstore"
)

func open(t *testing.T, url string) *redisstore.Store {
	t.Helper()
	s, err := redisstore.Open(t.Context(), url)
	must(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestEmbedded(t *testing.T) { conformance(t, open(t, "embedded:")) }

// TestRealRedis runs the same suite against a server, in its database 9, so that
// the flushing of one test does not disturb other packages.
func TestRealRedis(t *testing.T) {
	url := os.Getenv("WXHUB_TEST_REDIS")
	if url == "" {
		if os.Getenv("WXHUB_TEST_REQUIRE_REDIS") == "1" {
			t.Fatal("WXHUB_TEST_REDIS is not set, but WXHUB_TEST_REQUIRE_REDIS=1 asks for a real Redis")
		}
		t.Skip("needs a throwaway Redis: run make test, or set WXHUB_TEST_REDIS=redis://127.0.0.1:6379")
	}
	conformance(t, open(t, strings.TrimRight(url, "/")+"/9"))
}

// TestEmbeddedIsPrivate: another process on this machine must not read sessions.
func TestEmbeddedIsPrivate(t *testing.T) {
	s := open(t, "embedded:")
	opts := s.Client().(*redis.Client).Options()
	if host, _, _ := net.SplitHostPort(opts.Addr); !net.ParseIP(host).IsLoopback() {
		t.Errorf("it listens on %s", opts.Addr)
	}
	stranger := redis.NewClient(&redis.Options{Addr: opts.Addr, DisableIdentity: true})
	defer func() { _ = stranger.Close() }()
	if err := stranger.Ping(t.Context()).Err(); err == nil || !strings.Contains(err.Error(), "NOAUTH") {
		t.Errorf("without the password: %v", err)
	}
}

func TestCloseTwice(t *testing.T) {
	s, err := redisstore.Open(t.Context(), "embedded:")
	must(t, err)
	must(t, s.Close())
	_ = s.Close() // may complain, must not panic
	mustBe(t, model.ErrUnavailable)(s.Session(t.Context(), "x"))
}

// TestServerGone: calls fail soon, and work again when the server is back.
func TestServerGone(t *testing.T) {
	m := miniredis.RunT(t)
	s := open(t, "redis://"+m.Addr())
	m.Close()
	begun := time.Now()
	mustBe(t, model.ErrUnavailable)(s.Session(t.Context(), "x"))
	mustBe(t, model.ErrUnavailable)(nil, s.SaveSession(t.Context(), "x", someSession(), time.Hour))
	mustBe(t, model.ErrUnavailable)(nil, s.Ping(t.Context()))
	if took := time.Since(begun); took > 20*time.Second {
		t.Errorf("three calls took %s", took)
	}
	must(t, m.Restart())
	mustBe(t, model.ErrNotFound)(s.Session(t.Context(), "x"))
}

// TestServerSilent: a server that takes the connection and says nothing costs no
// more time than the caller has.
func TestServerSilent(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer func() { _ = l.Close() }()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	begun := time.Now()
	_, err = redisstore.Open(ctx, "redis://:"+"hunter2@"+l.Addr().String())
	mustBe(t, model.ErrUnavailable)(nil, err)
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("it took %s", took)
	}
	if strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the password is in %v", err)
	}
}

// TestNoNoise lists what a plain Redis is asked: nothing that it does not know.
func TestNoNoise(t *testing.T) {
	m := miniredis.RunT(t)
	asked := make(chan string, 100)
	m.Server().SetPreHook(func(_ *server.Peer, cmd string, _ ...string) bool {
		asked <- strings.ToUpper(cmd)
		return false
	})
	s := open(t, "redis://"+m.Addr())
	checkSession(t, s)
	must(t, s.Close())
	for len(asked) > 0 {
		if cmd := <-asked; !slices.Contains([]string{"HELLO", "PING", "SET", "GET", "DEL"}, cmd) {
			t.Errorf("%s was sent", cmd)
		}
	}
}
