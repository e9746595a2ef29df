package redisstore

import (
	"errors"
	"strings"
	"testing"

	"wxhub/model"
)

func TestParseURL(t *testing.T) {
	type form struct {
		addrs, user, password, master, sentinelUser, sentinelPassword string
		db                                                            int
		tls, cluster                                                  bool
	}
	for url, want := range map[string]form{
		"redis://cache":                         {addrs: "cache:6379"},
		"redis://127.0.0.1:6380/3":              {addrs: "127.0.0.1:6380", db: 3},
		"redis://u:p%40%2Fw@[::1]:6380/":        {addrs: "[::1]:6380", user: "u", password: "p@/w"},
		"redis://:p/w@[::1]":                    {addrs: "[::1]:6379", password: "p/w"},
		"rediss://:pw@cache:6380/1":             {addrs: "cache:6380", password: "pw", db: 1, tls: true},
		"redis+sentinel://:pw@h1:1,h2/mymaster": {addrs: "h1:1 h2:6379", password: "pw", master: "mymaster"},
		"redis+sentinel://h1,h2/m/2?tls=true&sentinel_username=su&sentinel_password=sp": {
			addrs: "h1:6379 h2:6379", master: "m", db: 2, tls: true, sentinelUser: "su", sentinelPassword: "sp"},
		"redis+cluster://:pw@h1:1,h2:2":      {addrs: "h1:1 h2:2", password: "pw", cluster: true},
		"redis+cluster://h1:1/?tls=true":     {addrs: "h1:1", cluster: true, tls: true},
		"redis+cluster://h1:1?tls=false":     {addrs: "h1:1", cluster: true},
		"redis+sentinel://h1/m?tls=false":    {addrs: "h1:6379", master: "m"},
		"redis+sentinel://h1:26379/m/0":      {addrs: "h1:26379", master: "m"},
		"redis://user@host:1":                {addrs: "host:1", user: "user"},
		"redis+cluster://u:p%3Fw@h1:1,[::1]": {addrs: "h1:1 [::1]:6379", user: "u", password: "p?w", cluster: true},
	} {
		o, err := parseURL(url)
		if err != nil {
			t.Errorf("%s: %v", url, err)
			continue
		}
		got := form{
			addrs: strings.Join(o.Addrs, " "), user: o.Username, password: o.Password, master: o.MasterName,
			sentinelUser: o.SentinelUsername, sentinelPassword: o.SentinelPassword,
			db: o.DB, tls: o.TLSConfig != nil, cluster: o.IsClusterMode,
		}
		if got != want {
			t.Errorf("%s:\ngot  %+v\nwant %+v", url, got, want)
		}
	}
}

// TestBadURL also looks for the password in what is said about the URL.
func TestBadURL(t *testing.T) {
	for _, url := range []string{
		"", "hunter2", "http://:hunter2@h", "unix:///hunter2", "redis:hunter2", "redis://:hunter2@", "redis://:hunter2@h:port",
		"redis://:hunter2@h:99999", "redis://:hunter2@h/db", "redis://:hunter2@h/-1", "redis://:hunter2@h/0/0", "redis://:hunter2@a,b",
		"redis://:hunter2%zz@h", "redis://:hunter2@h?tls=true", "redis://:hunter2@h?%zz", "redis+sentinel://:hunter2@h",
		"redis+sentinel://h/m?sentinel_pasword=hunter2", "redis+sentinel://:hunter2@h/m?tls=yes", "redis+cluster://:hunter2@h/0",
		"embedded:hunter2",
	} {
		_, err := Open(t.Context(), url)
		var e *model.Error
		if !errors.As(err, &e) || e.Kind != model.KindInvalid {
			t.Errorf("%s: got %v, want an invalid input", url, err)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the password is in: %v", err)
		}
	}
}
