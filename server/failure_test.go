package server_test

import (
	"errors"
	"strings"
	"testing"
)

// private are words of causes, which belong into the log and into no answer.
var private = []string{"sql", "redis", "closed", "goroutine", ".go:", "panic", "dial", mark}

func wantPrivacy(t *testing.T, a answer) {
	t.Helper()
	for _, word := range private {
		if strings.Contains(strings.ToLower(string(a.Body)), word) {
			t.Errorf("the answer says %q: %s", word, a.Body)
		}
	}
}

func TestStoreAwayIsUnavailableAndSaysNoMore(t *testing.T) {
	w := newWorld(t)
	user := w.login(t, "alice")
	order := w.create(t, orderBody)
	paid := w.prepay(t, order.ID, user.Token)
	w.wechat.pays(paid.Payment.OutTradeNo)
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	for _, a := range []answer{
		w.post(t, "/v1/login/mini-program", "", loginBody("alice")), w.post(t, "/v1/login/mini-program", "", loginBody("bob")),
		w.get(t, "/v1/me", user.Token), w.get(t, "/v1/users/"+user.User.ID, usersKey),
		w.post(t, "/v1/orders", ordersKey, orderBody), w.post(t, "/v1/orders", ordersKey, orderBody, "Idempotency-Key: k"),
		w.get(t, "/v1/orders", ordersKey), w.get(t, "/v1/orders/"+order.ID, user.Token), w.get(t, "/v1/orders/"+order.ID+"?refresh=true", user.Token),
		w.post(t, "/v1/orders/"+order.ID+"/prepay", user.Token, `{"method":"mini_program"}`), w.post(t, "/v1/orders/"+order.ID+"/close", user.Token, ""),
	} {
		p := wantProblem(t, a, 503, "unavailable")
		wantPrivacy(t, a)
		if lines := w.log.lines(p.RequestID); len(lines) != 1 || !strings.Contains(lines[0], "sqlitestore") || !strings.Contains(lines[0], `"level":"ERROR"`) {
			t.Errorf("log %q", lines)
		}
	}
	// Not acknowledged: WeChat Pay will say it again.
	a := w.notify(t, paid.Payment.OutTradeNo)
	wantPrivacy(t, a)
	if f := decode[map[string]string](t, a, 503); f["code"] != "FAIL" {
		t.Errorf("got %s", a.Body)
	}
}

func TestRedisAwayStopsSessionsAndNothingElse(t *testing.T) {
	w := newWorld(t)
	user := w.login(t, "alice")
	order := w.create(t, orderBody)
	paid := w.prepay(t, order.ID, user.Token)
	w.wechat.pays(paid.Payment.OutTradeNo)
	if err := w.redis.Close(); err != nil {
		t.Fatal(err)
	}
	for _, a := range []answer{
		w.get(t, "/v1/me", user.Token), w.post(t, "/v1/logout", user.Token, ""), w.get(t, "/v1/orders", user.Token),
		w.post(t, "/v1/login/mini-program", "", loginBody("alice")),
	} {
		wantProblem(t, a, 503, "unavailable")
		wantPrivacy(t, a)
	}
	w.create(t, orderBody)
	if a := w.notify(t, paid.Payment.OutTradeNo); a.Status != 204 {
		t.Errorf("status %d: %s", a.Status, a.Body)
	}
	if a := w.get(t, "/v1/orders/"+order.ID, ordersKey); !strings.Contains(string(a.Body), `"status":"paid"`) {
		t.Errorf("got %s", a.Body)
	}
}

func TestPanicIsOneInternalErrorAndNoMore(t *testing.T) {
	w := newWorld(t)
	user := w.login(t, "alice").Token
	order := w.prepay(t, w.create(t, orderBody).ID, user).Order.ID
	for call, request := range map[string]func() answer{
		"login":  func() answer { return w.post(t, "/v1/login/mini-program", "", loginBody("alice")) },
		"invoke": func() answer { return w.post(t, "/v1/orders/"+order+"/prepay", user, `{"method":"mini_program"}`) },
		"query":  func() answer { return w.get(t, "/v1/orders/"+order+"?refresh=true", user) },
		"open":   func() answer { return w.notify(t, "any") },
	} {
		w.wechat.nextDoes(call, func() error { panic("private " + mark) })
		a := request()
		p := wantProblem(t, a, 500, "internal")
		wantPrivacy(t, a)
		lines := w.log.lines(p.RequestID)
		if len(lines) != 1 || !strings.Contains(lines[0], "private "+mark) || !strings.Contains(lines[0], "goroutine") {
			t.Errorf("%s: log %q", call, lines)
		}
	}
	w.me(t, user) // and it serves on
}

func TestUnknownErrorIsInternal(t *testing.T) {
	w := newWorld(t)
	w.wechat.next("login", errors.New("driver: "+mark))
	a := w.post(t, "/v1/login/mini-program", "", loginBody("alice"))
	wantProblem(t, a, 500, "internal")
	wantPrivacy(t, a)
}
