package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"wxhub/server/client"
)

const key = "a-key-that-nobody-may-see"

// answer is what a server of a test says; status 0 closes the connection.
type answer struct {
	status int
	body   string
}

// script answers request after request, and the last answer for ever.
type script struct {
	mu       sync.Mutex
	answers  []answer
	requests []*http.Request
	bodies   []string
}

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	a := s.answers[min(len(s.requests), len(s.answers)-1)]
	s.requests, s.bodies = append(s.requests, r), append(s.bodies, string(body))
	s.mu.Unlock()
	if a.status == 0 {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("X-Request-Id", "from-header")
	w.Header().Set("Location", "https://elsewhere.example/")
	w.WriteHeader(a.status)
	_, _ = io.WriteString(w, a.body)
}

func problem(status int, code string) answer {
	return answer{status, fmt.Sprintf(`{"status":%d,"code":%q,"detail":"why","request_id":"req-1","errors":[{"field":"amount","message":"too much"}],"upstream":{"service":"wechat_pay","code":"PARAM_ERROR","message":"no"}}`, status, code)}
}

func scripted(t *testing.T, answers ...answer) (*client.Client, *script, *[]int) {
	t.Helper()
	s := &script{answers: answers}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	c, err := client.New(server.URL, key, client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	waits := &[]int{}
	c.WithoutPauses(func(n int) { *waits = append(*waits, n) })
	return c, s, waits
}

var ok = answer{200, `{"id":"o1","amount":1990}`}

// TestWhatIsRepeated: a safe call after silence or a passing failure, three times at most; nothing else.
func TestWhatIsRepeated(t *testing.T) {
	get := func(c *client.Client) error { _, err := c.Order(t.Context(), "o1"); return err }
	create := func(c *client.Client) error { _, err := c.CreateOrder(t.Context(), client.NewOrder{}); return err }
	ship := func(c *client.Client) error { return c.Ship(t.Context(), "o1", client.Shipping{}) }
	for name, x := range map[string]struct {
		call    func(*client.Client) error
		answers []answer
		tries   int
		code    string // "": success
	}{
		"silence, then an answer":       {get, []answer{{}, ok}, 2, ""},
		"silence for ever":              {get, []answer{{}}, 3, "none"},
		"silence after a POST with key": {create, []answer{{}, {}, ok}, 3, ""},
		"silence after a POST without":  {ship, []answer{{}, ok}, 1, "none"},
		"503":                           {get, []answer{problem(503, "unavailable"), ok}, 2, ""},
		"504":                           {create, []answer{problem(504, "wechat_timeout"), ok}, 2, ""},
		"429":                           {get, []answer{problem(429, "too_many_requests"), ok}, 2, ""},
		"502 in passing":                {get, []answer{problem(502, "wechat_unavailable"), ok}, 2, ""},
		"502 of a proxy":                {get, []answer{{502, "<html>"}, ok}, 2, ""},
		"502 for good":                  {get, []answer{problem(502, "wechat_rejected"), ok}, 1, "wechat_rejected"},
		"500":                           {create, []answer{problem(500, "internal"), ok}, 1, "internal"},
		"409 that passes":               {create, []answer{problem(409, "payment_replaced"), ok}, 2, ""},
		"409":                           {create, []answer{problem(409, "idempotency_conflict"), ok}, 1, "idempotency_conflict"},
		"422":                           {create, []answer{problem(422, "invalid_input"), ok}, 1, "invalid_input"},
		"503 for ever":                  {create, []answer{problem(503, "unavailable")}, 3, "unavailable"},
		"503 without key":               {ship, []answer{problem(503, "unavailable"), ok}, 1, "unavailable"},
		"a page":                        {get, []answer{{200, "<html>"}, ok}, 1, client.CodeUnreadable},
		"a redirect":                    {get, []answer{{302, ""}, ok}, 1, client.CodeUnreadable},
		"a problem without code":        {get, []answer{{404, `{"error":"nginx"}`}, ok}, 1, client.CodeUnreadable},
	} {
		t.Run(name, func(t *testing.T) {
			c, s, waits := scripted(t, x.answers...)
			err := x.call(c)
			if len(s.requests) != x.tries || len(*waits) != x.tries-1 {
				t.Errorf("%d tries and %v pauses, want %d tries", len(s.requests), *waits, x.tries)
			}
			var e *client.Error
			switch {
			case x.code == "" && err != nil, x.code != "" && err == nil:
				t.Errorf("got %v", err)
			case x.code == "none" && errors.As(err, &e):
				t.Errorf("silence became %v", e)
			case x.code != "" && x.code != "none" && !client.IsCode(err, x.code):
				t.Errorf("got %v, want %s", err, x.code)
			}
			for _, r := range s.requests[1:] {
				if r.Header.Get("Idempotency-Key") != s.requests[0].Header.Get("Idempotency-Key") {
					t.Error("the repetition has another key")
				}
			}
		})
	}
}

func TestKeys(t *testing.T) {
	c, s, _ := scripted(t, ok)
	for _, given := range []string{"", "", "mine"} {
		if _, err := c.CreateOrder(t.Context(), client.NewOrder{MerchantID: "m", Amount: 1, IdempotencyKey: given}); err != nil {
			t.Fatal(err)
		}
	}
	a, b, mine := s.requests[0].Header.Get("Idempotency-Key"), s.requests[1].Header.Get("Idempotency-Key"), s.requests[2].Header.Get("Idempotency-Key")
	if len(a) < 26 || a == b || mine != "mine" {
		t.Errorf("keys %q, %q, %q", a, b, mine)
	}
	if strings.Contains(s.bodies[2], "mine") {
		t.Errorf("the key is in the body: %s", s.bodies[2])
	}
	if _, err := c.CreateTransfer(t.Context(), client.NewTransfer{Amount: 1}); !client.IsCode(err, "invalid_input") || len(s.requests) != 3 {
		t.Errorf("a transfer without a key: %v", err)
	}
}

// TestErrorsTell: everything of the problem, and nothing of the key or the openid.
func TestErrorsTell(t *testing.T) {
	c, _, _ := scripted(t, problem(422, "invalid_input"))
	_, err := c.Order(t.Context(), "o1")
	var e *client.Error
	if !errors.As(err, &e) || e.Status != 422 || e.RequestID != "req-1" || e.Fields[0].Field != "amount" || e.Upstream.Code != "PARAM_ERROR" {
		t.Fatalf("got %+v", err)
	}
	want := "wxhub: HTTP 422 invalid_input: why; amount: too much (wechat_pay says PARAM_ERROR: no), request id req-1"
	if err.Error() != want {
		t.Errorf("got %q", err)
	}
	c, _, _ = scripted(t, answer{404, "<html>"})
	if _, err = c.Order(t.Context(), "o1"); !errors.As(err, &e) || e.RequestID != "from-header" {
		t.Errorf("got %v", err)
	}
	dead, err := client.New("http://127.0.0.1:1", key, client.Options{Attempts: 1})
	if err != nil {
		t.Fatal(err)
	}
	_, err = dead.UserByOpenID(t.Context(), "wx1", "openid-of-somebody")
	for _, text := range []string{err.Error(), fmt.Sprintf("%v %+v %#v", dead, dead, dead), fmt.Sprintf("%+v %#v", *dead, *dead)} {
		if strings.Contains(text, key) || strings.Contains(text, "openid-of-somebody") {
			t.Errorf("it tells too much: %s", text)
		}
	}
	if s := fmt.Sprintf("%v %#v", client.AccessToken{AccessToken: "secret"}, &client.AccessToken{AccessToken: "secret"}); strings.Contains(s, `secret`) {
		t.Errorf("a token prints as %s", s)
	}
}

// TestIDsStayIDs: an id is one segment of the path, whatever is in it, and an empty one is no call.
func TestIDsStayIDs(t *testing.T) {
	c, s, _ := scripted(t, ok)
	for id, path := range map[string]string{"a/../b": "/v1/orders/a%2F..%2Fb", "a?refresh=true": "/v1/orders/a%3Frefresh=true", "100%": "/v1/orders/100%25", "订": "/v1/orders/%E8%AE%A2"} {
		if _, err := c.Order(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		if got := s.requests[len(s.requests)-1].RequestURI; got != path {
			t.Errorf("%q became %s, want %s", id, got, path)
		}
	}
	n := len(s.requests)
	for _, id := range []string{"", ".", ".."} {
		if _, err := c.Order(t.Context(), id); err == nil {
			t.Errorf("%q is an id", id)
		}
	}
	for _, find := range []func() (client.User, error){
		func() (client.User, error) { return c.UserByOpenID(t.Context(), "wx1", "") },
		func() (client.User, error) { return c.UserByUnionID(t.Context(), "", "main") },
	} {
		if _, err := find(); !client.IsCode(err, "invalid_input") {
			t.Errorf("got %v", err)
		}
	}
	if len(s.requests) != n {
		t.Error("a call was made all the same")
	}
}

func TestNewIsStrict(t *testing.T) {
	for _, bad := range []string{"", "pay.example.com", "ftp://pay.example.com", "https://", "https://u:p@pay.example.com", "https://pay.example.com/?a=1", "https://pay.example.com/#a", "://"} {
		if _, err := client.New(bad, key, client.Options{}); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
	for _, bad := range []string{"", "a b", "a\n"} {
		if _, err := client.New("https://pay.example.com/", bad, client.Options{}); err == nil {
			t.Errorf("the key %q was taken", bad)
		}
	}
}

// TestAPrefixIsKept: wxhub may lie below a path.
func TestAPrefixIsKept(t *testing.T) {
	s := &script{answers: []answer{ok}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	c, err := client.New(server.URL+"/hub/", key, client.Options{HTTP: server.Client(), UserAgent: "shop/2"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Order(t.Context(), "o1"); err != nil {
		t.Fatal(err)
	}
	r := s.requests[0]
	if r.RequestURI != "/hub/v1/orders/o1" || r.UserAgent() != "shop/2" || r.Header.Get("Authorization") != "Bearer "+key || r.Header.Get("Content-Type") != "" {
		t.Errorf("got %s %v", r.RequestURI, r.Header)
	}
}

func TestACallerWhoLeavesIsNotKept(t *testing.T) {
	c, s, _ := scripted(t, problem(503, "unavailable"))
	ctx, cancel := context.WithCancel(t.Context())
	c.WithoutPauses(func(int) { cancel() })
	if _, err := c.Order(ctx, "o1"); !client.IsCode(err, "unavailable") || len(s.requests) != 1 {
		t.Errorf("%v after %d tries", err, len(s.requests))
	}
	if _, err := c.Order(ctx, "o1"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestPauses(t *testing.T) {
	for attempt, most := range map[int]time.Duration{1: 200 * time.Millisecond, 2: 600 * time.Millisecond, 3: 1800 * time.Millisecond, 9: 5 * time.Second} {
		for range 100 {
			if d := client.Backoff(attempt); d > most || d < most/2 {
				t.Fatalf("the pause before attempt %d is %s", attempt, d)
			}
		}
	}
	for text, want := range map[string]time.Duration{"": 0, "2": 2 * time.Second, "-1": 0, "86400": 30 * time.Second, "Wed, 21 Oct 2026 07:28:00 GMT": 0} {
		if got := client.RetryAfter(http.Header{"Retry-After": {text}}); got != want {
			t.Errorf("Retry-After %q is %s", text, got)
		}
	}
}
