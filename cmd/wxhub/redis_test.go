package main

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// redisServer is a Redis of one test, which may stop, freeze or flush it.
type redisServer struct {
	t      *testing.T
	addr   string
	client *redis.Client
	cmd    *exec.Cmd
	exited chan struct{}
}

// startRedis starts one on a free port. It skips the test where there is no Redis,
// except where one is promised.
func startRedis(t *testing.T) *redisServer {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		if os.Getenv("WXHUB_TEST_REQUIRE_REDIS") == "1" {
			t.Fatal("redis-server is not on the PATH, but WXHUB_TEST_REQUIRE_REDIS=1 asks for a real Redis")
		}
		t.Skip("needs redis-server on the PATH")
	}
	for range 10 {
		s := &redisServer{t: t, addr: freeAddr(t)}
		s.client = redis.NewClient(&redis.Options{Addr: s.addr, DisableIdentity: true})
		t.Cleanup(func() {
			_ = s.client.Close()
			s.kill()
		})
		if s.start() {
			return s
		}
	}
	t.Fatal("redis-server does not start")
	return nil
}

// start waits until this very process answers. It returns false when somebody else
// has the port.
func (s *redisServer) start() (ok bool) {
	s.t.Helper()
	_, port, err := net.SplitHostPort(s.addr)
	if err != nil {
		s.t.Fatal(err)
	}
	s.cmd = exec.Command("redis-server", "--port", port, "--bind", "127.0.0.1", "--dir", s.t.TempDir(), "--save", "", "--appendonly", "no")
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.exited = make(chan struct{})
	go func(cmd *exec.Cmd, exited chan<- struct{}) {
		defer close(exited)
		_ = cmd.Wait() // the tests look at what it serves
	}(s.cmd, s.exited)
	within(s.t, "redis-server answers or ends", func() bool {
		select {
		case <-s.exited:
			return true
		default:
		}
		info := s.client.InfoMap(s.t.Context(), "server")
		ok = info.Err() == nil && info.Item("Server", "process_id") == strconv.Itoa(s.cmd.Process.Pid)
		return ok
	})
	return ok
}

// again starts it, empty, on the port where it was before.
func (s *redisServer) again() {
	s.t.Helper()
	within(s.t, "Redis has its port again", s.start)
}

func (s *redisServer) signal(sig os.Signal) {
	if err := s.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		s.t.Error(err)
	}
}

// kill ends the server as a power cut would.
func (s *redisServer) kill() {
	s.signal(syscall.SIGKILL)
	<-s.exited
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
