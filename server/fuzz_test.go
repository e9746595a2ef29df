package server_test

import (
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
	"net/http"
	"net/url"
	"strconv"
	"testing"
	"time"

	"wxhub/wx/transport"
	"wxhub/wx/wxpay"
)

const (
	apiV3Key    = "0123456789abcdef0123456789abcdef"
	publicKeyID = "PUB_KEY_ID_0119000000012026010100000000000000"
)

// wantNoFault is what holds for any input: an answer of ours, and never our fault.
func wantNoFault(t *testing.T, w *world, a answer) {
	t.Helper()
	if a.Status >= 500 || a.Header.Get("X-Request-Id") == "" {
		t.Errorf("status %d: %s\n%s", a.Status, a.Body, w.log.lines(a.Header.Get("X-Request-Id")))
	}
	if len(a.Body) > 0 && !json.Valid(a.Body) {
		t.Errorf("not JSON: %q", a.Body)
	}
	w.log.forget()
}

func (b *logBook) forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.buf.Reset()
}

func FuzzLoginBody(f *testing.F) {
	for _, seed := range []string{
		``, `{}`, `null`, `[]`, `{"app_id":"wx0000000000000001","code":"alice-1"}`, `{"app_id":"wx0000000000000001","code":"nobody"}`,
		`{"app_id":"wx-oa","code":"a"}`, `{"app_id":1,"code":[]}`, `{"code":"a","code":"b"}`, `{"APP_ID":"x"}`, "{\"code\":\"\xff\"}",
		`{"code":"\ud800"}`, `{"code":1e400}`, `{"":{"":{"":[[[]]]}}}`, `{"app_id":"wx0000000000000001","code":"alice-1"}x`, "\x00", "\ufeff{}",
	} {
		f.Add([]byte(seed), "application/json")
	}
	f.Add([]byte(`{}`), "text/plain")
	f.Add([]byte(`{}`), "application/json; charset=gbk")
	f.Add([]byte(`{}`), "+;")
	w := newWorld(f)
	f.Fuzz(func(t *testing.T, body []byte, contentType string) {
		if !sendable(contentType) || len(body) > 200<<10 {
			t.Skip()
		}
		a := w.post(t, "/v1/login/mini-program", "", string(body), "Content-Type: "+contentType)
		wantNoFault(t, w, a)
		if a.Status == http.StatusOK && !json.Valid(body) {
			t.Errorf("%q logged somebody in", body)
		}
	})
}

// FuzzNotifyRoute goes through the real verification: unsigned bytes, signed bytes,
// and a signed envelope around encrypted bytes.
func FuzzNotifyRoute(f *testing.F) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		f.Fatal(err)
	}
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
	const transaction = `{"mchid":"1900000001","appid":"wx0000000000000001","out_trade_no":"01ARZ3NDEKTSV4RRFFQ69G5FAV01",` +
		`"transaction_id":"4200","trade_state":"SUCCESS","success_time":"2026-01-01T08:00:00+08:00","payer":{"openid":"o"},` +
		`"amount":{"total":990,"payer_total":990,"currency":"CNY","payer_currency":"CNY"}}`
	for _, seed := range []string{``, `{}`, `null`, `[]`, `{"amount":null}`, `{"amount":{"total":1e99}}`, transaction, transaction[:90], "\x00\xff"} {
		for mode := range byte(3) {
			f.Add(merchantID, mode, []byte(seed), "nonce")
		}
	}
	f.Add("..", byte(0), []byte(`{}`), "")
	f.Add("", byte(1), []byte(`{}`), "")
	w := newWorld(f, func(s *setup) { s.Pay = gateway })
	f.Fuzz(func(t *testing.T, merchant string, mode byte, body []byte, nonce string) {
		if !sendable(nonce) || len(body) > 100<<10 || len(merchant) > 4<<10 {
			t.Skip()
		}
		headers := []string{"Wechatpay-Nonce: " + nonce, "Wechatpay-Serial: " + publicKeyID}
		if mode%3 == 2 {
			body = sealed(t, body)
		}
		if mode%3 > 0 {
			headers = append(headers, signed(t, key, nonce, body)...)
		}
		a := w.post(t, "/v1/notify/wechat-pay/"+url.PathEscape(merchant), "", string(body), headers...)
		wantNoFault(t, w, a)
		if a.Status < 400 {
			t.Errorf("status %d for a payment that never was", a.Status)
		}
	})
}

// sendable tells whether a Go client puts the text into a header as it is.
func sendable(header string) bool {
	for _, b := range []byte(header) {
		if b < ' ' || b == 0x7f {
			return false
		}
	}
	return len(header) < 4<<10
}

func signed(t *testing.T, key *rsa.PrivateKey, nonce string, body []byte) []string {
	t.Helper()
	at := strconv.FormatInt(time.Now().Unix(), 10)
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%s\n", at, nonce, body))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return []string{"Wechatpay-Timestamp: " + at, "Wechatpay-Signature: " + base64.StdEncoding.EncodeToString(signature)}
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
