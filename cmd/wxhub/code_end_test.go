package main

import (
	"net/http"
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
