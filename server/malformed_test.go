package server_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	_ "modernc.org/sqlite"
)

// mark stands in submitted values: no answer and no log line may repeat it.
const mark = "s3cr3t"

// malformed is one request that must be refused, and how.
type malformed struct {
	name    string
	method  string // "" is POST when there is a body, else GET
	path    string
	who     string // "alice", "bob", "orders", "users" or "" for nobody
	body    string
	headers []string
	status  int
	code    string // "FAIL" is WeChat Pay's form of a refusal
}

// refuses sends every row to one server and checks that each is refused in the
// promised form, says nothing of what was sent, and leaves no trace in the stores.
func refuses(t *testing.T, rows []malformed) {
	t.Helper()
	w := newWorld(t)
	tokens := map[string]string{
		"": "", "orders": ordersKey, "users": usersKey, "tokens": tokensKey, "merchants": merchantsKey,
		"alice": w.login(t, "alice").Token, "bob": w.login(t, "bob").Token,
	}
	order := w.create(t, orderBody)
	look := w.fingerprint(t)
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			before := look()
			if r.method == "" && r.body != "" {
				r.method = "POST"
			}
			path := strings.NewReplacer("{order}", order.ID, "{ORDER}", strings.ToLower(order.ID)).Replace(r.path)
			a := w.call(t, r.method, path, tokens[r.who], r.body, r.headers...)
			checkRefusal(t, a, r.status, r.code)
			if after := look(); after != before {
				t.Errorf("the request left a trace:\nbefore %s\nafter  %s", before, after)
			}
		})
	}
	for _, sign := range []string{mark, "panic", `"level":"ERROR"`} {
		if lines := w.log.lines(sign); len(lines) > 0 {
			t.Errorf("%q in the log: %s", sign, lines[0])
		}
	}
	t.Logf("%d malformed requests", len(rows))
}

func checkRefusal(t *testing.T, a answer, status int, code string) {
	t.Helper()
	switch {
	case status < 400 || status > 499:
		t.Fatalf("the row expects status %d", status)
	case a.request.Method == "HEAD":
		if a.Status != status || a.Header.Get("X-Request-Id") == "" {
			t.Errorf("status %d, header %v", a.Status, a.Header)
		}
	case code == "FAIL":
		f := decode[map[string]string](t, a, status)
		if len(f) != 2 || f["code"] != "FAIL" || f["message"] == "" || a.Header.Get("X-Request-Id") == "" {
			t.Errorf("got %s", a.Body)
		}
	default:
		wantProblem(t, a, status, code)
	}
	if a.Header.Get("Location") != "" || a.Header.Get("Set-Cookie") != "" {
		t.Errorf("a refusal sends the browser on: %v", a.Header)
	}
	if status == 401 && code != "FAIL" && a.Header.Get("WWW-Authenticate") == "" {
		t.Error("no WWW-Authenticate")
	}
	if strings.Contains(string(a.Body), mark) || len(a.Body) > 8<<10 {
		t.Errorf("the answer repeats what was sent: %.300s", a.Body)
	}
}

// fingerprint returns a function that tells whether anything was written meanwhile:
// SQLite counts the commits of other connections, Redis is small enough to read.
func (w *world) fingerprint(t *testing.T) func() string {
	t.Helper()
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: w.file, RawQuery: "mode=ro"}).String())
	if err != nil {
		t.Fatal(err)
	}
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(); _ = db.Close() })
	return func() string {
		var commits int64
		if err := conn.QueryRowContext(t.Context(), "PRAGMA data_version").Scan(&commits); err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(commits, w.redisDump(t))
	}
}

// redisDump is everything that Redis holds, sorted.
func (w *world) redisDump(t testing.TB) []string {
	t.Helper()
	ctx := context.Background()
	keys, err := w.redis.Client().Keys(ctx, "*").Result()
	if err != nil {
		t.Fatal(err)
	}
	for i, k := range keys {
		v, err := w.redis.Client().Get(ctx, k).Result()
		if err != nil {
			t.Fatal(err)
		}
		keys[i] = k + "=" + v
	}
	slices.Sort(keys)
	return keys
}

func TestFingerprintSeesAWrite(t *testing.T) {
	w := newWorld(t)
	look := w.fingerprint(t)
	before := look()
	w.create(t, orderBody)
	created := look()
	w.login(t, "alice")
	if before == created || created == look() {
		t.Error("a write was not seen")
	}
}

// A body of thousands of unknown fields is answered with a few lines, not with itself.
func TestProblemIsSmallHoweverManyFaults(t *testing.T) {
	w := newWorld(t)
	var body strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&body, `,"%s%d":1`, strings.Repeat("x", 30), i)
	}
	p := wantProblem(t, w.post(t, "/v1/orders", ordersKey, `{"amount":1`+body.String()+`}`), 422, "invalid_input")
	if len(p.Errors) != 20 {
		t.Errorf("%d faults named", len(p.Errors))
	}
	long := fmt.Sprintf(`{"amount":1,"%s":1}`, strings.Repeat("x", 10_000))
	p = wantProblem(t, w.post(t, "/v1/orders", ordersKey, long), 422, "invalid_input")
	if text, _ := json.Marshal(p); len(text) > 1000 {
		t.Errorf("%d bytes of answer", len(text))
	}
}
