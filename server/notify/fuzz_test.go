package notify_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/pay"
	"wxhub/server/edge"
	"wxhub/server/notify"
	"wxhub/server/tasks"
	"wxhub/wx/transport"
	"wxhub/wx/wxpay"
)

const (
	merchantID  = "1900000001"
	apiV3Key    = "0123456789abcdef0123456789abcdef"
	publicKeyID = "PUB_KEY_ID_0119000000012026010100000000000000"
)

// noOrders is a store without orders: no notification can be about one.
type noOrders struct{ pay.Orders }

func (noOrders) Order(context.Context, string) (model.Order, error) {
	return model.Order{}, model.ErrNotFound
}

// FuzzNotifyRoute goes through the real verification: unsigned bytes, signed bytes,
// and a signed envelope around encrypted bytes. Whatever comes, it is refused, in
// WeChat Pay's form, and it is never our fault.
func FuzzNotifyRoute(f *testing.F) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		f.Fatal(err)
	}
	server := newServer(f, key)
	const transaction = `{"mchid":"1900000001","appid":"wx0000000000000001","out_trade_no":"01ARZ3NDEKTSV4RRFFQ69G5FAV01",` +
		`"transaction_id":"4200","trade_state":"SUCCESS","success_time":"2026-01-01T08:00:00+08:00","payer":{"openid":"o"},` +
		`"amount":{"total":990,"payer_total":990,"currency":"CNY","payer_currency":"CNY"}}`
	for _, seed := range []string{``, `{}`, `null`, `[]`, `{"amount":null}`, `{"amount":{"total":1e99}}`, transaction, transaction[:90], "\x00\xff"} {
		for mode := range byte(3) {
			f.Add(merchantID, mode, []byte(seed), "nonce")
		}
	}
	f.Add(merchantID, byte(1), []byte(`{"event_type":"TRANSACTION.SUCCESS","resource":{"algorithm":"AEAD_AES_256_GCM","nonce":"short"}}`), "n")
	f.Add(merchantID, byte(1), []byte(`{"event_type":"TRANSACTION.SUCCESS","resource":{"algorithm":"AEAD_AES_256_GCM","nonce":"fdasflkja484","ciphertext":"AA=="}}`), "n")
	f.Add("..", byte(0), []byte(`{}`), "")
	f.Add("\x00", byte(1), []byte(`{}`), "")

	f.Fuzz(func(t *testing.T, merchant string, mode byte, body []byte, nonce string) {
		unsendable := func(r rune) bool { return r < ' ' || r == 0x7f }
		if strings.ContainsFunc(nonce, unsendable) || strings.TrimSpace(nonce) != nonce || len(nonce)+3*len(merchant) > 8<<10 || len(body) > 100<<10 {
			t.Skip() // no client can put this on the wire, or the size limit has its own test
		}
		if mode%3 == 2 {
			body = sealed(t, body)
		}
		req := httptest.NewRequest(http.MethodPost, "/v1/notify/wechat-pay/"+url.PathEscape(merchant), bytes.NewReader(body))
		req.Header.Set("Wechatpay-Nonce", nonce)
		req.Header.Set("Wechatpay-Serial", publicKeyID)
		if mode%3 > 0 {
			sign(t, req, key, nonce, body)
		}
		resp, err := server.Test(req, -1)
		if err != nil {
			t.Fatalf("no answer: %v", err)
		}
		text, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode < 400 || resp.StatusCode >= 500 || !json.Valid(text) || resp.Header.Get("X-Request-Id") == "" {
			t.Errorf("status %d: %q, %v", resp.StatusCode, text, err)
		}
		// A signature that holds gets past verification, or the fuzzing is worth little.
		if mode%3 > 0 && merchant == merchantID && nonce != "" && resp.StatusCode == http.StatusUnauthorized {
			t.Errorf("the signature was refused: %s", text)
		}
	})
}

// direct is an inbox that keeps nothing.
type direct struct{ handle tasks.Handler }

func (d direct) Do(ctx context.Context, _, _ string, body []byte) error {
	_, err := d.handle(ctx, body)
	return err
}

type tester interface {
	Test(*http.Request, ...int) (*http.Response, error)
}

func newServer(f *testing.F, key *rsa.PrivateKey) tester {
	f.Helper()
	client, err := transport.NewClient(transport.Hosts{})
	if err != nil {
		f.Fatal(err)
	}
	gateway, err := wxpay.New(context.Background(), client, time.Now, []wxpay.Merchant{{
		ID: merchantID, CertSerial: "5157F09EFDC096DE15EBE81A47057A72", PrivateKey: key, APIv3Key: apiV3Key,
		PublicKeyID: publicKeyID, PublicKey: &key.PublicKey,
	}})
	if err != nil {
		f.Fatal(err)
	}
	log, metrics := slog.New(slog.DiscardHandler), edge.NewMetrics()
	app := edge.NewApp(log, metrics)
	service := pay.New(pay.Options{Orders: noOrders{}, WeChat: gateway, Now: time.Now, Log: log})
	notify.Mount(app, edge.NewAPI(app, "test", edge.NewAuth(nil, nil, "")), notify.Options{
		Payments: service, Queue: direct{notify.Handler(service)}, Now: time.Now, Metrics: metrics,
	})
	return app
}

func sign(t *testing.T, req *http.Request, key *rsa.PrivateKey, nonce string, body []byte) {
	t.Helper()
	at := strconv.FormatInt(time.Now().Unix(), 10)
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%s\n", at, nonce, body))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Wechatpay-Timestamp", at)
	req.Header.Set("Wechatpay-Signature", base64.StdEncoding.EncodeToString(signature))
}

// sealed is a notification with an encrypted resource.
func sealed(t *testing.T, plain []byte) []byte {
	t.Helper()
	block, err := aes.NewCipher([]byte(apiV3Key))
	if err != nil {
		t.Fatal(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	const nonce, data = "fdasflkja484", "transaction"
	text, err := json.Marshal(map[string]any{
		"id": "n", "event_type": "TRANSACTION.SUCCESS", "resource_type": "encrypt-resource", "resource": map[string]string{
			"original_type": "transaction", "algorithm": "AEAD_AES_256_GCM", "nonce": nonce, "associated_data": data,
			"ciphertext": base64.StdEncoding.EncodeToString(aead.Seal(nil, []byte(nonce), plain, []byte(data))),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return text
}
