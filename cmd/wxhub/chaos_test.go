package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wxhub/cmd/wxdemo/stack/stacktest"
	"wxhub/wx/sandbox"
)

// chaosClients is how many sales are under way at once.
const chaosClients = 8

// chaos is two real processes on one store and one Redis, a hostile WeChat, payers and a
// shop. What each sale does and what breaks during it follows from the seed (planOf); how the
// sales and the processes interleave does not.
type chaos struct {
	t        *testing.T
	platform *sandbox.Platform
	redis    *redisServer
	config   string
	env      []string
	url      string // of the door: payers, the shop and WeChat Pay come in by it
	shop     *shop
	payers   []*payer
	client   *http.Client
	inviting [2]sync.Mutex // who kills a process and starts its successor
	children [2]atomic.Pointer[child]
	turn     atomic.Int64
	deaf     atomic.Bool    // notifications of WeChat Pay do not come through the door
	closing  sync.WaitGroup // disasters that go on while their sale does

	mu   sync.Mutex
	done map[string]int // what was done, and what was broken, by name
}

func (c *chaos) count(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done[what]++
}

// setting reads a number from the environment.
func setting(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// newChaos starts everything. The service provider is in the middle of the switch from
// platform certificates to WeChat Pay's public key, and has both.
func newChaos(t *testing.T) *chaos {
	t.Helper()
	platform, weChatURL, configFile := weChatAt(t, func(p *sandbox.Platform) {
		if _, err := p.SetVerification(sandbox.DefaultPartner, sandbox.VerifyBoth, 50); err != nil {
			t.Fatal(err)
		}
	})
	pool := &http.Transport{MaxIdleConnsPerHost: 4 * chaosClients}
	t.Cleanup(pool.CloseIdleConnections)
	c := &chaos{
		t: t, platform: platform, redis: startRedis(t), config: configFile, shop: newShop(t),
		client: &http.Client{Timeout: patience, Transport: pool}, done: map[string]int{},
	}
	shop := httptest.NewServer(c.shop)
	t.Cleanup(shop.Close)
	door := httptest.NewServer(c.door(pool))
	t.Cleanup(door.Close)
	c.url = door.URL
	c.env = append(settings(configFile, "127.0.0.1:0", door.URL), "WXHUB_REDIS__URL=redis://"+c.redis.addr, "WXHUB_JOBS__ORDER_SWEEP_INTERVAL=1s",
		"WXHUB_WEBHOOKS=[{url: '"+shop.URL+"', secret: '"+chaosWebhookSecret+"', events: [order.paid, order.closed, refund.succeeded, refund.failed]}]")
	for i := range c.children {
		c.children[i].Store(serve(t, configFile, c.env...))
	}
	c.newPayers(weChatURL)
	return c
}

// door is the load balancer: each request goes to the other process than the last one.
// A process that dies breaks what it was asked.
func (c *chaos) door(pool http.RoundTripper) http.Handler {
	proxy := &httputil.ReverseProxy{
		Transport: pool,
		Rewrite: func(r *httputil.ProxyRequest) {
			to, err := url.Parse(c.children[c.turn.Add(1)%2].Load().url)
			if err != nil {
				panic(err) // it is of our own making
			}
			r.SetURL(to)
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c.deaf.Load() && strings.HasPrefix(r.URL.Path, "/v1/notify/") {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		proxy.ServeHTTP(w, r)
	})
}

// strikes lets the disaster of a plan happen, now or while the request that follows is
// under way.
func (c *chaos) strikes(p plan) {
	if p.disaster == nothing {
		return
	}
	c.count(p.disaster)
	c.closing.Go(func() {
		time.Sleep(p.after) // it is drawn, so that what it cuts short differs; nothing waits for it
		var err error
		switch p.disaster {
		case killed:
			c.inviting[p.child].Lock()
			defer c.inviting[p.child].Unlock()
			c.children[p.child].Load().kill()
			c.children[p.child].Store(serve(c.t, c.config, c.env...))
		case flushed:
			err = c.redis.client.FlushAll(c.t.Context()).Err()
		case switched:
			_, err = c.platform.SetVerification(sandbox.DefaultPartner, sandbox.VerifyBoth, []int{0, 1, 5, 10, 20, 50, 100}[p.number%7])
		case rotated:
			step := []string{sandbox.RotateAdd, sandbox.RotateSwitch}[p.number%2]
			_, err = c.platform.RotateCertificate(sandbox.DefaultPartner, step)
			if step == sandbox.RotateSwitch {
				err = nil // the newest may be signing already
			}
		}
		if err != nil {
			c.t.Errorf("%s: %v", p.disaster, err)
		}
	})
}

// payer is somebody with a phone. Sessions die with Redis; then they log in anew.
type payer struct {
	visitor *stacktest.Visitor

	mu     sync.Mutex
	tokens map[string]string // by app
	ids    map[string]string // their user id, by app
}

// newPayers makes people whom the server knows in every app that they will pay in.
func (c *chaos) newPayers(weChatURL string) {
	for i := range chaosPayers {
		u, err := c.platform.CreateUser(fmt.Sprint("payer-", i))
		if err != nil {
			c.t.Fatal(err)
		}
		v, err := stacktest.NewVisitor(c.platform, weChatURL, c.url, u)
		if err != nil {
			c.t.Fatal(err)
		}
		p := &payer{visitor: v, tokens: map[string]string{}, ids: map[string]string{}}
		for _, ch := range channels {
			if ch.app == "" || p.ids[ch.app] != "" {
				continue
			}
			if _, err := p.login(c.t, ch.app); err != nil {
				c.t.Fatal(err)
			}
			var person struct{ ID string }
			if status := c.ask(http.MethodGet, "/v1/users?app_id="+ch.app+"&open_id="+u.OpenIDs[ch.app], apiKey, "", nil, &person); status != http.StatusOK {
				c.t.Fatalf("who is at %s: %d", ch.app, status)
			}
			p.ids[ch.app] = person.ID
		}
		c.payers = append(c.payers, p)
	}
}

// login comes in through an app, again and again while the server is down.
func (p *payer) login(t *testing.T, app string) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		e, err := p.visitor.Enter(t.Context(), app, "snsapi_base")
		if err == nil {
			p.tokens[app] = e.Token
			return e.Token, nil
		}
		if time.Now().After(deadline) {
			return "", err
		}
	}
}

func (p *payer) token(app string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.tokens[app]
}

// TestChaos makes payments by every channel while notifications are lost, repeated, forged,
// delayed and tampered with, WeChat Pay fails in every way and changes its keys, processes are
// killed in the middle of requests and Redis is emptied. In the end our book is WeChat
// Pay's, to the fen, and the shop has heard of everything once. `make chaos` makes 10,000
// payments.
func TestChaos(t *testing.T) {
	t.Parallel() // half of its time it waits
	seed := setting(t, "WXHUB_CHAOS_SEED", rand.Uint64()>>1)
	payments := int(setting(t, "WXHUB_CHAOS_PAYMENTS", 120)) //nolint:gosec // a number of payments
	sales := payments * 4 / 3                                // one in five is not paid
	t.Logf("to repeat: WXHUB_CHAOS_SEED=%d WXHUB_CHAOS_PAYMENTS=%d go test ./cmd/wxhub -run TestChaos$ -count=1 -v", seed, payments)
	c := newChaos(t)
	began := time.Now()
	next := atomic.Int64{}
	var all sync.WaitGroup
	for range chaosClients {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < sales && !t.Failed(); i = int(next.Add(1)) - 1 {
				p := planOf(seed, i)
				(&sale{chaos: c, plan: p, payer: c.payers[p.payer]}).play()
				if i%1000 == 999 {
					t.Logf("%d sales after %s", i+1, time.Since(began).Round(time.Second))
				}
			}
		})
	}
	all.Wait()
	c.closing.Wait()
	if t.Failed() {
		return
	}
	for _, f := range c.platform.Faults() {
		c.done[f.Match+" "+f.Kind] -= f.Times // it never struck
	}
	c.platform.ClearFaults()
	c.settle()
	for i := range c.children {
		if log := c.children[i].Load().output.String(); strings.Contains(log, "panic") {
			t.Errorf("a process panicked:\n%s", log)
		}
	}
	ledger := c.platform.Ledger()
	if len(ledger.Payments) < payments*9/10 {
		t.Errorf("only %d payments were made", len(ledger.Payments))
	}
	t.Logf("%d payments and %d refunds at WeChat Pay after %s; %v", len(ledger.Payments), len(ledger.Refunds), time.Since(began).Round(time.Second), c.done)
}
