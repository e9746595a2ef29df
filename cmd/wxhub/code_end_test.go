package main

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"wxhub/wx/sandbox"
)

// codeBound is how long after the charge a payment by code must be decided, on the
// platform's clock.
const codeBound = time.Minute

// Payments by code in every way that they can go, and the process killed while all of them
// are under way: each ends within a minute, and here as it ended at WeChat Pay. The payer of
// one never enters the password.
func TestEveryPaymentByCodeEnds(t *testing.T) {
	t.Parallel() // it waits for the payer who never comes
	platform, configFile := weChat(t)
	payer, err := platform.CreateUser("payer")
	if err != nil {
		t.Fatal(err)
	}
	env := settings(configFile, "127.0.0.1:0", "http://127.0.0.1:1")
	c := serve(t, configFile, env...)
	merchant := platform.Credentials().Merchants[0].ID
	type sale struct {
		order, outcome, code string
		answer               string // to the question for the password
		status               int    // of the prepay
		payment, end         string // the payment's status in the end, and the order's
		begun                time.Time
	}
	sales := []*sale{
		{outcome: "success", status: 200, payment: "paid", end: "paid"},
		{outcome: "password", answer: "success", status: 200, payment: "paid", end: "paid"},
		{outcome: "password", answer: "cancel", status: 200, payment: "closed", end: "pending"},
		{outcome: "password", status: 200, payment: "closed", end: "pending"},
		{outcome: "not_enough", status: 409, payment: "failed", end: "created"},
		{outcome: "bank_error", status: 200, payment: "closed", end: "created"},
		{outcome: "system_error", status: 200, payment: "paid", end: "paid"},
	}
	for _, s := range sales {
		var o struct{ ID string }
		c.call(http.MethodPost, "/v1/orders", apiKey, map[string]any{"merchant_id": merchant, "amount": 990, "description": "tea"}, 201, &o)
		if s.code, err = platform.PayCode(payer.ID, s.outcome); err != nil {
			t.Fatal(err)
		}
		s.order, s.begun = o.ID, time.Now()
		c.call(http.MethodPost, "/v1/orders/"+o.ID+"/prepay", apiKey, map[string]string{"method": "code", "auth_code": s.code}, s.status, nil)
	}
	c.kill()
	for _, s := range sales {
		if s.answer != "" {
			if _, err := platform.AnswerPassword(s.code, s.answer); err != nil {
				t.Fatal(err)
			}
		}
	}
	c = serve(t, configFile, env...)
	final := map[string]bool{"paid": true, "closed": true, "failed": true}
	for _, s := range sales {
		var o struct {
			Status   string
			Payments []struct{ Status string }
		}
		for {
			c.call(http.MethodGet, "/v1/orders/"+s.order, apiKey, nil, 200, &o)
			took := time.Since(s.begun)
			if final[o.Payments[0].Status] {
				t.Logf("%s, %q: %s after %s", s.outcome, s.answer, o.Payments[0].Status, took.Round(time.Second))
				break
			}
			if took > codeBound {
				t.Fatalf("%s, %q: %s after a minute", s.outcome, s.answer, o.Payments[0].Status)
			}
			time.Sleep(100 * time.Millisecond)
		}
		if got := o.Payments[0].Status; len(o.Payments) != 1 || got != s.payment || o.Status != s.end {
			t.Errorf("%s, %q: the payments are %+v and the order is %s", s.outcome, s.answer, o.Payments, o.Status)
		}
	}
	wantTheSameBook(t, platform, c)
}

// wantTheSameBook compares what each order got here and at WeChat Pay.
func wantTheSameBook(t *testing.T, platform *sandbox.Platform, c *child) {
	t.Helper()
	kept := map[string]int64{}
	book := platform.Ledger()
	for _, p := range book.Payments {
		kept[p.OutTradeNo[:26]] += p.Total
	}
	for _, r := range book.Refunds {
		kept[r.OutTradeNo[:26]] -= r.Amount
	}
	var page struct {
		Data []struct {
			ID, Status string
			Amount     int64
		}
	}
	c.call(http.MethodGet, "/v1/orders?limit=100", apiKey, nil, 200, &page)
	for _, o := range page.Data {
		want := int64(0)
		if o.Status == "paid" {
			want = o.Amount
		}
		if kept[o.ID] != want {
			t.Errorf("order %s is %s; WeChat Pay keeps %d fen of it", o.ID, o.Status, kept[o.ID])
		}
	}
}

// The same by APIv2, for a merchant to whom WeChat Pay gives no other: the charge, the
// password, the query and the reversal with the merchant's certificate.
func TestPaymentsByCodeOverAPIv2(t *testing.T) {
	t.Parallel() // it waits until a reversal may be asked for
	platform, configFile := weChat(t)
	payer, err := platform.CreateUser("payer")
	if err != nil {
		t.Fatal(err)
	}
	m := platform.Credentials().Merchants[0]
	env := append(settings(configFile, "127.0.0.1:0", "http://127.0.0.1:1"), "WXHUB_PAY__MERCHANTS__0__CODE_PAY=v2",
		"WXHUB_PAY__MERCHANTS__0__API_V2_KEY="+m.APIv2Key, "WXHUB_PAY__MERCHANTS__0__CERTIFICATE="+certificateOf(t, m.PrivateKeyPEM))
	c := serve(t, configFile, env...)
	for _, s := range []struct{ outcome, answer, payment string }{
		{"success", "", "paid"}, {"password", "success", "paid"}, {"password", "cancel", "closed"}, {"system_error", "", "paid"},
	} {
		var o struct {
			ID       string
			Payments []struct{ Status string }
		}
		c.call(http.MethodPost, "/v1/orders", apiKey, map[string]any{"merchant_id": m.ID, "amount": 990, "description": "tea"}, 201, &o)
		code, err := platform.PayCode(payer.ID, s.outcome)
		if err != nil {
			t.Fatal(err)
		}
		c.call(http.MethodPost, "/v1/orders/"+o.ID+"/prepay", apiKey, map[string]string{"method": "code", "auth_code": code}, 200, nil)
		if s.answer != "" {
			if _, err := platform.AnswerPassword(code, s.answer); err != nil {
				t.Fatal(err)
			}
		}
		for deadline := time.Now().Add(codeBound); ; time.Sleep(50 * time.Millisecond) {
			c.call(http.MethodGet, "/v1/orders/"+o.ID, apiKey, nil, 200, &o)
			if o.Payments[0].Status == s.payment {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("%s, %q: the payment is %s, want %s", s.outcome, s.answer, o.Payments[0].Status, s.payment)
			}
		}
	}
	wantTheSameBook(t, platform, c)
	for _, e := range platform.Log(0) {
		if strings.HasPrefix(e.Path, "/v3/pay/transactions/codepay") {
			t.Error("APIv3 was asked")
		}
	}
}

// certificateOf makes a certificate of a key, as WeChat Pay's certificate tool does.
func certificateOf(t *testing.T, privateKey string) string {
	t.Helper()
	block, _ := pem.Decode([]byte(privateKey))
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	own, ok := key.(*rsa.PrivateKey)
	if !ok {
		t.Fatalf("a %T", key)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &own.PublicKey, own)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}
