package server_test

import (
	"encoding/json"
	"strings"
	"testing"
)

// requestLine is what every request leaves.
type requestLine struct {
	Level     string   `json:"level"`
	Msg       string   `json:"msg"`
	Method    string   `json:"method"`
	Route     string   `json:"route"`
	Status    int      `json:"status"`
	Millis    *float64 `json:"ms"`
	IP        string   `json:"ip"`
	Caller    string   `json:"caller"`
	Code      string   `json:"code"`
	RequestID string   `json:"request_id"`
}

func (w *world) requestLines(t *testing.T) (lines []requestLine) {
	t.Helper()
	for text := range strings.Lines(w.log.String()) {
		var l requestLine
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			t.Fatalf("%v in %q", err, text)
		}
		if l.RequestID == "" {
			t.Errorf("no request id in %q", text)
		}
		if l.Msg == "request" {
			lines = append(lines, l)
		}
	}
	return lines
}

func TestEveryRequestLeavesOneLineWithItsPattern(t *testing.T) {
	w := newWorld(t)
	all := w.record()
	w.lifeOfAnOrder(t)
	w.everyRefusal(t)
	lines := w.requestLines(t)[1:] // the first is that of newWorld
	if len(lines) != len(*all) {
		t.Fatalf("%d lines of %d requests", len(lines), len(*all))
	}
	seen := map[string]bool{}
	for i, l := range lines {
		r := (*all)[i]
		if l.Method != r.request.Method || l.Status != r.response.StatusCode || l.Millis == nil || l.IP != "127.0.0.1" {
			t.Errorf("%+v for %s %s", l, r.request.Method, r.request.URL)
		}
		if l.RequestID != r.response.Header.Get("X-Request-Id") || seen[l.RequestID] {
			t.Errorf("request id %q", l.RequestID)
		}
		seen[l.RequestID] = true
		if strings.HasPrefix(r.request.URL.Path, "/v1/orders/0") && !strings.HasPrefix(l.Route, "/v1/orders/:id") {
			t.Errorf("route %q for %s", l.Route, r.request.URL.Path)
		}
		if (l.Code != "") != (l.Status >= 400) {
			t.Errorf("code %q with status %d", l.Code, l.Status)
		}
	}
}

func TestLogHoldsNoSecretAndNoPath(t *testing.T) {
	w := newWorld(t)
	session := w.login(t, "alice")
	order := w.create(t, orderBody)
	w.get(t, "/v1/orders/"+order.ID+"?refresh=true", session.Token)
	w.get(t, "/v1/orders/s3cr3t?token=s3cr3t", ordersKey)
	w.get(t, "/v1/me", session.Token)
	w.get(t, "/v1/me", "wxs_s3cr3t")
	w.post(t, "/v1/login/mini-program", "", strings.Replace(loginBody("alice"), "alice-", "alice-s3cr3t", 1))
	w.post(t, "/v1/logout", session.Token, "")
	text := w.log.String()
	for _, secret := range []string{session.Token, ordersKey, sessionKey, mark, "openid-alice", "unionid-alice", "Bearer", "?"} {
		if strings.Contains(text, secret) {
			t.Errorf("%q in the log", secret)
		}
	}
	for _, l := range w.requestLines(t) {
		if strings.Contains(l.Route, order.ID) {
			t.Errorf("route %q", l.Route)
		}
	}
	if len(w.log.lines(`"caller":"user"`)) == 0 || len(w.log.lines(`"caller":"key:orders"`)) == 0 {
		t.Error("the callers are not told apart")
	}
}

func TestRequestIDIsTakenOverWhenItIsOne(t *testing.T) {
	w := newWorld(t)
	for id, taken := range map[string]bool{
		"abc": true, "A-b_c.9": true, strings.Repeat("a", 128): true, "4bf92f3577b34da6a3ce929d0e0e4736": true,
		"": false, strings.Repeat("a", 129): false, "a b": false, "a\tb": false, "a/b": false, "a\u754c": false, "a\xff": false, "<a>": false,
	} {
		got := w.call(t, "GET", "/healthz", "", "", "X-Request-Id: "+id).Header.Get("X-Request-Id")
		if taken != (got == id) || !taken && !madeRequestID.MatchString(got) {
			t.Errorf("%q became %q", id, got)
		}
		if lines := w.log.lines(`"request_id":"` + got + `"`); len(lines) != 1 {
			t.Errorf("%d lines with %q", len(lines), got)
		}
	}
}
