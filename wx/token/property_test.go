package token_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wxhub/model"
	"wxhub/wx"
)

// TestKeepersAgreeWhateverHappens lets processes read, report and renew all at once
// while Redis and WeChat fail at random, tokens are revoked, Redis is flushed and time
// goes by. Never is an expired token handed out, never are there more than 20 forced
// refreshes in a day, never two calls at once for one token while Redis is well; and
// when all is quiet, every process hands out the one that is current.
func TestKeepersAgreeWhateverHappens(t *testing.T) {
	if f := flag.Lookup("rapid.checks"); f.Value.String() == f.DefValue {
		_ = f.Value.Set("25") // one takes a third of a second; -rapid.checks asks for more
	}
	rapid.Check(t, func(t *rapid.T) {
		o, err := newTown(3)
		defer o.close()
		if err != nil {
			t.Fatal(err)
		}
		var known []model.Secret // access tokens that somebody was given
		t.Repeat(map[string]func(*rapid.T){
			"use":   func(t *rapid.T) { known = append(known, o.use(t, known)...) },
			"abuse": func(t *rapid.T) { o.abuse(t) },
			"pass":  func(t *rapid.T) { o.pass(rapid.SampledFrom(pauses).Draw(t, "pause")) },
			"revoke": func(*rapid.T) { // somebody outside forces a refresh
				o.weChat.ask(func() { o.weChat.replace(model.AccessToken) })
			},
			"flush": func(*rapid.T) {
				o.redis.FlushAll()
				o.weChat.ask(func() { clear(o.weChat.forced) }) // the count is lost too; WeChat has its own
			},
			"restart": func(t *rapid.T) { o.restart(t) },
			"": func(t *rapid.T) {
				o.weChat.ask(func() {
					for day, n := range o.weChat.forced {
						if n > 20 {
							t.Fatalf("%d forced refreshes on %s", n, day)
						}
					}
				})
			},
		})
		o.quiet(t)
	})
}

var pauses = []time.Duration{
	time.Second, 20 * time.Second, time.Minute, 4 * time.Minute, 20 * time.Minute, 110 * time.Minute, 3 * time.Hour, 24 * time.Hour,
}

// act is what one caller of one process does.
type act struct {
	process, what int
	bad           model.Secret
}

const (
	readToken = iota
	readTicket
	reportToken
	renewTokens
)

// use has many callers at once, with Redis and WeChat well, ill or away.
func (o *town) use(t *rapid.T, known []model.Secret) []model.Secret {
	ill := rapid.SampledFrom([]int{0, 0, 0, 30, 100})
	redis := ill.Draw(t, "Redis fails, %")
	o.shelf.set(redis, rapid.Uint64().Draw(t, "seed of Redis"))
	o.weChat.mood.set(ill.Draw(t, "WeChat fails, %"), rapid.Uint64().Draw(t, "seed of WeChat"))
	o.weChat.ask(func() { o.weChat.most = 0 })
	acts := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) act {
		a := act{process: rapid.IntRange(0, len(o.processes)-1).Draw(t, "process"), what: rapid.IntRange(0, 3).Draw(t, "what")}
		if a.what == reportToken && len(known) > 0 {
			a.bad = known[max(0, len(known)-1-rapid.IntRange(0, 20).Draw(t, "how late"))]
		}
		return a
	}), 1, 12).Draw(t, "acts")
	given := make([]model.Token, len(acts))
	faults := make([]error, len(acts))
	var all sync.WaitGroup
	for i, a := range acts {
		all.Go(func() { given[i], faults[i] = o.act(a) })
	}
	all.Wait()
	o.weChat.ask(func() {
		if redis == 0 && o.weChat.most > 1 {
			t.Fatalf("%d calls at once for one token", o.weChat.most)
		}
	})
	var tokens []model.Secret
	for i, a := range acts {
		if faults[i] != nil {
			t.Fatal(faults[i])
		}
		if a.what == readToken && !given[i].Value.IsZero() {
			tokens = append(tokens, given[i].Value)
		}
	}
	return tokens
}

// act returns the token that was given, if any; an error is a fault of the keeper.
func (o *town) act(a act) (got model.Token, fault error) {
	k, ctx := o.processes[a.process], context.Background()
	var err error
	switch a.what {
	case readToken:
		got, err = k.Token(ctx, appID, model.AccessToken)
	case readTicket:
		got, err = k.Token(ctx, appID, model.JSAPITicket)
	case reportToken:
		got, err = k.Replace(ctx, appID, model.AccessToken, a.bad)
	case renewTokens:
		_, _ = k.Renew(ctx) // what it could not do is done later
		return got, nil
	}
	switch {
	case err == nil && !o.now().Before(got.ExpiresAt):
		return got, errors.New("an expired token was handed out")
	case err == nil && a.what == reportToken && got.Value == a.bad:
		return got, errors.New("the answer to the report of a bad token is that token")
	case err != nil && !expected(err):
		return got, fmt.Errorf("an error that Token does not list: %w", err)
	}
	return got, nil
}

func expected(err error) bool {
	for _, e := range []error{wx.ErrTimeout, wx.ErrTokenRefused, wx.ErrForceQuota, model.ErrUnavailable} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// abuse reports every token that is handed out, again and again.
func (o *town) abuse(t *rapid.T) {
	o.shelf.set(0, 0)
	o.weChat.mood.set(0, 0)
	for range rapid.IntRange(1, 30).Draw(t, "reports") {
		got, err := o.processes[0].Token(context.Background(), appID, model.AccessToken)
		if err == nil {
			_, err = o.processes[0].Replace(context.Background(), appID, model.AccessToken, got.Value)
		}
		if err != nil && !expected(err) {
			t.Fatal(err)
		}
	}
}

func (o *town) restart(t *rapid.T) {
	i := rapid.IntRange(0, len(o.processes)-1).Draw(t, "process")
	fresh, err := o.moveIn()
	if err != nil {
		t.Fatal(err)
	}
	o.processes[i].stop()
	o.processes[i] = fresh
}

// quiet heals everything, lets each process use its token once, and looks whether
// all hand out the same, current one.
func (o *town) quiet(t *rapid.T) {
	o.shelf.set(0, 0)
	o.weChat.mood.set(0, 0)
	o.pass(2 * time.Minute) // refusals are believed for one
	ctx := context.Background()
	for range 2 {
		for i, k := range o.processes {
			got, err := k.Token(ctx, appID, model.AccessToken)
			if err == nil && !o.weChat.good(got.Value) {
				_, err = k.Replace(ctx, appID, model.AccessToken, got.Value)
			}
			if err == nil {
				_, err = k.Renew(ctx)
			}
			if err != nil {
				t.Fatalf("process %d: %v", i, err)
			}
		}
	}
	for i, k := range o.processes {
		for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
			got, err := k.Token(ctx, appID, model.AccessToken)
			var want model.Secret
			o.weChat.ask(func() { want = o.weChat.current[model.AccessToken] })
			if err == nil && got.Value == want {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("process %d hands out %q, %v; current is %q", i, got.Value.Reveal(), err, want.Reveal())
			}
		}
	}
}
