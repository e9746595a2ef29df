package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"wxhub/wx/sandbox"
)

// Apps of the sandbox that have access tokens.
const (
	appOne   = sandbox.DefaultMiniProgram
	appTwo   = sandbox.DefaultOfficialAccount
	appThree = sandbox.DefaultSecondMini
)

// fleet is several processes with one Redis and one WeChat; each has a store of its own.
type fleet struct {
	t          *testing.T
	platform   *sandbox.Platform
	configFile string
	redis      *redisServer
	client     *http.Client
	children   []*child
}

func newFleet(t *testing.T, size int) *fleet {
	t.Helper()
	platform, configFile := weChat(t)
	f := &fleet{t: t, platform: platform, configFile: configFile, redis: startRedis(t)}
	pool := &http.Transport{MaxIdleConnsPerHost: 1000}
	t.Cleanup(pool.CloseIdleConnections)
	f.client = &http.Client{Timeout: patience, Transport: pool}
	for range size {
		f.add()
	}
	return f
}

// env are the settings of one more process, or of a command. Its store says that the
// followers were looked at just now: to look at them takes a token, and here they are
// counted.
func (f *fleet) env() []string {
	f.t.Helper()
	file := filepath.Join(f.t.TempDir(), "wxhub.db")
	store := openStore(f.t, file)
	looked := fmt.Sprintf(`{"done":0,"ended_at":%q}`, time.Now().UTC().Format(time.RFC3339))
	if err := errors.Join(store.SaveCursor(f.t.Context(), "followers:"+appTwo, looked), store.Close()); err != nil {
		f.t.Fatal(err)
	}
	return []string{
		"WXHUB_SERVER__ADDR=127.0.0.1:0",
		"WXHUB_STORE__URL=sqlite:" + file, "WXHUB_JOBS__RECONCILE_AT=off",
		"WXHUB_REDIS__URL=redis://" + f.redis.addr,
		"WXHUB_SERVER__API_KEYS=[{name: crm, key: '" + apiKey + "', scopes: [tokens]}]",
		"WXHUB_JOBS__TOKEN_RENEW_INTERVAL=200ms",
		"WXHUB_JOBS__HARVEST_INTERVAL=0s", // it asks for tokens too
	}
}

func (f *fleet) add() *child {
	f.t.Helper()
	c := serve(f.t, f.configFile, f.env()...)
	f.children = append(f.children, c)
	return c
}

// fault orders a fault of the calls that give tokens.
func (f *fleet) fault(fault sandbox.Fault) {
	f.t.Helper()
	fault.Match = "/cgi-bin/stable_token"
	if _, err := f.platform.AddFault(fault); err != nil {
		f.t.Fatal(err)
	}
}

// fetches counts the calls that asked WeChat for a token; app "" means all of them,
// also those that were not carried out.
func (f *fleet) fetches(app string) (n int) {
	for _, e := range f.platform.Log(0) {
		if (e.Path == "/cgi-bin/stable_token" || strings.HasPrefix(e.Path, "/cgi-bin/token")) && (app == "" || e.App == app) {
			n++
		}
	}
	return n
}

func (f *fleet) wantFetches(app string, least, most int) {
	f.t.Helper()
	if n := f.fetches(app); n < least || n > most {
		f.t.Errorf("WeChat was asked %d times for a token of app %q, want %d to %d", n, app, least, most)
	}
}

// read asks one process for an access token, as another program does.
func (f *fleet) read(c *child, app string) (token string, err error) {
	req, err := http.NewRequest(http.MethodGet, c.url+"/v1/apps/"+app+"/access-token", nil)
	if err != nil {
		return "", err
	}
	req.Header.Set("Authorization", "Bearer "+apiKey)
	answer, err := f.client.Do(req)
	if err != nil {
		return "", err
	}
	defer func() { _ = answer.Body.Close() }()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		return "", err
	}
	var t struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   int    `json:"expires_in"`
	}
	if err := json.Unmarshal(raw, &t); err != nil {
		return "", err
	}
	if answer.StatusCode != http.StatusOK || t.AccessToken == "" || t.ExpiresIn <= 0 {
		return "", fmt.Errorf("answered %d, lives %d s: %s", answer.StatusCode, t.ExpiresIn, raw)
	}
	return t.AccessToken, nil
}

// mustRead reads, and fails the test when there is no token.
func (f *fleet) mustRead(c *child, app string) string {
	f.t.Helper()
	token, err := f.read(c, app)
	if err != nil {
		f.t.Fatal(err)
	}
	return token
}

// rush has readers read an app's token all at once, spread over all processes, and
// returns how often each token was the answer.
func (f *fleet) rush(app string, readers int) map[string]int {
	var all sync.WaitGroup
	var mu sync.Mutex
	var faults []error
	got := map[string]int{}
	begin := make(chan struct{})
	for i := range readers {
		all.Go(func() {
			<-begin
			token, err := f.read(f.children[i%len(f.children)], app)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				faults = append(faults, err)
				return
			}
			got[token]++
		})
	}
	close(begin)
	all.Wait()
	if len(faults) > 0 {
		f.t.Errorf("%d of %d readers had no token, the first: %v", len(faults), readers, faults[0])
	}
	return got
}

// wantAlive checks that no process has died, and that none of them logs a token.
func (f *fleet) wantAlive(tokens ...string) {
	f.t.Helper()
	for i, c := range f.children {
		select {
		case <-c.exited:
			f.t.Errorf("process %d has died:\n%s", i, c.output)
		default:
		}
		for _, token := range tokens {
			if strings.Contains(c.output.String(), token) {
				f.t.Errorf("process %d logs a token", i)
			}
		}
	}
}

// only returns the one token that all readers were given.
func only(t *testing.T, got map[string]int) string {
	t.Helper()
	if len(got) != 1 {
		t.Fatalf("%d different tokens were given", len(got))
	}
	for token := range got {
		return token
	}
	return ""
}
