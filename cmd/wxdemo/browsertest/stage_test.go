package browsertest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"wxhub/cmd/wxdemo/stack"
	"wxhub/wx/sandbox"
)

// stage is the real server with the sandbox, and people with phones.
type stage struct {
	*stack.Stack
	t                *testing.T
	dir              string // of its store
	host, weChatHost string
	user             sandbox.User
}

func newStage(t *testing.T, env ...string) *stage {
	t.Helper()
	dir := t.TempDir()
	s, err := stack.Start(t.Context(), stack.Options{
		Dir: dir, Version: "test", Log: slog.New(slog.DiscardHandler),
		Env: append([]string{
			"WXHUB_JOBS__HARVEST_INTERVAL=0s",
			"WXHUB_SERVER__TRUSTED_PROXIES=[127.0.0.1]",
			"WXHUB_COLLECT_CODES=[{id: counter-1, merchant: '1900000001', title: 山茶花茶馆, min: 1, max: 500000}, {id: cafe, merchant: '1900000001', title: 'Café <b>&amp; Söhne</b>', min: 100, max: 2000}]",
		}, env...),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	st := &stage{Stack: s, t: t, dir: dir, host: strings.TrimPrefix(s.URL, "http://"), weChatHost: strings.TrimPrefix(s.SandboxURL, "http://")}
	if st.user, err = s.Sandbox.CreateUser("Lin"); err != nil {
		t.Fatal(err)
	}
	return st
}

// order is made by the business backend.
func (s *stage) order(change map[string]any) string {
	s.t.Helper()
	body := map[string]any{"merchant_id": sandbox.DefaultMerchant, "amount": 1990, "description": "龙井茶 100g"}
	for k, v := range change {
		body[k] = v
	}
	var o struct{ ID string }
	s.api(http.MethodPost, "/v1/orders", body, &o)
	return o.ID
}

// api calls the server as the business backend.
func (s *stage) api(method, path string, body, out any) {
	s.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, s.URL+path, bytes.NewReader(raw))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.APIKey)
	req.Header.Set("Content-Type", "application/json")
	got, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = got.Body.Close() }()
	text, err := io.ReadAll(got.Body)
	if err != nil || got.StatusCode >= 300 {
		s.t.Fatalf("%s %s: %d %s %v", method, path, got.StatusCode, text, err)
	}
	if out != nil {
		if err := json.Unmarshal(text, out); err != nil {
			s.t.Fatal(err)
		}
	}
}

// told is how the server and WeChat stand on an order.
func (s *stage) told(id string) (status string, amount int64) {
	s.t.Helper()
	var o struct {
		Status string
		Amount int64
	}
	s.api(http.MethodGet, "/v1/orders/"+id, nil, &o)
	return o.Status, o.Amount
}

func (s *stage) fault(f sandbox.Fault) {
	s.t.Helper()
	if _, err := s.Sandbox.AddFault(f); err != nil {
		s.t.Fatal(err)
	}
}

// hand is the payer's hand on the payment sheet: what they do is decided by result, and
// how often they were asked is counted.
type hand struct {
	mu     sync.Mutex
	asked  int
	result string
}

func (h *hand) count() int { h.mu.Lock(); defer h.mu.Unlock(); return h.asked }

func (h *hand) will(result string) { h.mu.Lock(); defer h.mu.Unlock(); h.result = result }

const (
	lie     = "lie"     // the client says ok, and nothing was paid
	silence = "silence" // the client never says anything
)

// bridge is WeixinJSBridge as WeChat puts it into pages, a moment after they have loaded.
const bridge = `setTimeout(function () {
  window.WeixinJSBridge = {
    invoke: function (name, args, done) {
      if (name !== 'getBrandWCPayRequest') { return; }
      window.hand(args).then(function (word) { if (word) { done({err_msg: 'get_brand_wcpay_request:' + word}); } });
    },
    call: function (name) { window.called = name; }
  };
  document.dispatchEvent(new Event('WeixinJSBridgeReady'));
}, 30);`

// phoneIn opens WeChat's browser on somebody's phone.
func (s *stage) phoneIn(d device, u sandbox.User) (*tab, *hand) {
	s.t.Helper()
	b, h := s.open(d), &hand{result: sandbox.PaySuccess}
	b.cookie(s.SandboxURL, "wxsandbox_user", u.ID)
	b.run(chromedp.ExposeFunc("hand", func(_ context.Context, inv sandbox.Invocation) (string, error) {
		return s.confirm(h, u, inv), nil
	}))
	call(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: bridge})
	return b, h
}

// confirm verifies the invocation as the phone does, pays or not, and returns what the page
// is told, which is "" for nothing.
func (s *stage) confirm(h *hand, u sandbox.User, inv sandbox.Invocation) string {
	h.mu.Lock()
	h.asked++
	result := h.result
	h.mu.Unlock()
	prepayID, err := s.Sandbox.CheckInvocation(inv)
	if err == nil && result != lie && result != silence {
		_, err = s.Sandbox.Pay(prepayID, u.ID, result)
	}
	if err != nil {
		s.t.Errorf("the phone refuses the payment: %v", err)
		return "fail"
	}
	return map[string]string{sandbox.PaySuccess: "ok", sandbox.PayCancel: "cancel", sandbox.PayNotEnough: "fail", lie: "ok"}[result]
}
