package client_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"wxhub/server/client"
)

var (
	secretA = "whsec_" + base64.StdEncoding.EncodeToString([]byte("0123456789abcdef0123456789abcdef"))
	secretB = "whsec_" + base64.StdEncoding.EncodeToString([]byte("fedcba9876543210fedcba9876543210"))
	sent    = time.Unix(1_700_000_000, 0)
)

const paid = `{"type":"order.paid","timestamp":"2026-03-05T10:00:00Z","data":{"id":"o1","status":"paid","amount":1990}}`

// signed is a webhook as the Standard Webhooks library, the judge here, signs it.
func signed(t *testing.T, secret, id string, at time.Time, body string) http.Header {
	t.Helper()
	w, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	signature, err := w.Sign(id, at, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return http.Header{"Webhook-Id": {id}, "Webhook-Timestamp": {strconv.FormatInt(at.Unix(), 10)}, "Webhook-Signature": {signature}}
}

func receiver(t *testing.T, secrets ...string) *client.Webhook {
	t.Helper()
	w, err := client.NewWebhook(secrets...)
	if err != nil {
		t.Fatal(err)
	}
	w.At(sent)
	return w
}

func TestWebhooksAreVerified(t *testing.T) {
	change := func(name, value string) func(http.Header) { return func(h http.Header) { h.Set(name, value) } }
	good := signed(t, secretA, "evt_1", sent, paid).Get("Webhook-Signature")
	for name, x := range map[string]struct {
		secrets []string
		at      time.Time
		body    string
		change  func(http.Header)
		want    error
	}{
		"good":                      {},
		"while secrets change":      {secrets: []string{secretB, secretA}},
		"several signatures":        {change: change("Webhook-Signature", "v1,AAAA v1a,"+good[3:]+" v1,%% "+good)},
		"another secret":            {secrets: []string{secretB}, want: client.ErrSignature},
		"another body":              {body: strings.Replace(paid, "1990", "1", 1), want: client.ErrSignature},
		"another id":                {change: change("Webhook-Id", "evt_2"), want: client.ErrSignature},
		"another time":              {change: change("Webhook-Timestamp", "1700000001"), want: client.ErrSignature},
		"no signature":              {change: change("Webhook-Signature", ""), want: client.ErrSignature},
		"another version":           {change: change("Webhook-Signature", "v2"+good[2:]), want: client.ErrSignature},
		"half a signature":          {change: change("Webhook-Signature", good[:20]), want: client.ErrSignature},
		"no base64":                 {change: change("Webhook-Signature", "v1,%%"), want: client.ErrSignature},
		"five minutes old":          {at: sent.Add(-5 * time.Minute)},
		"older":                     {at: sent.Add(-5*time.Minute - time.Second), want: client.ErrStale},
		"from the future":           {at: sent.Add(5*time.Minute + time.Second), want: client.ErrStale},
		"a time that is no number":  {change: func(h http.Header) { resign(t, h, "soon") }, want: client.ErrSignature},
		"no id":                     {change: func(h http.Header) { h.Del("Webhook-Id"); resign(t, h, h.Get("Webhook-Timestamp")) }, want: client.ErrSignature},
		"signed, and not one event": {body: "[]", change: func(h http.Header) {}, want: errAny},
	} {
		t.Run(name, func(t *testing.T) {
			if x.secrets == nil {
				x.secrets = []string{secretA}
			}
			if x.at.IsZero() {
				x.at = sent
			}
			signedBody, body := paid, paid
			if x.body != "" {
				body = x.body
			}
			if x.want == errAny {
				signedBody = body
			}
			h := signed(t, secretA, "evt_1", x.at, signedBody)
			if x.change != nil {
				x.change(h)
			}
			e, err := receiver(t, x.secrets...).Parse(h, []byte(body))
			switch {
			case x.want == errAny && err != nil:
			case !errors.Is(err, x.want):
				t.Fatalf("got %v, want %v", err, x.want)
			case err == nil && (e.ID != "evt_1" || e.Type != "order.paid" || e.At.IsZero()):
				t.Errorf("got %+v", e)
			case err != nil && e.Type != "":
				t.Errorf("an event that is not to be believed came out: %+v", e)
			}
		})
	}
}

var errAny = errors.New("any")

// resign signs a timestamp that the library would not.
func resign(t *testing.T, h http.Header, stamp string) {
	t.Helper()
	h.Set("Webhook-Timestamp", stamp)
	h.Set("Webhook-Signature", client.Sign(t, secretA, h.Get("Webhook-Id")+"."+stamp+"."+paid))
}

func TestEventsAreRead(t *testing.T) {
	e := client.Event{Type: "order.paid", Data: []byte(`{"id":"o1","status":"paid","amount":1990,"paid_at":"2026-03-05T10:00:00Z"}`)}
	if o, err := e.Order(); err != nil || o.ID != "o1" || o.Status != client.OrderPaid || o.Amount != 1990 || o.PaidAt.IsZero() {
		t.Errorf("got %+v, %v", o, err)
	}
	if _, err := e.Refund(); err == nil {
		t.Error("an order was read as a refund")
	}
	if _, err := e.User(); err == nil {
		t.Error("an order was read as a user")
	}
	if _, err := e.Transfer(); err == nil {
		t.Error("an order was read as a transfer")
	}
	e = client.Event{Type: "refund.succeeded", Data: []byte(`{"id":"r1","order_id":"o1","amount":5}`)}
	if r, err := e.Refund(); err != nil || r.OrderID != "o1" || r.Amount != 5 {
		t.Errorf("got %+v, %v", r, err)
	}
	e = client.Event{Type: "transfer.failed", Data: []byte(`{"id":"t1","last_error":"no"}`)}
	if x, err := e.Transfer(); err != nil || x.LastError != "no" {
		t.Errorf("got %+v, %v", x, err)
	}
	e = client.Event{Type: "user.merged", Data: []byte(`{"id":"u1","merged_user_id":"u2"}`)}
	if u, err := e.User(); err != nil || u.ID != "u1" || e.MergedUserID() != "u2" {
		t.Errorf("got %+v, %v, %q", u, err, e.MergedUserID())
	}
	e.Data = []byte("x")
	if _, err := e.User(); err == nil || e.MergedUserID() != "" {
		t.Error("what cannot be read was read")
	}
}

func TestWebhookHandler(t *testing.T) {
	w := receiver(t, secretA)
	var fail error
	var got []client.Event
	h := w.Handler(func(_ context.Context, e client.Event) error { got = append(got, e); return fail })
	post := func(header http.Header, body []byte) (int, string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/events", bytes.NewReader(body))
		r.Header = header
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		return rec.Code, rec.Body.String()
	}
	good := signed(t, secretA, "evt_1", sent, paid)
	if code, _ := post(good, []byte(paid)); code != 204 || len(got) != 1 {
		t.Errorf("answered %d, %d events", code, len(got))
	}
	if code, _ := post(http.Header{}, []byte(paid)); code != 400 || len(got) != 1 {
		t.Errorf("a forgery: answered %d, %d events", code, len(got))
	}
	if code, _ := post(good, bytes.Repeat([]byte("x"), 2<<20)); code != 400 {
		t.Errorf("2 MiB: answered %d", code)
	}
	fail = errors.New("the database at 10.0.0.7 is away")
	if code, body := post(good, []byte(paid)); code != 500 || strings.Contains(body, "10.0.0.7") {
		t.Errorf("a failure: answered %d %s", code, body)
	}
}

func TestWebhookSecrets(t *testing.T) {
	for _, bad := range [][]string{nil, {""}, {"whsec_"}, {"whsec_%%private%%"}, {secretA, "nonsense!"}} {
		if _, err := client.NewWebhook(bad...); err == nil || strings.Contains(err.Error(), "private") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := client.NewWebhook(strings.TrimPrefix(secretA, "whsec_")); err != nil {
		t.Error(err)
	}
}
