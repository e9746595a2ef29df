package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"testing"
	"time"

	"wxhub/wx/sandbox"
)

// chaos is two real processes on one store and one Redis, before a hostile WeChat. What is
// done and when things break follows from the seed; how the processes interleave does not.
type chaos struct {
	t        *testing.T
	rng      *rand.Rand
	platform *sandbox.Platform
	redis    *redisServer
	config   string
	env      []string
	children [2]*child
	client   *http.Client
	done     map[string]int // what was done, and what was broken, by name
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

func newChaos(t *testing.T, seed uint64) *chaos {
	t.Helper()
	platform, configFile := weChat(t)
	c := &chaos{
		t: t, rng: rand.New(rand.NewPCG(seed, 5)), platform: platform, redis: startRedis(t), config: configFile,
		client: &http.Client{Timeout: patience}, done: map[string]int{},
	}
	front := httptest.NewServer(http.HandlerFunc(c.forward))
	t.Cleanup(front.Close)
	c.env = append(settings(configFile, "127.0.0.1:0", front.URL), "WXHUB_REDIS__URL=redis://"+c.redis.addr, "WXHUB_JOBS__ORDER_SWEEP_INTERVAL=1s")
	for i := range c.children {
		c.children[i] = serve(t, configFile, c.env...)
	}
	return c
}

// forward takes WeChat Pay's notifications to the process that is never killed: whether it
// is the other one's turn does not matter to who signs them.
func (c *chaos) forward(w http.ResponseWriter, r *http.Request) {
	request := r.Clone(r.Context())
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	request, err = http.NewRequestWithContext(r.Context(), r.Method, c.children[0].url+request.URL.Path, bytes.NewReader(body))
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	request.Header = r.Header
	answer, err := c.client.Do(request)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer func() { _ = answer.Body.Close() }()
	w.WriteHeader(answer.StatusCode)
	_, _ = io.Copy(w, answer.Body) // the platform looks at the status alone
}

// ask is a call of a client that does not give up: the same request again, to either
// process, until there is an answer that is not a fault.
func (c *chaos) ask(method, path, key string, body, out any) int {
	c.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		c.t.Fatal(err)
	}
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		r, err := http.NewRequest(method, c.children[c.rng.IntN(2)].url+path, bytes.NewReader(text))
		if err != nil {
			c.t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+apiKey)
		r.Header.Set("Content-Type", "application/json")
		if key != "" {
			r.Header.Set("Idempotency-Key", key)
		}
		answer, err := c.client.Do(r)
		if err == nil {
			raw, err := io.ReadAll(answer.Body)
			_ = answer.Body.Close() // read to its end or broken
			if err == nil && answer.StatusCode < 500 && answer.StatusCode != http.StatusTooManyRequests {
				if out != nil && answer.StatusCode < 300 {
					if err := json.Unmarshal(raw, out); err != nil {
						c.t.Fatal(err)
					}
				}
				return answer.StatusCode
			}
		}
		if time.Now().After(deadline) {
			c.t.Fatalf("no answer to %s %s", method, path)
		}
	}
}

// breaks lets something go wrong.
func (c *chaos) breaks() {
	notify := []string{"drop", "duplicate", "replay", "delay", "wrong_amount", "wrong_mchid", "wrong_appid", "swapped", "tampered", "bad_signature", "signtest", "old_timestamp", "unknown_event", "wrong_key", "truncate", "unsigned", "bad_nonce"}
	calls := []string{"system_error", "system_error_after", "lost_answer", "truncate", "bad_signature", "signtest", "http_500", "frequency_limited", "tampered", "unsigned"}
	fault := sandbox.Fault{Match: "notify", Kind: notify[c.rng.IntN(len(notify))], Times: 1}
	switch roll := c.rng.IntN(100); {
	case roll < 40:
	case roll < 80:
		fault = sandbox.Fault{Match: "/v3", Kind: calls[c.rng.IntN(len(calls))], Times: 1}
	case roll < 84:
		c.done["kill -9"]++
		c.children[1].kill()
		c.children[1] = serve(c.t, c.config, c.env...)
		return
	case roll < 88:
		c.done["FLUSHALL"]++
		if err := c.redis.client.FlushAll(c.t.Context()).Err(); err != nil {
			c.t.Fatal(err)
		}
		return
	default:
		return
	}
	if _, err := c.platform.AddFault(fault); err != nil {
		c.t.Fatal(err)
	}
	c.done[fault.Match+" "+fault.Kind]++
}

// sale is one order: some are paid, some paid and given back in part, some closed, some left.
func (c *chaos) sale(i int, merchant, payer string) {
	var o struct{ ID, Status string }
	amount := 100 + c.rng.IntN(900)
	if status := c.ask(http.MethodPost, "/v1/orders", fmt.Sprint("sale-", i), map[string]any{"merchant_id": merchant, "amount": amount, "description": "tea"}, &o); status != http.StatusCreated {
		c.t.Fatalf("order %d: %d", i, status)
	}
	var p struct {
		Invoke struct {
			CodeURL string `json:"code_url"`
		}
	}
	if status := c.ask(http.MethodPost, "/v1/orders/"+o.ID+"/prepay", "", map[string]string{"method": "native"}, &p); status != http.StatusOK {
		c.t.Fatalf("prepay of %s: %d", o.ID, status)
	}
	roll := c.rng.IntN(100)
	if roll >= 85 {
		c.done["left"]++
		return
	}
	if roll < 10 {
		c.done["closed"]++
		c.ask(http.MethodPost, "/v1/orders/"+o.ID+"/close", "", nil, nil)
	}
	if _, err := c.platform.Pay(p.Invoke.CodeURL, payer, sandbox.PaySuccess); err == nil {
		c.done["paid"]++
	}
	if roll >= 60 {
		c.done["refunds asked for"]++
		c.ask(http.MethodGet, "/v1/orders/"+o.ID+"?refresh=true", "", nil, nil)
		c.ask(http.MethodPost, "/v1/orders/"+o.ID+"/refunds", fmt.Sprint("refund-", i), map[string]any{"amount": 1 + c.rng.IntN(amount)}, nil)
	}
}

// book is what the orders say: the money that came by transaction_id, and what was given
// back by out_refund_no.
func (c *chaos) book() (came, back map[string]int64) {
	came, back = map[string]int64{}, map[string]int64{}
	for cursor := ""; ; {
		var page struct {
			Data []struct {
				Amount   int64
				Payments []struct {
					Status        string
					TransactionID string `json:"transaction_id"`
				}
				Refunds []struct {
					ID, Status string
					Amount     int64
				}
			}
			NextCursor string `json:"next_cursor"`
		}
		c.ask(http.MethodGet, "/v1/orders?limit=100&cursor="+cursor, "", nil, &page)
		for _, o := range page.Data {
			for _, p := range o.Payments {
				if p.Status == "paid" || p.Status == "duplicate" {
					came[p.TransactionID] += o.Amount
				}
			}
			for _, r := range o.Refunds {
				if r.Status == "succeeded" {
					back[r.ID] += r.Amount
				}
			}
		}
		if cursor = page.NextCursor; cursor == "" {
			return came, back
		}
	}
}

// compare tells how our book and WeChat Pay's differ; "" when they do not.
func (c *chaos) compare() string {
	came, back := c.book()
	ledger := c.platform.Ledger()
	for _, p := range ledger.Payments {
		if came[p.TransactionID] != p.Total {
			return fmt.Sprintf("payment %s: %d fen at WeChat Pay, %d here", p.OutTradeNo, p.Total, came[p.TransactionID])
		}
	}
	for _, r := range ledger.Refunds {
		if back[r.OutRefundNo] != r.Amount {
			return fmt.Sprintf("refund %s is %s at WeChat Pay with %d fen; here %d came back", r.OutRefundNo, r.Status, r.Amount, back[r.OutRefundNo])
		}
	}
	if len(came) != len(ledger.Payments) || len(back) != len(ledger.Refunds) {
		return fmt.Sprintf("%d payments and %d refunds here, %d and %d at WeChat Pay", len(came), len(back), len(ledger.Payments), len(ledger.Refunds))
	}
	return ""
}

// TestChaos makes payments while notifications are lost, repeated, forged and tampered
// with, WeChat Pay fails in every way, a process is killed and Redis is emptied. In the end
// our book is WeChat Pay's, to the fen. `make chaos` makes 10,000 of them.
func TestChaos(t *testing.T) {
	seed := setting(t, "WXHUB_CHAOS_SEED", rand.Uint64()>>1)
	payments := int(setting(t, "WXHUB_CHAOS_PAYMENTS", 150)) //nolint:gosec // a number of payments
	t.Logf("to repeat: WXHUB_CHAOS_SEED=%d WXHUB_CHAOS_PAYMENTS=%d go test ./cmd/wxhub -run TestChaos -v", seed, payments)
	c := newChaos(t, seed)
	payer, err := c.platform.CreateUser("payer")
	if err != nil {
		t.Fatal(err)
	}
	merchant := c.platform.Credentials().Merchants[0].ID
	for i := range payments {
		c.breaks()
		c.sale(i, merchant, payer.ID)
	}
	c.platform.ClearFaults()
	differs := "not compared"
	for deadline := time.Now().Add(4 * patience); differs != "" && time.Now().Before(deadline); time.Sleep(500 * time.Millisecond) {
		if _, err := c.platform.AdvanceClock(20 * time.Second); err != nil {
			t.Fatal(err)
		}
		differs = c.compare()
	}
	if differs != "" {
		t.Errorf("the books differ: %s", differs)
	}
	ledger := c.platform.Ledger()
	t.Logf("%d payments and %d refunds at WeChat Pay; %v", len(ledger.Payments), len(ledger.Refunds), c.done)
}
