package stack_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"time"

	"wxhub/cmd/internal/app"
	"wxhub/cmd/wxdemo/stack"
	"wxhub/wx/sandbox"

	"log/slog"
)

// patience bounds every wait of these tests; none of them measures speed.
const patience = 30 * time.Second

// bench is a running stack with the small client that the tests drive it with.
type bench struct {
	*stack.Stack
	t        *testing.T
	app      string
	merchant string
	log      *bytes.Buffer // the server's log; read it after Stop
	answers  bytes.Buffer  // every answer of the server
	users    int
}

// noHarvest keeps a job from asking WeChat for tokens while a test counts who does.
const noHarvest = "WXHUB_JOBS__HARVEST_INTERVAL=0s"

func start(t *testing.T, env ...string) *bench {
	t.Helper()
	return startAt(t, nil, env...)
}

// startAt lets WeChat have a clock of its own.
func startAt(t *testing.T, now func() time.Time, env ...string) *bench {
	t.Helper()
	b := &bench{t: t, log: &bytes.Buffer{}}
	s, err := stack.Start(t.Context(), stack.Options{
		Dir: t.TempDir(), Env: append([]string{noHarvest}, env...), Version: "test", Now: now,
		Log: app.NewLogger(b.log, slog.LevelDebug), // slog's handler serialises the writes
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	b.Stack, b.merchant = s, s.Sandbox.Credentials().Merchants[0].ID
	b.app = s.Sandbox.Credentials().Merchants[0].AppIDs[0]
	return b
}

type answer struct {
	Status int
	Body   []byte
	Header http.Header
}

func (a answer) into(t *testing.T, want int, out any) {
	t.Helper()
	if a.Status != want {
		t.Fatalf("answered %d, want %d: %s", a.Status, want, a.Body)
	}
	if out != nil {
		if err := json.Unmarshal(a.Body, out); err != nil {
			t.Fatal(err)
		}
	}
}

func (b *bench) do(method, path, bearer string, body any) answer {
	b.t.Helper()
	var raw []byte
	if body != nil {
		var err error
		if raw, err = json.Marshal(body); err != nil {
			b.t.Fatal(err)
		}
	}
	header := http.Header{"Content-Type": {"application/json"}}
	if bearer != "" {
		header.Set("Authorization", "Bearer "+bearer)
	}
	a := send(b.t, method, b.URL+path, header, raw)
	b.answers.Write(a.Body)
	return a
}

func send(t *testing.T, method, url string, header http.Header, body []byte) answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = header.Clone()
	got, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = got.Body.Close() }()
	raw, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{got.StatusCode, raw, got.Header}
}

type order struct {
	ID       string `json:"id"`
	Status   string `json:"status"`
	Payments []struct {
		OutTradeNo string `json:"out_trade_no"`
		Status     string `json:"status"`
	} `json:"payments"`
}

type payer struct {
	user    sandbox.User
	session string
}

func (b *bench) code(u sandbox.User) string {
	b.t.Helper()
	code, err := b.Sandbox.LoginCode(b.app, u.ID)
	if err != nil {
		b.t.Fatal(err)
	}
	return code
}

func (b *bench) newUser() sandbox.User {
	b.t.Helper()
	b.users++
	u, err := b.Sandbox.CreateUser("payer-" + string(rune('a'+b.users)))
	if err != nil {
		b.t.Fatal(err)
	}
	return u
}

func (b *bench) login(u sandbox.User) payer {
	b.t.Helper()
	var s struct{ Token string }
	b.do(http.MethodPost, "/v1/login/mini-program", "", map[string]string{"app_id": b.app, "code": b.code(u)}).into(b.t, 200, &s)
	return payer{u, s.Token}
}

func (b *bench) order() (o order) {
	b.t.Helper()
	b.do(http.MethodPost, "/v1/orders", b.APIKey, map[string]any{
		"merchant_id": b.merchant, "amount": 1990, "description": "tea",
	}).into(b.t, 201, &o)
	return o
}

type prepaid struct {
	Order  order              `json:"order"`
	Invoke sandbox.Invocation `json:"invoke"`
}

func (b *bench) prepay(o order, p payer) (out prepaid) {
	b.t.Helper()
	b.do(http.MethodPost, "/v1/orders/"+o.ID+"/prepay", p.session, map[string]string{"method": "mini_program"}).into(b.t, 200, &out)
	return out
}

func (b *bench) pay(i sandbox.Invocation, p payer) {
	b.t.Helper()
	id, err := b.Sandbox.CheckInvocation(i)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.Sandbox.Pay(id, p.user.ID, sandbox.PaySuccess); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) get(id, query string) (o order) {
	b.t.Helper()
	b.do(http.MethodGet, "/v1/orders/"+id+query, b.APIKey, nil).into(b.t, 200, &o)
	return o
}

// waitPaid waits for the order, without asking WeChat.
func (b *bench) waitPaid(id string) order {
	b.t.Helper()
	for deadline := time.Now().Add(patience); ; {
		o := b.get(id, "")
		if o.Status == "paid" {
			return o
		}
		if time.Now().After(deadline) {
			b.t.Fatalf("the order is still %s", o.Status)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func (b *bench) fault(match, kind string, times int) {
	b.t.Helper()
	if _, err := b.Sandbox.AddFault(sandbox.Fault{Match: match, Kind: kind, Times: times, Delay: 200 * time.Millisecond}); err != nil {
		b.t.Fatal(err)
	}
}

// waitEvent waits until the shop was told, and returns how often it was.
func (b *bench) waitEvent(id, kind string) []stack.Event {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if _, err := b.Shop.Wait(ctx, id, kind); err != nil {
		b.t.Fatal(err)
	}
	return b.Shop.Events(id, kind)
}
