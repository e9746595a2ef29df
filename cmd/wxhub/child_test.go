package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"wxhub/wx/sandbox"
)

// patience bounds every wait; none of these tests measures speed.
const patience = 60 * time.Second

const apiKey = "process-test-key-0123456789"

// TestMain lets the test binary be wxhub itself: a process that can be killed.
func TestMain(m *testing.M) {
	if os.Getenv("WXHUB_TEST_RUN_MAIN") == "1" {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child is a wxhub in a process of its own.
type child struct {
	t      *testing.T
	cmd    *exec.Cmd
	url    string
	output *output
	exited chan struct{} // closed when the process is gone
}

// output collects what the child prints.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) add(line []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text.Write(append(line, '\n'))
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

func command(env []string, args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append([]string{"WXHUB_TEST_RUN_MAIN=1", "HOME=" + os.Getenv("HOME"), "PATH=" + os.Getenv("PATH"), "GORACE=" + os.Getenv("GORACE")}, env...)
	return cmd
}

// serve starts wxhub and waits until it listens.
func serve(t *testing.T, configFile string, env ...string) *child {
	t.Helper()
	c := &child{t: t, cmd: command(env, "--config", configFile, "serve"), output: &output{}, exited: make(chan struct{})}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.cmd.Stderr = c.cmd.Stdout
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	addr := make(chan string, 1)
	go func() {
		defer close(c.exited)
		c.read(out, addr)
		_ = c.cmd.Wait() // the tests look at ProcessState
	}()
	t.Cleanup(c.kill)
	select {
	case a := <-addr:
		c.url = "http://" + a
	case <-c.exited:
		t.Fatalf("wxhub did not start:\n%s", c.output)
	case <-time.After(patience):
		t.Fatalf("wxhub does not listen:\n%s", c.output)
	}
	return c
}

func (c *child) read(out io.Reader, addr chan<- string) {
	for lines := bufio.NewScanner(out); lines.Scan(); {
		c.output.add(lines.Bytes())
		var line struct{ Msg, Addr string }
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "wxhub is listening" {
			addr <- line.Addr
		}
	}
}

// kill ends the process as a power cut would, and waits until it is gone.
func (c *child) kill() {
	if err := c.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		c.t.Error(err)
	}
	<-c.exited
}

// terminate asks the process to stop.
func (c *child) terminate() {
	c.t.Helper()
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		c.t.Fatal(err)
	}
}

func (c *child) exitCode() int {
	c.t.Helper()
	select {
	case <-c.exited:
		return c.cmd.ProcessState.ExitCode()
	case <-time.After(patience):
		c.t.Fatalf("the process does not end:\n%s", c.output)
		return -1
	}
}

// call makes one API call and expects one status.
func (c *child) call(method, path, bearer string, body any, want int, out any) {
	c.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		c.t.Fatal(err)
	}
	status, got := post(c.t, method, c.url+path, http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer " + bearer}}, raw)
	if status != want {
		c.t.Fatalf("%s %s answered %d, want %d: %s", method, path, status, want, got)
	}
	if out != nil {
		if err := json.Unmarshal(got, out); err != nil {
			c.t.Fatal(err)
		}
	}
}

func post(t *testing.T, method, url string, header http.Header, body []byte) (int, []byte) {
	t.Helper()
	req, err := http.NewRequest(method, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = header
	answer, err := (&http.Client{Timeout: patience}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, raw
}

// weChat starts a sandbox and writes the configuration that points at it.
func weChat(t *testing.T) (platform *sandbox.Platform, configFile string) {
	t.Helper()
	platform, _, configFile = weChatAt(t, func(*sandbox.Platform) {})
	return platform, configFile
}

// weChatAt does so after something was done to the sandbox, and tells where it is.
func weChatAt(t *testing.T, first func(*sandbox.Platform)) (platform *sandbox.Platform, url, configFile string) {
	t.Helper()
	return weChatOf(t, sandbox.Options{}, first)
}

// weChatOf does so with a sandbox of the test's making.
func weChatOf(t *testing.T, o sandbox.Options, first func(*sandbox.Platform)) (platform *sandbox.Platform, url, configFile string) {
	t.Helper()
	platform, err := sandbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(platform.Handler())
	t.Cleanup(func() {
		_ = platform.Close()
		server.Close()
	})
	first(platform)
	file, err := platform.ConfigYAML(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	configFile = filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(configFile, file, 0o600); err != nil {
		t.Fatal(err)
	}
	return platform, server.URL, configFile
}

// settings are the overrides for one child; its store lies beside the configuration.
func settings(configFile, addr, publicURL string) []string {
	return []string{
		"WXHUB_SERVER__ADDR=" + addr,
		"WXHUB_SERVER__PUBLIC_URL=" + publicURL,
		"WXHUB_STORE__URL=sqlite:" + filepath.Join(filepath.Dir(configFile), "wxhub.db"),
		"WXHUB_JOBS__RECONCILE_AT=off", // what a test sees does not depend on the time of day
		"WXHUB_SERVER__API_KEYS=[{name: shop, key: '" + apiKey + "', scopes: [orders, users]}]",
	}
}

// freeAddr is a loopback address that nobody listens on.
func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}
