package webhook_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/server/webhook"
)

// Whatever goes wrong with an endpoint is written down for operators, and nothing
// that is written holds what the operator put into the URL.
func TestTroubleIsToldWithoutTheURLsCredentials(t *testing.T) {
	over := make(chan struct{})
	handler := func(f http.HandlerFunc) string {
		s := httptest.NewServer(f)
		t.Cleanup(s.Close)
		return strings.TrimPrefix(s.URL, "http://")
	}
	defer close(over)
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := free.Addr().String()
	_ = free.Close()
	for name, host := range map[string]string{
		"refuses the connection": nobody,
		"hangs":                  handler(func(http.ResponseWriter, *http.Request) { <-over }),
		"breaks off":             handler(func(w http.ResponseWriter, _ *http.Request) { hijack(w, "") }),
		"speaks no HTTP":         handler(func(w http.ResponseWriter, _ *http.Request) { hijack(w, "hello\r\n\r\n") }),
		"answers 500":            handler(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }),
		"redirects to nowhere": handler(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "http://[::1")
			w.WriteHeader(302)
		}),
		"is no host":     "no-such-host.invalid",
		"has a bad port": "127.0.0.1:p4ss",
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			o := w.options(endpoint("http://shop:p4ss@"+host+"/hook?key=s3cr3t", model.EventOrderPaid))
			o.Client = &http.Client{Timeout: 200 * time.Millisecond, CheckRedirect: webhook.New(webhook.Options{}).Client.CheckRedirect}
			w.happens(t, "o", model.EventOrderPaid)
			run(t, webhook.New(o))
			d := w.onlyWaiting(t)
			if d.Attempts != 1 || d.LastError == "" || !d.DueAt.After(w.now()) {
				t.Errorf("got %+v", d)
			}
			for _, text := range []string{d.LastError, w.logged()} {
				for _, private := range []string{"p4ss", "s3cr3t", "/hook", secret} {
					if strings.Contains(text, private) {
						t.Errorf("%q is in %q", private, text)
					}
				}
			}
		})
	}
}

func hijack(w http.ResponseWriter, say string) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		_, _ = conn.Write([]byte(say))
		_ = conn.Close()
	}
}

// The client of production has a limit of its own and follows no redirect.
func TestClientIsBounded(t *testing.T) {
	c := webhook.New(webhook.Options{}).Client
	if c.Timeout <= 0 || c.Timeout > 20*time.Second { // well within the lease of 30 s
		t.Errorf("timeout %s", c.Timeout)
	}
	if err := c.CheckRedirect(nil, nil); err != http.ErrUseLastResponse {
		t.Errorf("got %v", err)
	}
}

func TestCredentialsOfTheURLAreSent(t *testing.T) {
	w, s := newWorld(t), newShop(t)
	s.answers(func(_ http.ResponseWriter, r *http.Request) {
		if user, pass, _ := r.BasicAuth(); user != "shop" || pass != "p4ss" || r.URL.Query().Get("key") != "s3cr3t" {
			t.Errorf("got %s, %s, %s", user, pass, r.URL)
		}
	})
	w.happens(t, "o", model.EventOrderPaid)
	run(t, w.sender(endpoint(strings.Replace(s.URL, "://", "://shop:p4ss@", 1)+"/hook?key=s3cr3t", model.EventOrderPaid)))
	if len(s.receipts()) != 1 || len(w.waiting(t)) != 0 {
		t.Error("it was not delivered")
	}
	if strings.Contains(w.logged(), "p4ss") || !strings.Contains(w.logged(), "webhook delivered") {
		t.Error(w.logged())
	}
}

func TestUnusableSecretIsAFailureThatSaysNothing(t *testing.T) {
	w, s := newWorld(t), newShop(t)
	w.happens(t, "o", model.EventOrderPaid)
	run(t, w.sender(webhook.Endpoint{URL: s.URL, Secret: "whsec_not base64 s3cr3t", Events: []model.EventType{model.EventOrderPaid}}))
	if d := w.onlyWaiting(t); d.LastError != "the endpoint's secret is not usable" || strings.Contains(w.logged(), "s3cr3t") {
		t.Errorf("got %+v", d)
	}
}

// The process is told to stop in the middle of a post: the outcome is written down
// all the same, and the event is sent again.
func TestStoppedInTheMiddleOfAPost(t *testing.T) {
	w, s := newWorld(t), newShop(t)
	ctx, stop := context.WithCancel(t.Context())
	s.answers(func(_ http.ResponseWriter, r *http.Request) { stop(); <-r.Context().Done() })
	w.happens(t, "o", model.EventOrderPaid)
	sender := w.sender(endpoint(s.URL, model.EventOrderPaid))
	_, _ = sender.Run(ctx)
	if d := w.onlyWaiting(t); d.Attempts != 1 || d.Version != 3 {
		t.Errorf("got %+v", d)
	}
	s.answersStatus(http.StatusOK)
	w.pass(time.Minute)
	run(t, sender)
	if got := s.receipts(); len(got) != 2 || got[0].id != got[1].id || len(w.waiting(t)) != 0 {
		t.Errorf("got %+v", got)
	}
}
