package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"wxhub/identity"
	"wxhub/wx/sandbox"
)

// firstLogin is one login as a phone sees it.
type firstLogin struct {
	Token   string            `json:"token"`
	NewUser bool              `json:"new_user"`
	User    identity.UserView `json:"user"`
}

// tryLogin makes one login; it is called from many goroutines, so it does not end the test.
func (c *child) tryLogin(client *http.Client, app, code string) (l firstLogin, err error) {
	body := fmt.Sprintf(`{"app_id":%q,"code":%q}`, app, code)
	answer, err := client.Post(c.url+"/v1/login/mini-program", "application/json", bytes.NewReader([]byte(body)))
	if err != nil {
		return l, err
	}
	defer func() { _ = answer.Body.Close() }()
	raw, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		return l, fmt.Errorf("answered %d %s, %v", answer.StatusCode, raw, err)
	}
	return l, json.Unmarshal(raw, &l)
}

// pair is two processes on one store and one Redis.
func pair(t *testing.T) (platform *sandbox.Platform, children []*child) {
	t.Helper()
	platform, configFile := weChat(t)
	url, _ := sharedRedis(t)
	for range 2 {
		env := append(settings(configFile, "127.0.0.1:0", "http://127.0.0.1:1"), "WXHUB_REDIS__URL="+url)
		children = append(children, serve(t, configFile, env...))
	}
	return platform, children
}

// A person nobody knows opens two mini-programs 64 times at once; two processes share
// the logins. In the end, and at every moment that anybody is told of, it is one user.
func TestSixtyFourFirstLoginsOfOnePersonMakeOneUser(t *testing.T) {
	const logins = 64
	platform, children := pair(t)
	pool := &http.Transport{MaxIdleConnsPerHost: logins}
	t.Cleanup(pool.CloseIdleConnections)
	client := &http.Client{Timeout: patience, Transport: pool}
	for round := range 3 {
		person, err := platform.CreateUser(fmt.Sprint("person", round))
		if err != nil {
			t.Fatal(err)
		}
		results := make([]firstLogin, logins)
		begin := make(chan struct{})
		var all sync.WaitGroup
		for i := range results {
			// Both apps at both processes, 16 times each.
			app := []string{sandbox.DefaultMiniProgram, sandbox.DefaultSecondMini}[i/2%2]
			code, err := platform.LoginCode(app, person.ID)
			if err != nil {
				t.Fatal(err)
			}
			all.Go(func() {
				<-begin
				l, err := children[i%2].tryLogin(client, app, code)
				if err != nil {
					t.Error(err)
				}
				results[i] = l
			})
		}
		close(begin)
		all.Wait()
		if t.Failed() {
			return
		}
		wantOnePerson(t, children, person, results)
	}
	var page struct{ Data []identity.UserView }
	children[0].call(http.MethodGet, "/v1/users", apiKey, nil, 200, &page)
	if len(page.Data) != 3 {
		t.Errorf("%d users of 3 people", len(page.Data))
	}
	for _, c := range children {
		for line := range strings.Lines(c.output.String()) {
			if strings.Contains(line, `"level":"ERROR"`) && !strings.Contains(line, `"job":"harvest"`) { // the sandbox has no followers
				t.Errorf("a process logs %s", line)
			}
		}
	}
}

func wantOnePerson(t *testing.T, children []*child, person sandbox.User, results []firstLogin) {
	t.Helper()
	made, ids := 0, map[string]bool{}
	for i, l := range results {
		if l.NewUser {
			made++
		}
		ids[l.User.ID] = true
		var me identity.UserView // at the process that did not open the session
		children[(i+1)%2].call(http.MethodGet, "/v1/me", l.Token, nil, 200, &me)
		if me.ID != results[0].User.ID || len(me.Identities) != 2 || me.UnionID != person.UnionIDs["main"] {
			t.Errorf("login %d is %+v", i, me)
		}
	}
	if made != 1 || len(ids) != 1 {
		t.Errorf("%d logins made a user, %d ids were told: %v", made, len(ids), ids)
	}
	for _, c := range children {
		for app, id := range person.OpenIDs {
			if app != sandbox.DefaultMiniProgram && app != sandbox.DefaultSecondMini {
				continue
			}
			var u identity.UserView
			c.call(http.MethodGet, "/v1/users?app_id="+app+"&open_id="+id, apiKey, nil, 200, &u)
			if u.ID != results[0].User.ID {
				t.Errorf("%s in %s is %s", id, app, u.ID)
			}
		}
	}
}
