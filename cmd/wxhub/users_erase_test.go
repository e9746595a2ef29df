package main

import (
	"context"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"wxhub/identity"
	"wxhub/model"
	"wxhub/model/redisstore"
)

// erased reports whether nothing is left of somebody.
func (o *office) erased(name string) bool {
	o.t.Helper()
	for _, app := range []string{appOne, appThree} {
		if _, err := o.store.Identity(o.t.Context(), model.IdentityKey{AppID: app, OpenID: openID(name)}); err == nil {
			return false
		}
	}
	_, err := o.store.Union(o.t.Context(), model.UnionKey{OpenPlatform: "main", UnionID: unionID(name)})
	return err != nil
}

// Redis is inside of the server: the command marks, whoever serves does the rest.
func TestUsersEraseWithEmbeddedRedisIsFinishedByTheServer(t *testing.T) {
	o := newOffice(t)
	survivor, loser := o.merged("alice")
	bob := o.born(appOne, "bob")
	out := o.wants(0, "marked as erased", "erase", loser, "--reason", "asked for by post")
	if !strings.Contains(out, "asked for by post") || !strings.Contains(out, "audit") {
		t.Errorf("no audit line: %s", out)
	}
	if o.erased("alice") {
		t.Error("the command did the server's work")
	}
	for _, id := range []string{survivor, loser} { // the id answers with nobody all the same
		p, err := o.people.Person(t.Context(), id)
		if err != nil || p.User.ID != survivor || p.User.ErasedAt.IsZero() || len(p.Identities) != 0 || p.User.Phone != "" {
			t.Errorf("%+v, %v", p, err)
		}
		if shown := o.wants(0, "erased", "show", id); strings.Contains(shown, "identity ") || strings.Contains(shown, "138") {
			t.Errorf("shows %s", shown)
		}
	}
	o.wants(0, "marked as erased", "erase", survivor, "--reason", "twice is no error")

	serve(t, o.configFile, o.env...)
	within(t, "the server erases the rest", func() bool { return o.erased("alice") })
	within(t, "the mark goes", func() bool {
		u, err := o.store.User(t.Context(), survivor)
		return err == nil && !u.Unsettled
	})
	if p, err := o.people.Person(t.Context(), bob); err != nil || len(p.Identities) != 1 || p.User.Phone == "" {
		t.Errorf("somebody else was erased, too: %+v, %v", p, err)
	}
}

// A server that runs notices the mark of a command within its repair interval.
func TestUsersEraseEndsTheSessionsOfARunningServer(t *testing.T) {
	platform, configFile := weChat(t)
	u, err := platform.CreateUser("alice")
	if err != nil {
		t.Fatal(err)
	}
	o := &office{t: t, configFile: configFile, env: settings(configFile, "127.0.0.1:0", "http://127.0.0.1:1")}
	c := serve(t, configFile, o.env...)
	token := c.login(platform, u.ID)
	var me identity.UserView
	c.call(http.MethodGet, "/v1/me", token, nil, 200, &me)
	o.wants(0, "marked as erased", "erase", me.ID, "--reason", "test")
	c.call(http.MethodGet, "/v1/me", token, nil, 401, nil) // at once
	var left identity.UserView
	c.call(http.MethodGet, "/v1/users/"+me.ID, apiKey, nil, 200, &left)
	if left.ErasedAt == nil || len(left.Identities) != 0 {
		t.Errorf("got %+v", left)
	}
	var again identity.UserView // the same person is somebody new
	c.call(http.MethodGet, "/v1/me", c.login(platform, u.ID), nil, 200, &again)
	if again.ID == me.ID || len(again.Identities) != 1 {
		t.Errorf("got %+v", again)
	}
}

// A conflict of somebody who is marked as erased cannot be adopted: it goes with them.
func TestUsersResolveOfSomebodyMarkedAsErased(t *testing.T) {
	o := newOffice(t)
	alice := o.born(appOne, "alice")
	conflict := o.dispute("alice")
	o.wants(0, "marked as erased", "erase", alice, "--reason", "test")
	o.wants(1, "session keys", "resolve", conflict, "--as", "adopt")
	if p, err := o.people.Person(t.Context(), alice); err != nil || len(p.Identities) != 0 {
		t.Errorf("%+v, %v", p, err)
	}
}

// sharedRedis is one that the servers and the command have in common.
func sharedRedis(t *testing.T) (url string, redis *redisstore.Store) {
	t.Helper()
	if url = os.Getenv("WXHUB_TEST_REDIS"); url == "" {
		url = "redis://" + startRedis(t).addr
	}
	redis, err := redisstore.Open(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = redis.Close() })
	return url, redis
}

func TestUsersEraseWithASharedRedisDoesAllOfIt(t *testing.T) {
	url, redis := sharedRedis(t)
	o := newOffice(t, "WXHUB_REDIS__URL="+url)
	survivor, loser := o.merged("alice")
	order := o.order(loser, "tea")
	ctx := t.Context()
	for _, app := range []string{appOne, appThree} {
		if err := redis.SaveSessionKey(ctx, app, openID("alice"), "session-key-canary", time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	out := o.wants(0, "erased", "erase", loser, "--reason", "asked for by post")
	if !o.erased("alice") || strings.Contains(out, "session-key-canary") || strings.Contains(out, "marked") {
		t.Errorf("erased: %v\n%s", o.erased("alice"), out)
	}
	for _, app := range []string{appOne, appThree} {
		if key, err := redis.SessionKey(ctx, app, openID("alice")); err == nil {
			t.Errorf("the session key %s is kept", key.Reveal())
		}
	}
	for _, id := range []string{survivor, loser} {
		if u, err := o.store.User(ctx, id); err != nil || u.Phone != "" || u.Unsettled {
			t.Errorf("%+v, %v", u, err)
		}
	}
	if _, out, _ := o.users("export", survivor); !strings.Contains(out, order) || strings.Contains(out, openID("alice")) || strings.Contains(out, "13800138000") {
		t.Errorf("the orders stay, and nothing else: %s", out)
	}
	o.wants(0, "erased", "erase", survivor, "--reason", "twice is no error")
}
