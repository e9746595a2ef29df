package push_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"wxhub/server/edge"
	"wxhub/server/push"
	"wxhub/wx"
	wxpush "wxhub/wx/push"
)

// kept counts what gets past verification: tasks and nonces.
type kept struct{ tasks, nonces int }

func (k *kept) Add(context.Context, string, string, []byte) (bool, error) {
	k.tasks++
	return true, nil
}

func (k *kept) ClaimNonce(_ context.Context, _, by string, _ time.Duration) (string, bool, error) {
	k.nonces++
	return by, true, nil
}

// FuzzCallback sends any query and body through the route: as they are, with the query
// signed, and with the body sealed, too. Nothing is our fault, and nothing is kept of
// what does not carry a signature made with the token.
func FuzzCallback(f *testing.F) {
	receiver, err := wxpush.New([]wx.PushSettings{
		{AppID: plainApp, Token: pushToken, Now: time.Now}, {AppID: safeApp, Token: pushToken, AESKey: aesKey, Now: time.Now},
	})
	if err != nil {
		f.Fatal(err)
	}
	k, log, metrics := &kept{}, slog.New(slog.DiscardHandler), edge.NewMetrics()
	server := edge.NewApp(log, metrics)
	push.Mount(server, edge.NewAPI(server, "test", edge.NewAuth(nil, nil, "")), push.Options{
		Opener: receiver, DedupKey: wxpush.DedupKey, Nonces: k, Queue: k, Metrics: metrics, Log: log,
	})
	for mode := range byte(4) {
		for _, body := range []string{
			"", "<xml/>", "{}", "[]", text("alice", "1"), textJSON("alice", "1"), event("alice", "subscribe", ""), text("alice", "1")[:60],
			`<!DOCTYPE xml [<!ENTITY a "b">]><xml>&a;</xml>`, "<xml>" + strings.Repeat("<a>", 100), strings.Repeat("[", 100), "\x00\xff", "<xml><Encrypt>AAAA</Encrypt></xml>", `{"Encrypt":"AAAA"}`,
		} {
			f.Add(mode, "", body)
		}
		f.Add(mode, "signature="+strings.Repeat("0", 40)+"&timestamp=1714112445&nonce=1&echostr=x", text("alice", "1"))
		f.Add(mode, "encrypt_type=aes&msg_signature=x", text("alice", "1"))
		f.Add(mode, "signature=a&signature=b;c=%zz", text("alice", "1"))
		f.Add(mode, plain("").query.Encode(), text("alice", "1"))
	}
	f.Fuzz(func(t *testing.T, mode byte, query, body string) {
		if strings.ContainsFunc(query, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '#' }) || len(query) > 8<<10 || len(body) > 200<<10 {
			t.Skip() // no client can put this on the wire, or the size limit has its own test
		}
		app, method := plainApp, http.MethodPost
		switch mode % 4 {
		case 1: // signed, around whatever it is
			query = strings.Trim(query+"&"+signed(time.Now(), pushToken).Encode(), "&")
		case 2: // sealed
			app = safeApp
			d := sealed(safeApp, body, inXML)
			query, body = strings.Trim(query+"&"+d.query.Encode(), "&"), d.body
		case 3:
			method = http.MethodGet
		}
		req := httptest.NewRequest(method, "/v1/wechat/"+app+"/callback?"+query, bytes.NewReader([]byte(body)))
		before := *k
		resp, err := server.Test(req, -1)
		if err != nil {
			t.Fatalf("no answer: %v", err)
		}
		answer, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode >= 500 || resp.Header.Get("X-Request-Id") == "" {
			t.Errorf("status %d: %q, %v", resp.StatusCode, answer, err)
		}
		accepted := resp.StatusCode == 200
		if accepted && method == http.MethodGet && resp.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Error("an echo that a browser may take for a page")
		}
		if changed := *k != before; changed != (accepted && method == http.MethodPost) || changed && string(answer) != "success" {
			t.Errorf("status %d, %+v after %+v", resp.StatusCode, *k, before)
		}
		if accepted && !verified(query) {
			t.Errorf("accepted without a signature: %s", query)
		}
	})
}

// verified is the judgement of these tests, by WeChat's documentation.
func verified(query string) bool {
	q, err := url.ParseQuery(query)
	if err != nil || len(q["signature"]) != 1 || len(q["timestamp"]) != 1 || len(q["nonce"]) != 1 {
		return false
	}
	at, err := strconv.ParseInt(q.Get("timestamp"), 10, 64)
	fresh := time.Since(time.Unix(at, 0)).Abs() < 6*time.Minute
	return err == nil && fresh && q.Get("signature") == sign(pushToken, q.Get("timestamp"), q.Get("nonce"))
}
