package main

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// till is WeChat Pay's APIv2 for payers' codes, as far as one test needs it. Every payer is
// asked for a password.
type till struct {
	mu       sync.Mutex
	states   map[string]string // by out_trade_no
	fees     map[string]string
	reversed chan string // out_trade_no
}

const tillKey = "0123456789abcdef0123456789abcdef"

func (w *till) set(number, state string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.states[number] = state
}

func (w *till) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	var asked struct {
		AppID  string `xml:"appid"`
		MchID  string `xml:"mch_id"`
		Number string `xml:"out_trade_no"`
		Fee    string `xml:"total_fee"`
	}
	raw, _ := io.ReadAll(r.Body) // what did not arrive cannot be read
	if err := xml.Unmarshal(raw, &asked); err != nil {
		http.Error(out, "not XML", http.StatusBadRequest)
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	says := map[string]string{"return_code": "SUCCESS", "result_code": "SUCCESS", "appid": asked.AppID, "mch_id": asked.MchID, "out_trade_no": asked.Number}
	switch state := w.states[asked.Number]; r.URL.Path {
	case "/pay/micropay":
		w.states[asked.Number], w.fees[asked.Number] = "USERPAYING", asked.Fee
		says["result_code"], says["err_code"] = "FAIL", "USERPAYING"
	case "/pay/orderquery":
		says["trade_state"] = state
		if state == "SUCCESS" {
			maps.Copy(says, map[string]string{"transaction_id": "4200" + asked.Number, "total_fee": w.fees[asked.Number], "time_end": "20260301200001"})
		}
	case "/secapi/pay/reverse":
		w.states[asked.Number], says["recall"] = "REVOKED", "N"
		defer func() { w.reversed <- asked.Number }()
	}
	text := ""
	for _, name := range slices.Sorted(maps.Keys(says)) {
		text += name + "=" + says[name] + "&"
	}
	mac := hmac.New(sha256.New, []byte(tillKey))
	mac.Write([]byte(text + "key=" + tillKey))
	says["sign"] = strings.ToUpper(hex.EncodeToString(mac.Sum(nil)))
	body := "<xml>"
	for name, value := range says {
		body += "<" + name + "><![CDATA[" + value + "]]></" + name + ">"
	}
	_, _ = io.WriteString(out, body+"</xml>") // a client that is gone is no fault of this one
}

// tillConfig is a merchant whose codes are charged at the till, in a file.
func tillConfig(t *testing.T, url string) (configFile string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, text := range map[string]string{
		"key.pem":  string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})),
		"cert.pem": string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})),
		"config.yaml": fmt.Sprintf(`
wechat:
  endpoints: {api: %[1]q, open: %[1]q, mch: %[1]q}
  apps: [{id: wx0000000000000001, kind: mini_program, secret: s}]
pay:
  merchants:
    - {id: "1900000001", api_v3_key: %[2]s, api_v2_key: %[2]s, cert_serial: ABCDEF01, private_key: "file:key.pem", certificate: "file:cert.pem", code_pay: v2}
jobs: {order_sweep_interval: 1h}
`, url, tillKey),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "config.yaml")
}

// Two payers are entering their passwords when the power goes out. After the restart one
// payment is found to be made, and the other, which failed, is taken back.
func TestKilledWhilePayersEnterTheirPasswords(t *testing.T) {
	t.Parallel()
	platform := &till{states: map[string]string{}, fees: map[string]string{}, reversed: make(chan string, 10)}
	server := httptest.NewServer(platform)
	t.Cleanup(server.Close)
	configFile := tillConfig(t, server.URL)
	env := settings(configFile, "127.0.0.1:0", "http://127.0.0.1:1")
	c := serve(t, configFile, env...)
	orders := map[string]string{} // by code, their ids
	for _, code := range []string{"134567890123456789", "101234567890123456"} {
		var o struct{ ID string }
		c.call(http.MethodPost, "/v1/orders", apiKey, map[string]any{"merchant_id": "1900000001", "amount": 990, "description": "tea"}, 201, &o)
		var p struct{ Payment struct{ Status string } }
		c.call(http.MethodPost, "/v1/orders/"+o.ID+"/prepay", apiKey, map[string]string{"method": "code", "auth_code": code}, 200, &p)
		if p.Payment.Status != "pending" {
			t.Fatalf("the payment is %s", p.Payment.Status)
		}
		orders[code] = o.ID
	}
	c.kill()
	made, failed := orders["134567890123456789"], orders["101234567890123456"]
	platform.set(made+"01", "SUCCESS")
	platform.set(failed+"01", "PAYERROR")

	c = serve(t, configFile, env...)
	select {
	case number := <-platform.reversed:
		if number != failed+"01" {
			t.Fatalf("%s was taken back", number)
		}
	case <-time.After(patience):
		t.Fatalf("nothing was taken back:\n%s", c.output)
	}
	for id, want := range map[string]string{made: "paid", failed: "closed"} {
		if got := c.endOf(id); got != want {
			t.Errorf("the payment is %s, want %s", got, want)
		}
	}
	for code := range orders {
		if strings.Contains(c.output.String(), code) {
			t.Error("a payer's code is in the log")
		}
	}
}

// endOf is how the only payment of an order ends.
func (c *child) endOf(order string) (status string) {
	c.t.Helper()
	within(c.t, "the end of a payment", func() bool {
		var o struct{ Payments []struct{ Status string } }
		c.call(http.MethodGet, "/v1/orders/"+order, apiKey, nil, 200, &o)
		status = o.Payments[0].Status
		return status != "pending" && status != "reversing"
	})
	return status
}
