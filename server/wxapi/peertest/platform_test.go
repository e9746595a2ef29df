package peertest

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/silenceper/wechat/v2/cache"
	"github.com/silenceper/wechat/v2/credential"

	"wxhub/model"
	"wxhub/model/redisstore"
	"wxhub/wx/sandbox"
	"wxhub/wx/token"
	"wxhub/wx/transport"
)

// database keeps these tests apart from those of other packages on the same server.
const database = 7

// platform is WeChat and an empty Redis, for instances that keep an app's token.
type platform struct {
	*sandbox.Platform
	url   string
	redis *url.URL
	app   sandbox.AppCredentials
}

// newPlatform needs the real Redis that make test starts; a test that must have it
// fails without.
func newPlatform(tb testing.TB) platform {
	tb.Helper()
	text := os.Getenv("WXHUB_TEST_REDIS")
	if text == "" {
		if os.Getenv("WXHUB_TEST_REQUIRE_REDIS") == "1" {
			tb.Fatal("WXHUB_TEST_REDIS is not set")
		}
		tb.Skip("needs a throwaway Redis: run make test, or set WXHUB_TEST_REDIS=redis://127.0.0.1:6379")
	}
	at, err := url.Parse(text)
	if err != nil {
		tb.Fatal("WXHUB_TEST_REDIS is not a URL")
	}
	at.Path = "/" + strconv.Itoa(database)
	s, err := sandbox.New(sandbox.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	server := httptest.NewServer(s.Handler())
	tb.Cleanup(func() {
		server.Close()
		_ = s.Close()
	})
	p := platform{s, server.URL + "/", at, s.Credentials().Apps[0]}
	redirect(tb, p.url)
	if err := p.shelf(tb).Client().FlushDB(context.Background()).Err(); err != nil {
		tb.Fatal(err)
	}
	return p
}

func (p platform) shelf(tb testing.TB) *redisstore.Store {
	tb.Helper()
	s, err := redisstore.Open(context.Background(), p.redis.String())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = s.Close() })
	return s
}

// ours is an instance of wxhub, with connections of its own.
func (p platform) ours(tb testing.TB) credential.AccessTokenContextHandle {
	tb.Helper()
	client, err := transport.NewClient(transport.Hosts{"api.weixin.qq.com": strings.TrimSuffix(p.url, "/")})
	if err != nil {
		tb.Fatal(err)
	}
	keeper := token.New(token.Options{
		Apps: []token.App{{ID: p.app.ID, Secret: model.Secret(p.app.Secret)}}, Shelf: p.shelf(tb),
		Source: token.Platform{Client: client}, Now: time.Now, Log: slog.New(slog.DiscardHandler),
	})
	ctx, stop := context.WithCancel(context.Background())
	watching := make(chan struct{})
	go func() { defer close(watching); keeper.Watch(ctx) }()
	tb.Cleanup(func() { stop(); <-watching })
	return token.Handle{Keeper: keeper, AppID: p.app.ID}
}

// theirs is an instance of silenceper with the Redis cache that it comes with.
func (p platform) theirs(tb testing.TB) credential.AccessTokenContextHandle {
	tb.Helper()
	password, _ := p.redis.User.Password()
	c := cache.NewRedis(context.Background(), &cache.RedisOpts{Host: p.redis.Host, Username: p.redis.User.Username(), Password: password, Database: database})
	return credential.NewStableAccessToken(p.app.ID, p.app.Secret, credential.CacheKeyMiniProgramPrefix, c)
}

func (p platform) fetches() (n int) {
	for _, e := range p.Log(0) {
		if strings.HasPrefix(e.Path, "/cgi-bin/stable_token") {
			n++
		}
	}
	return n
}
