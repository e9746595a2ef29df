package server_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"wxhub/server/health"
)

type readiness struct {
	Status       string            `json:"status"`
	Dependencies map[string]string `json:"dependencies"`
}

func fine(context.Context) error { return nil }

func TestReadyNamesTheDependencyThatFails(t *testing.T) {
	w := newWorld(t, func(s *setup) {
		s.Checks = health.Checks{
			"store":  fine,
			"redis":  func(context.Context) error { return errors.New("dial tcp 10.0.0.1:6379: " + mark) },
			"wechat": func(context.Context) error { panic(mark) },
		}
	})
	a := w.get(t, "/readyz", "")
	r := decode[readiness](t, a, 503)
	if r.Status != "unavailable" || r.Dependencies["store"] != "ok" || r.Dependencies["redis"] != "unavailable" || r.Dependencies["wechat"] != "unavailable" {
		t.Errorf("got %s", a.Body)
	}
	wantPrivacy(t, answer{Body: []byte(strings.ReplaceAll(string(a.Body), `"redis"`, ""))})
	if a := w.get(t, "/healthz", ""); a.Status != 200 {
		t.Errorf("the process lives: %d", a.Status)
	}
}

// A check that hangs costs two seconds, not for ever, even one that ignores its context.
func TestReadyDoesNotWaitForADependencyThatHangs(t *testing.T) {
	over := make(chan struct{})
	t.Cleanup(func() { close(over) })
	w := newWorld(t, func(s *setup) {
		s.Checks = health.Checks{
			"store": fine,
			"redis": func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
			"deaf":  func(context.Context) error { <-over; return nil },
		}
	})
	r := decode[readiness](t, w.get(t, "/readyz", ""), 503)
	if r.Dependencies["store"] != "ok" || r.Dependencies["redis"] != "unavailable" || r.Dependencies["deaf"] != "unavailable" {
		t.Errorf("got %+v", r)
	}
}

func TestReadyFollowsTheRealStores(t *testing.T) {
	w := newWorld(t)
	if r := decode[readiness](t, w.get(t, "/readyz", ""), 200); r.Status != "ok" || len(r.Dependencies) != 2 {
		t.Errorf("got %+v", r)
	}
	_ = w.redis.Close()
	if r := decode[readiness](t, w.get(t, "/readyz", ""), 503); r.Dependencies["store"] != "ok" || r.Dependencies["redis"] != "unavailable" {
		t.Errorf("got %+v", r)
	}
}

func TestMetricsCountRoutesAndHoldNoIDs(t *testing.T) {
	w := newWorld(t)
	session := w.login(t, "alice")
	order := w.prepay(t, w.create(t, orderBody).ID, session.Token)
	w.wechat.pays(order.Payment.OutTradeNo)
	w.notify(t, order.Payment.OutTradeNo)
	w.get(t, "/v1/orders/"+order.Order.ID, session.Token)
	w.get(t, "/v1/scanned/"+order.Order.ID, "")
	a := w.get(t, "/metrics", "")
	text := string(a.Body)
	for _, want := range []string{
		`wxhub_http_requests_total{method="GET",route="/v1/orders/:id",status="200"} 1`,
		`wxhub_http_requests_total{method="GET",route="unmatched",status="404"} 1`,
		`wxhub_http_requests_total{method="POST",route="/v1/notify/wechat-pay/:merchant_id",status="204"} 1`,
		`wxhub_http_request_seconds_count{route="/v1/login/mini-program"} 1`,
		`wxhub_notifications_total{result="ok"} 1`, "go_goroutines",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s", want)
		}
	}
	for _, id := range []string{order.Order.ID, session.User.ID, order.Payment.ID, merchantID, miniApp, "scanned", "alice"} {
		if strings.Contains(text, id) {
			t.Errorf("%s is in the metrics", id)
		}
	}
}

func TestWithoutTheAPIOnlyHealthIsServed(t *testing.T) {
	w := newWorld(t, func(s *setup) { s.API = false })
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		if a := w.get(t, path, ""); a.Status != 200 {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
	for _, path := range []string{"/v1/me", "/v1/orders", "/v1/users/x", "/docs", "/docs/"} {
		wantProblem(t, w.get(t, path, ordersKey), 404, "no_such_route")
	}
	for _, path := range []string{"/v1/login/mini-program", "/v1/orders", "/v1/notify/wechat-pay/" + merchantID} {
		wantProblem(t, w.post(t, path, ordersKey, "{}"), 404, "no_such_route")
	}
	if n := w.model(t).Paths.PathItems.Len(); n != 3 {
		t.Errorf("%d paths documented", n)
	}
}
