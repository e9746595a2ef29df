package server_test

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"wxhub/identity"
	"wxhub/model"
	"wxhub/pay"
	"wxhub/server/edge"
	"wxhub/server/login"
)

// answer is an HTTP answer, read to its end.
type answer struct {
	Status  int
	Header  http.Header
	Body    []byte
	request *http.Request
}

// call is one request: headers come as "Name: value".
func (w *world) call(t testing.TB, method, path, token, body string, headers ...string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, w.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	return w.do(t, req)
}

func (w *world) do(t testing.TB, req *http.Request) answer {
	t.Helper()
	resp, err := w.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, text, req}
}

func (w *world) get(t testing.TB, path, token string) answer {
	t.Helper()
	return w.call(t, http.MethodGet, path, token, "")
}

func (w *world) post(t testing.TB, path, token, body string, headers ...string) answer {
	t.Helper()
	return w.call(t, http.MethodPost, path, token, body, headers...)
}

// decode reads an answer of the expected status.
func decode[T any](t testing.TB, a answer, status int) (v T) {
	t.Helper()
	if a.Status != status {
		t.Fatalf("%s %s: status %d, want %d: %s", a.request.Method, a.request.URL.Path, a.Status, status, a.Body)
	}
	if err := json.Unmarshal(a.Body, &v); err != nil {
		t.Fatalf("%v in %s", err, a.Body)
	}
	return v
}

// wantProblem checks that an answer is a whole problem of a status and a code.
func wantProblem(t testing.TB, a answer, status int, code string) edge.Problem {
	t.Helper()
	p := decode[edge.Problem](t, a, status)
	if ct := a.Header.Get("Content-Type"); ct != "application/problem+json" {
		t.Errorf("Content-Type %q", ct)
	}
	if p.Code != code {
		t.Errorf("code %q, want %q: %s", p.Code, code, a.Body)
	}
	if p.Status != status || p.Title != http.StatusText(status) || p.Type != "about:blank" || p.Detail == "" {
		t.Errorf("not a whole problem: %s", a.Body)
	}
	if id := a.Header.Get("X-Request-Id"); id == "" || p.RequestID != id {
		t.Errorf("request id %q in the header, %q in the body", id, p.RequestID)
	}
	return p
}

type prepaid struct {
	Order   pay.OrderView   `json:"order"`
	Payment pay.PaymentView `json:"payment"`
	Invoke  struct {
		AppID   string `json:"appId"`
		Package string `json:"package"`
	} `json:"invoke"`
}

type page struct {
	Data       []pay.OrderView `json:"data"`
	NextCursor string          `json:"next_cursor"`
}

// login logs somebody in by name. Names sort people; codes must not repeat.
func (w *world) login(t testing.TB, name string) login.Session {
	t.Helper()
	return decode[login.Session](t, w.post(t, "/v1/login/mini-program", "", loginBody(name)), http.StatusOK)
}

func loginBody(name string) string {
	return fmt.Sprintf(`{"app_id":%q,"code":%q}`, miniApp, codeOf(name))
}

// codeOf is a login code of somebody, not used yet.
func codeOf(name string) string {
	id, _ := model.IDs{Now: time.Now, Entropy: rand.Reader}.New()
	return name + "-" + id
}

const orderBody = `{"merchant_id":"1900000001","amount":990,"description":"tea"}`

func (w *world) create(t testing.TB, body string) pay.OrderView {
	t.Helper()
	return decode[pay.OrderView](t, w.post(t, "/v1/orders", ordersKey, body), http.StatusCreated)
}

func (w *world) prepay(t testing.TB, id, token string) prepaid {
	t.Helper()
	return decode[prepaid](t, w.post(t, "/v1/orders/"+id+"/prepay", token, `{"method":"mini_program"}`), http.StatusOK)
}

func (w *world) me(t testing.TB, token string) identity.UserView {
	t.Helper()
	return decode[identity.UserView](t, w.get(t, "/v1/me", token), http.StatusOK)
}

func (w *world) notify(t testing.TB, number string) answer {
	t.Helper()
	return w.post(t, "/v1/notify/wechat-pay/"+merchantID, "", number, "Wechatpay-Signature: "+goodSignature)
}
