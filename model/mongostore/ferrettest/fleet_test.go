package ferrettest

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"wxhub/cmd/wxdemo/stack/stacktest"
	"wxhub/wx/sandbox"
)

const usersKey = "key-of-the-fleet-test-0123456789"

// Two processes of wxhub share the stand-in and Redis. One person comes in 64 times at
// once, for the first time, through four apps and both processes.
func TestFirstLoginsThroughTwoProcesses(t *testing.T) {
	redis := os.Getenv("WXHUB_TEST_REDIS")
	if redis == "" {
		if os.Getenv("WXHUB_TEST_REQUIRE_REDIS") != "" {
			t.Fatal("WXHUB_TEST_REDIS is not set")
		}
		t.Skip("needs WXHUB_TEST_REDIS=redis://…; make test starts one")
	}
	platform, err := sandbox.New(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	weChat := httptest.NewServer(platform.Handler())
	t.Cleanup(func() {
		_ = platform.Close()
		weChat.Close()
	})
	file, err := platform.ConfigYAML(weChat.URL)
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(config, file, 0o600); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(t.TempDir(), "wxhub")
	build := exec.Command("go", "build", "-o", binary, "./cmd/wxhub")
	build.Dir = "../../.." // its dependencies are the main module's
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	env := []string{
		"WXHUB_SERVER__ADDR=127.0.0.1:0", "WXHUB_STORE__URL=" + serialise(t, start(t)) + "?maxPoolSize=4", "WXHUB_REDIS__URL=" + redis, "WXHUB_JOBS__RECONCILE_AT=off",
		"WXHUB_SERVER__API_KEYS=[{name: crm, key: '" + usersKey + "', scopes: [users]}]", "WXHUB_JOBS__HARVEST_INTERVAL=0s",
	}
	servers := []string{run(t, binary, config, env), run(t, binary, config, env)}
	person, err := platform.CreateUser("one")
	if err != nil {
		t.Fatal(err)
	}
	apps := []string{sandbox.DefaultMiniProgram, sandbox.DefaultSecondMini, sandbox.DefaultMobileApp, sandbox.DefaultOfficialAccount}
	entries := make([]stacktest.Entry, 64)
	var all sync.WaitGroup
	for i := range entries {
		all.Go(func() {
			v, err := stacktest.NewVisitor(platform, weChat.URL, servers[i%2], person)
			if err == nil && i/2%4 == 3 {
				// The browser comes back to public_url, which is the other configuration's; so its
				// callback is followed by hand.
				v.Client.Transport = backTo(servers[i%2])
			}
			if err == nil {
				entries[i], err = v.Enter(t.Context(), apps[i/2%4], "snsapi_userinfo")
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	fresh := 0
	for _, e := range entries {
		if e.NewUser {
			fresh++
		}
	}
	if fresh > 1 {
		t.Errorf("%d were told to be new", fresh)
	}
	var list struct {
		Data []stacktest.Person `json:"data"`
	}
	get(t, servers[0]+"/v1/users", &list)
	if len(list.Data) != 1 || len(list.Data[0].Identities) != len(apps) || list.Data[0].UnionID != person.UnionIDs["main"] {
		t.Fatalf("there are %+v", list.Data)
	}
	for _, e := range entries {
		var p stacktest.Person
		get(t, servers[1]+"/v1/users/"+e.Person.ID, &p)
		if p.ID != list.Data[0].ID {
			t.Errorf("user %s answers with %s, not with %s", e.Person.ID, p.ID, list.Data[0].ID)
		}
	}
}

// backTo sends what goes to the configured public_url to one of the servers.
type backTo string

// RoundTrip sends the request.
func (to backTo) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host == "127.0.0.1:8080" {
		out := r.Clone(r.Context())
		out.URL.Host = strings.TrimPrefix(string(to), "http://")
		return http.DefaultTransport.RoundTrip(out)
	}
	return http.DefaultTransport.RoundTrip(r)
}

// run starts a server and returns its base URL.
func run(t *testing.T, binary, config string, env []string) string {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, binary, "--config", config, "serve")
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	addr, ended := make(chan string, 1), make(chan struct{})
	go func() {
		defer close(ended)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			var line struct{ Msg, Addr, Level string }
			if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "wxhub is listening" {
				addr <- line.Addr
			}
			if line.Level == "ERROR" {
				t.Errorf("a server says: %s", lines.Bytes())
			}
		}
		_ = cmd.Wait() // it is killed in the end
	}()
	t.Cleanup(func() {
		stop()
		<-ended
	})
	select {
	case a := <-addr:
		return "http://" + a
	case <-ended:
		t.Fatal("wxhub did not start")
	case <-time.After(time.Minute):
		t.Fatal("wxhub does not listen")
	}
	return ""
}

func get(t *testing.T, url string, out any) {
	t.Helper()
	call(t, http.MethodGet, url, usersKey, nil, out)
}
