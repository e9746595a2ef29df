package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The test binary is the program itself when this is set, so that exit codes and signals are the real ones.
const asProgram = "WXSANDBOX_TEST_RUN_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func program(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	return cmd
}

// started runs the program on free ports and returns the address of its platform.
func started(t *testing.T, args ...string) (*exec.Cmd, string) {
	t.Helper()
	cmd := program(t, append([]string{"--addr", "127.0.0.1:0"}, args...)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if words := strings.Fields(lines.Text()); len(words) > 2 && words[0] == "curl" && strings.HasSuffix(words[1], "/config.yaml") {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return cmd, strings.TrimSuffix(words[1], "/sandbox/config.yaml")
		}
	}
	t.Fatal("the banner does not say how to get config.yaml")
	return nil, ""
}

func TestServesUntilSIGTERMAndExits0(t *testing.T) {
	for _, signal := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		cmd, url := started(t, "--faults", "none", "--log", "json")
		answer, err := http.Get(url + "/sandbox/config.yaml")
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(answer.Body)
		if err != nil || answer.Body.Close() != nil || !strings.Contains(string(text), `mch:  "`+url+`"`) {
			t.Errorf("%v\n%s", err, text)
		}
		if err := cmd.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("%s: %v", signal, err)
		}
	}
}

func TestMistakesExit2AndNameTheRemedy(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	addr := taken.Addr().String()
	for name, test := range map[string]struct {
		args []string
		text string
	}{
		"port in use":         {[]string{"--addr", addr}, "choose another with --addr"},
		"control port in use": {[]string{"--addr", "127.0.0.1:0", "--control-addr", addr}, "choose another with --control-addr"},
		"no port":             {[]string{"--addr", "localhost"}, "HOST:PORT"},
		"port too high":       {[]string{"--addr", "localhost:65536"}, "HOST:PORT"},
		"no such host":        {[]string{"--addr", "256.0.0.1:1"}, "cannot listen"},
		"unknown flag":        {[]string{"--fault", "none"}, "--help"},
		"unknown faults":      {[]string{"--faults", "all"}, "default"},
		"seed not a number":   {[]string{"--seed", "x"}, "seed"},
	} {
		out, err := program(t, test.args...).CombinedOutput()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != 2 || !strings.Contains(string(out), test.text) {
			t.Errorf("%s: %v %s", name, err, out)
		}
	}
}

func TestControlPortIsTheNextOne(t *testing.T) {
	for addr, want := range map[string]string{"127.0.0.1:9900": "127.0.0.1:9901", ":0": ":0", "[::1]:1": "[::1]:2"} {
		if got, err := nextPort(addr); err != nil || got != want {
			t.Errorf("%s: %s %v", addr, got, err)
		}
	}
}
