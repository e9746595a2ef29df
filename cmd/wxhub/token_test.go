package main

import (
	"encoding/json"
	"net/http"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"wxhub/wx/sandbox"
)

const (
	processes = 8
	readers   = 1000
)

// redisAway is how long Redis is away in these tests: a few seconds, or what
// WXHUB_TEST_REDIS_AWAY says (30s, for a look at a long outage).
func redisAway(t *testing.T) time.Duration {
	t.Helper()
	text := os.Getenv("WXHUB_TEST_REDIS_AWAY")
	if text == "" {
		return 3 * time.Second
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Eight cold processes, a thousand readers for each of two apps at once: WeChat is
// asked once per app. Redis loses everything, a thousand more: at most once more.
func TestColdProcessesFetchOneTokenPerApp(t *testing.T) {
	f := newFleet(t, processes)
	f.fault(sandbox.Fault{Kind: "delay", Delay: 300 * time.Millisecond, Times: 1000})
	apps := []string{appOne, appTwo}
	rush := func() []string {
		tokens := make([]map[string]int, len(apps))
		var all sync.WaitGroup
		for i, app := range apps {
			all.Go(func() { tokens[i] = f.rush(app, readers) })
		}
		all.Wait()
		return []string{only(t, tokens[0]), only(t, tokens[1])}
	}
	first := rush()
	for _, app := range apps {
		f.wantFetches(app, 1, 1)
	}
	if err := f.redis.client.FlushAll(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	f.add() // one that has nothing of its own
	second := rush()
	for i, app := range apps {
		f.wantFetches(app, 1, 2)
		if first[i] != second[i] {
			t.Errorf("app %s has another token after the flush", app)
		}
	}
	t.Logf("after the flush, %d calls for two apps", f.fetches("")-2)
	f.wantAlive(append(first, second...)...)
}

// The process that refreshes is killed in the middle of its call to WeChat. The others
// wait for its lease to end, then one of them asks.
func TestTheRefreshingProcessIsKilledAndTheOthersAreServed(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 4)
	f.fault(sandbox.Fault{Kind: "hang", Times: 1})
	holder, others := f.children[0], f.children[1:]
	go func() { _, _ = f.read(holder, appOne) }() // nobody hears the answer
	within(t, "the call hangs at WeChat", func() bool { return f.fetches("") == 1 })
	lock := "wxhub:token:{" + appOne + "}:access_token:lock"
	lease, err := f.redis.client.PTTL(t.Context(), lock).Result()
	if err != nil || lease <= 0 {
		t.Fatalf("the lock is kept for %s, %v", lease, err)
	}
	f.children = others
	served := make(chan map[string]int)
	go func() { served <- f.rush(appOne, 60) }()
	holder.kill()
	began := time.Now()
	token := only(t, <-served)
	t.Logf("served %s after the kill; the lease had %s left", time.Since(began).Round(time.Millisecond), lease)
	f.wantFetches("", 2, 2)
	f.wantFetches(appOne, 1, 1) // of the two, one was carried out
	f.wantAlive(token)
}

// Redis is away for a while: the last good token serves, nobody dies, and when Redis
// is back there is no storm.
func TestRedisIsAwayAndReadsGoOn(t *testing.T) {
	t.Parallel()
	for name, away := range map[string]struct{ leave, back func(*redisServer) }{
		"killed, back and empty": {(*redisServer).kill, (*redisServer).again},
		"frozen": {
			func(s *redisServer) { s.signal(syscall.SIGSTOP) },
			func(s *redisServer) { s.signal(syscall.SIGCONT) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFleet(t, processes)
			want := map[string]string{appOne: only(t, f.rush(appOne, processes)), appTwo: only(t, f.rush(appTwo, processes))}
			away.leave(f.redis)
			reads := 0
			f.while(redisAway(t), func(c *child) {
				for app, token := range want {
					if got := f.mustRead(c, app); got != token {
						t.Errorf("app %s has another token while Redis is away", app)
					}
					reads++
				}
			})
			var all sync.WaitGroup
			for _, c := range f.children { // all at once: each waits for a Redis that says nothing
				all.Go(func() {
					if status, redis, err := f.ready(c); status != http.StatusServiceUnavailable || redis != "unavailable" {
						t.Errorf("/readyz answers %d and says that Redis is %q (%v)", status, redis, err)
					}
				})
			}
			all.Wait()
			cold := only(t, f.rush(appThree, processes)) // nobody has this one: each asks by itself, once
			f.wantFetches(appThree, 1, processes)
			t.Logf("%d reads while Redis was away; %d calls for the token that nobody had", reads, f.fetches(appThree))
			before := map[string]int{appOne: f.fetches(appOne), appTwo: f.fetches(appTwo), appThree: f.fetches(appThree)}

			away.back(f.redis)
			want[appThree] = cold
			for _, c := range append(f.children, f.add()) { // the last one has nothing of its own
				within(t, "/readyz is ok again", func() bool {
					status, redis, err := f.ready(c)
					return err == nil && status == http.StatusOK && redis == "ok"
				})
				for app, token := range want {
					if got := f.mustRead(c, app); got != token {
						t.Errorf("app %s has another token after Redis is back", app)
					}
				}
			}
			for app, n := range before {
				f.wantFetches(app, n, n+1)
				t.Logf("app %s: %d calls before Redis was back, %d after", app, n, f.fetches(app)-n)
			}
			f.wantAlive(want[appOne], want[appTwo], cold)
		})
	}
}

// while visits the processes in turn, again and again, until d is over.
func (f *fleet) while(d time.Duration, visit func(*child)) {
	for end := time.Now().Add(d); time.Now().Before(end); {
		for _, c := range f.children {
			visit(c)
		}
	}
}

// ready is the status of /readyz and what it says of Redis.
func (f *fleet) ready(c *child) (status int, redis string, err error) {
	answer, err := f.client.Get(c.url + "/readyz")
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = answer.Body.Close() }()
	var r struct{ Dependencies map[string]string }
	err = json.NewDecoder(answer.Body).Decode(&r)
	return answer.StatusCode, r.Dependencies["redis"], err
}
