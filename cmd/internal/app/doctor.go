package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"wxhub/cmd/internal/config"
	"wxhub/model"
	"wxhub/model/redisstore"
	"wxhub/wx/transport"
)

// Finding is what one check of Examine found.
type Finding struct {
	Name   string // of the check, as the configuration calls what it is about
	Says   string
	Remedy string // what to do; "" when there is nothing to do, or Says tells it
	Failed bool
	Advice bool // it works, and should not stay so
}

// checkTime bounds one check.
const checkTime = 15 * time.Second

// doctor makes the checks one after the other and tells of each as soon as it is done.
type doctor struct {
	config *config.Config
	client *http.Client
	log    *slog.Logger
	tell   func(Finding)
	failed int
}

// Examine looks whether what a valid configuration names is there and as it should be:
// the store, Redis, WeChat's hosts and the clock, each app's secret, each merchant's keys. It
// changes nothing that a server would not change at its start: a store is created, a token
// that nobody holds is fetched and shared. It returns how many checks failed.
func Examine(ctx context.Context, c *config.Config, log *slog.Logger, tell func(Finding)) (failed int, err error) {
	client, err := weChatClient(c)
	if err != nil {
		return 0, err
	}
	d := &doctor{config: c, client: client, log: log, tell: tell}
	for _, n := range c.Notices() {
		d.advise("config", n, "")
	}
	d.check(ctx, "store", d.store)
	d.check(ctx, "redis", d.redis)
	d.hosts(ctx)
	d.apps(ctx)
	if err := d.merchants(ctx); err != nil {
		return d.failed, err
	}
	return d.failed, ctx.Err()
}

// ailment is why a check fails, and what to do about it.
type ailment struct {
	error
	remedy string
}

// check makes one check: it says something, or is an error, best an ailment.
func (d *doctor) check(ctx context.Context, name string, look func(context.Context) (string, error)) {
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	says, err := look(ctx)
	if err == nil {
		d.tell(Finding{Name: name, Says: says})
		return
	}
	d.failed++
	f := Finding{Name: name, Says: err.Error(), Remedy: "see the message", Failed: true}
	var a ailment
	if errors.As(err, &a) {
		f.Says, f.Remedy = a.Error(), a.remedy
	}
	d.tell(f)
}

// advise tells of what works and should not stay so.
func (d *doctor) advise(name, says, remedy string) {
	d.tell(Finding{Name: name, Says: says, Remedy: remedy, Advice: true})
}

func (d *doctor) store(ctx context.Context) (string, error) {
	kind, _, _ := strings.Cut(d.config.Store.URL.Reveal(), ":")
	remedy := "start MongoDB where store.url says, check its user and password, or use sqlite:data/wxhub.db"
	if kind == "sqlite" {
		remedy = "let store.url name a file in a directory that this user may write to"
	}
	s, err := openStore(ctx, d.config.Store.URL.Reveal())
	if err != nil {
		return "", ailment{err, remedy}
	}
	defer func() { _ = s.close() }() // nothing was written
	if err := s.ping(ctx); err != nil {
		return "", ailment{err, remedy}
	}
	return kind + " answers", nil
}

func (d *doctor) redis(ctx context.Context) (string, error) {
	s, err := redisstore.Open(ctx, d.config.Redis.URL.Reveal())
	if err != nil {
		return "", ailment{err, "start Redis where redis.url says and check its password, or use embedded: for a single process"}
	}
	defer func() { _ = s.Close() }() // the same
	if d.config.Redis.URL.Equal("embedded:") {
		return "embedded: for one process; sessions end when it does", nil
	}
	if err := s.Ping(ctx); err != nil {
		return "", ailment{err, "start Redis where redis.url says"}
	}
	return "answers", nil
}

// hosts of the platform by the name of their key in the configuration.
var platformHosts = []struct{ key, host string }{
	{"wechat.endpoints.api", "api.weixin.qq.com"}, {"wechat.endpoints.open", "open.weixin.qq.com"}, {"wechat.endpoints.mch", "api.mch.weixin.qq.com"},
}

// Clocks may differ by this much. WeChat Pay refuses what is five minutes off, and so do we.
const (
	clockAdvised = 30 * time.Second
	clockAllowed = 4 * time.Minute
)

// hosts asks each host for anything at all, and compares the clocks.
func (d *doctor) hosts(ctx context.Context) {
	off, asked := time.Duration(0), false
	for _, h := range platformHosts {
		d.check(ctx, h.key, func(ctx context.Context) (string, error) {
			began := time.Now()
			r, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+h.host+"/", http.NoBody)
			if err != nil {
				return "", err
			}
			answer, err := d.client.Do(r)
			if err != nil {
				return "", ailment{transport.Cause(err), "check DNS, proxy and firewall of this machine, or the address of " + h.key}
			}
			_ = answer.Body.Close() // that it answers is all
			took := time.Since(began)
			if at, err := http.ParseTime(answer.Header.Get("Date")); err == nil {
				off, asked = began.Add(took/2).Sub(at).Truncate(time.Second), true
			}
			return fmt.Sprintf("answers, in %d ms", took.Milliseconds()), nil
		})
	}
	if !asked {
		return
	}
	says := fmt.Sprintf("%s off WeChat's", off.Abs())
	if off.Abs() > clockAdvised && off.Abs() <= clockAllowed {
		d.advise("clock", says, "turn on time synchronisation before it is five minutes")
		return
	}
	d.check(ctx, "clock", func(context.Context) (string, error) {
		if off.Abs() > clockAllowed {
			return "", ailment{errors.New(says), "WeChat Pay refuses every call, and its notifications are refused here: turn on time synchronisation (chrony, systemd-timesyncd)"}
		}
		return says, nil
	})
}

// apps asks WeChat for the access token of each app that has one, by way of the shared
// keeper, so that nobody's token is replaced.
func (d *doctor) apps(ctx context.Context) {
	keeper, done, err := OpenKeeper(ctx, d.config, d.log)
	if err != nil {
		d.advise("wechat.apps", "not checked, as there is no Redis to share their tokens", "mend redis first")
		return
	}
	defer func() { _ = done() }() // nothing depends on it
	for i, a := range d.config.WeChat.Apps {
		if a.Kind != model.MiniProgram && a.Kind != model.OfficialAccount {
			continue // nothing but a login tells whether their secret is right
		}
		if a.ClassicToken && d.config.Redis.URL.Equal("embedded:") { // a server's token would be replaced behind its back
			d.advise(fmt.Sprintf("wechat.apps[%d]", i), a.ID+": not checked, as a classic_token that is fetched here would end a running server's", "leave classic_token out, or share a Redis")
			continue
		}
		d.check(ctx, fmt.Sprintf("wechat.apps[%d]", i), func(ctx context.Context) (string, error) {
			if _, err := keeper.Token(ctx, a.ID, model.AccessToken); err != nil {
				return "", ailment{fmt.Errorf("%s: %w", a.ID, err), tokenRemedy(err)}
			}
			return a.ID + ": WeChat gives an access token", nil
		})
	}
}
