package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wxhub/wx/sandbox"
)

type letter struct {
	path   string
	header http.Header
	body   []byte
}

// postbox takes WeChat Pay's notifications, so that the test hands them on itself.
func postbox(t *testing.T) (url string, letters <-chan letter) {
	t.Helper()
	in := make(chan letter, 100)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		in <- letter{r.URL.Path, r.Header.Clone(), body}
		w.WriteHeader(http.StatusInternalServerError)
	}))
	t.Cleanup(s.Close)
	return s.URL, in
}

func (c *child) login(platform *sandbox.Platform, user string) (token string) {
	c.t.Helper()
	app := platform.Credentials().Merchants[0].AppIDs[0]
	code, err := platform.LoginCode(app, user)
	if err != nil {
		c.t.Fatal(err)
	}
	var s struct{ Token string }
	c.call(http.MethodPost, "/v1/login/mini-program", "", map[string]string{"app_id": app, "code": code}, 200, &s)
	return s.Token
}

// The notification is answered 204 and the power goes out. After the restart the
// order is paid, with one event for the shop.
func TestKilledAfterA2xxTheOrderIsPaid(t *testing.T) {
	platform, configFile := weChat(t)
	u, err := platform.CreateUser("payer")
	if err != nil {
		t.Fatal(err)
	}
	url, letters := postbox(t)
	env := settings(configFile, "127.0.0.1:0", url)
	for range 3 {
		c := serve(t, configFile, env...)
		token := c.login(platform, u.ID)
		var o struct{ ID, Status string }
		c.call(http.MethodPost, "/v1/orders", apiKey, map[string]any{
			"merchant_id": platform.Credentials().Merchants[0].ID, "amount": 990, "description": "tea",
		}, 201, &o)
		var p struct{ Invoke sandbox.Invocation }
		c.call(http.MethodPost, "/v1/orders/"+o.ID+"/prepay", token, map[string]string{"method": "mini_program"}, 200, &p)
		id, err := platform.CheckInvocation(p.Invoke)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := platform.Pay(id, u.ID, sandbox.PaySuccess); err != nil {
			t.Fatal(err)
		}
		l := <-letters
		if status, body := post(t, http.MethodPost, c.url+l.path, l.header, l.body); status != http.StatusNoContent {
			t.Fatalf("answered %d %s", status, body)
		}
		c.kill()
		again := serve(t, configFile, env...)
		again.call(http.MethodGet, "/v1/orders/"+o.ID, apiKey, nil, 200, &o)
		if o.Status != "paid" {
			t.Errorf("after the restart the order is %s", o.Status)
		}
		again.kill()
	}
}

func TestSIGTERMAnswersWhatIsInFlight(t *testing.T) {
	platform, configFile := weChat(t)
	u, err := platform.CreateUser("payer")
	if err != nil {
		t.Fatal(err)
	}
	c := serve(t, configFile, settings(configFile, "127.0.0.1:0", "http://127.0.0.1:1")...)
	if _, err := platform.AddFault(sandbox.Fault{Match: "/sns/jscode2session", Kind: "delay", Delay: 1500 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	token := make(chan string, 1)
	go func() { token <- c.login(platform, u.ID) }()
	arrived := func(e sandbox.Entry) bool { return strings.HasPrefix(e.Path, "/sns/jscode2session") }
	for !slices.ContainsFunc(platform.Log(0), arrived) { // until the call has reached WeChat
		time.Sleep(5 * time.Millisecond)
	}
	c.terminate()
	select {
	case got := <-token:
		if got == "" {
			t.Error("the login was not answered")
		}
	case <-time.After(patience):
		t.Fatalf("no answer:\n%s", c.output)
	}
	if code := c.exitCode(); code != 0 {
		t.Errorf("exit code %d:\n%s", code, c.output)
	}
	if _, err := net.Dial("tcp", strings.TrimPrefix(c.url, "http://")); err == nil {
		t.Error("something still listens")
	}
}

// A connection that was opened and never used, as load balancers do, does not hold up
// the stop: without care the server waits for it as for a slow request.
func TestSIGTERMDoesNotWaitForASilentConnection(t *testing.T) {
	_, configFile := weChat(t)
	c := serve(t, configFile, settings(configFile, "127.0.0.1:0", "http://127.0.0.1:1")...)
	silent, err := net.Dial("tcp", strings.TrimPrefix(c.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	c.call(http.MethodGet, "/healthz", "", nil, 200, nil) // by now the other connection is accepted, too
	c.terminate()
	select {
	case <-c.exited:
	case <-time.After(12 * time.Second): // the server's read timeout is 15 s
		t.Error("the server waits for the connection until its read timeout")
	}
	if code := c.exitCode(); code != 0 {
		t.Errorf("exit code %d:\n%s", code, c.output)
	}
}

func TestExitCodesAndMessages(t *testing.T) {
	dir := t.TempDir()
	files := 0
	file := func(text string) string {
		files++
		path := filepath.Join(dir, fmt.Sprintf("%d.yaml", files))
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	store := "store: {url: 'sqlite:" + filepath.Join(dir, "x.db") + "'}\n"
	for name, c := range map[string]struct {
		args []string
		code int
		says []string
	}{
		"version":            {[]string{"version"}, 0, []string{"wxhub", "commit", "go1."}},
		"help":               {[]string{"--help"}, 0, []string{"serve", "version"}},
		"no command":         {nil, 2, []string{"serve"}},
		"unknown command":    {[]string{"frobnicate"}, 2, []string{"frobnicate"}},
		"unknown flag":       {[]string{"serve", "--frob"}, 2, []string{"--frob"}},
		"unknown role":       {[]string{"serve", "--roles", "king"}, 2, []string{"king"}},
		"no such file":       {[]string{"serve", "--config", filepath.Join(dir, "none.yaml")}, 2, []string{"none.yaml", "--config"}},
		"two faults at once": {[]string{"serve", "--config", file("server: {adr: x}\nstore: {url: 'ftp:x'}\n")}, 2, []string{"server.adr", "addr", "store.url"}},
		"the port is taken": {
			[]string{"serve", "--config", file("server: {addr: '" + taken.Addr().String() + "'}\n" + store)}, 1,
			[]string{"server.addr", "in use", "choose another"},
		},
		"the store is no directory": {
			[]string{"serve", "--config", file("store: {url: 'sqlite:/dev/null/x.db'}\nserver: {addr: '127.0.0.1:0'}\n")}, 1,
			[]string{"store.url"},
		},
		"Redis is away": {
			[]string{"serve", "--config", file(store + "redis: {url: 'redis://:hunter2-canary@" + freeAddr(t) + "'}\nserver: {addr: '127.0.0.1:0'}\n")}, 1,
			[]string{"redis.url"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := command(nil, c.args...)
			out, err := cmd.CombinedOutput()
			if cmd.ProcessState == nil {
				t.Fatal(err)
			}
			if code := cmd.ProcessState.ExitCode(); code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			for _, want := range c.says {
				if !strings.Contains(string(out), want) {
					t.Errorf("does not say %q:\n%s", want, out)
				}
			}
			if strings.Contains(string(out), "hunter2") {
				t.Error("a password was printed")
			}
		})
	}
}
