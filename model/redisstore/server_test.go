package redisstore_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"wxhub/model/redisstore"
)

// patience bounds every wait; none of these tests measures speed.
const patience = 60 * time.Second

// redisServer is a redis-server of one test, which may stop or flush it.
type redisServer struct {
	addr   string
	client *redis.Client
	cmd    *exec.Cmd
	exited chan struct{}
}

// startServer starts Redis on a free port; args are its options beside the usual.
func startServer(t *testing.T, args ...string) *redisServer {
	t.Helper()
	usual := []string{"--save", "", "--appendonly", "no"}
	return launch(t, func(string) []string { return append(usual, args...) })
}

// launch starts redis-server with the given arguments, which may depend on the port.
// A port that somebody else took first is given up for another.
func launch(t *testing.T, args func(port string) []string) *redisServer {
	t.Helper()
	program := redisProgram(t)
	for range 10 {
		port := freePort(t)
		s := &redisServer{addr: net.JoinHostPort("127.0.0.1", port), exited: make(chan struct{})}
		s.cmd = exec.Command(program, append(args(port), "--port", port, "--bind", "127.0.0.1", "--dir", t.TempDir())...)
		if err := s.cmd.Start(); err != nil {
			t.Fatal(err)
		}
		go func() {
			defer close(s.exited)
			_ = s.cmd.Wait() // the test looks at what it serves
		}()
		s.client = redis.NewClient(&redis.Options{Addr: s.addr, DisableIdentity: true})
		t.Cleanup(func() {
			_ = s.client.Close()
			s.kill(t)
		})
		if s.up(t) {
			return s
		}
	}
	t.Fatal("redis-server does not start")
	return nil
}

// up waits until this very process answers; a stranger on its port does not count.
func (s *redisServer) up(t *testing.T) (ok bool) {
	t.Helper()
	within(t, "redis-server answers or ends", func() bool {
		select {
		case <-s.exited:
			return true
		default:
		}
		info := s.client.InfoMap(t.Context(), "server")
		ok = info.Err() == nil && info.Item("Server", "process_id") == strconv.Itoa(s.cmd.Process.Pid)
		return ok
	})
	return ok
}

// kill ends the server as a power cut would.
func (s *redisServer) kill(t *testing.T) {
	if err := s.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Error(err)
	}
	<-s.exited
}

func (s *redisServer) port() string {
	_, port, _ := net.SplitHostPort(s.addr)
	return port
}

// redisProgram skips the test where there is no Redis, except where one is promised.
func redisProgram(t *testing.T) string {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		if os.Getenv("WXHUB_TEST_REQUIRE_REDIS") == "1" {
			t.Fatal("redis-server is not on the PATH, but WXHUB_TEST_REQUIRE_REDIS=1 asks for a real Redis")
		}
		t.Skip("needs redis-server on the PATH")
	}
	return program
}

// freePort is free together with the port 10,000 above it, the cluster's bus.
func freePort(t *testing.T) string {
	t.Helper()
	for range 1000 {
		port := 20000 + rand.IntN(30000) //nolint:gosec // not a secret
		if free(port) && free(port+10000) {
			return strconv.Itoa(port)
		}
	}
	t.Fatal("no free port")
	return ""
}

func free(port int) bool {
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return false
	}
	return l.Close() == nil
}

// within polls until done, and fails the test when that takes too long.
func within(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within %s: %s", patience, what)
		}
	}
}

func standalone(t *testing.T) (url string) { return "redis://" + startServer(t).addr }

// flush empties the database; of a cluster, every node of it.
func flush(t *testing.T, s *redisstore.Store) {
	t.Helper()
	one := func(ctx context.Context, c *redis.Client) error { return c.FlushDB(ctx).Err() }
	if c, ok := s.Client().(*redis.ClusterClient); ok {
		must(t, c.ForEachMaster(t.Context(), one))
		return
	}
	must(t, one(t.Context(), s.Client().(*redis.Client)))
}
