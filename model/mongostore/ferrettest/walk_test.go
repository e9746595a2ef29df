package ferrettest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"wxhub/cmd/wxdemo/stack"
	"wxhub/wx/sandbox"
)

// The whole server, with its jobs, on MongoDB's protocol: log in, order, pay, be told.
func TestTheMainJobOnMongoDB(t *testing.T) {
	s, err := stack.Start(t.Context(), stack.Options{
		Dir: t.TempDir(), Version: "test", Log: slog.New(slog.DiscardHandler),
		Env: []string{"WXHUB_STORE__URL=" + start(t) + "?maxPoolSize=1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	merchant := s.Sandbox.Credentials().Merchants[0]
	u, err := s.Sandbox.CreateUser("payer")
	if err != nil {
		t.Fatal(err)
	}
	code, err := s.Sandbox.LoginCode(merchant.AppIDs[0], u.ID)
	if err != nil {
		t.Fatal(err)
	}
	var session struct{ Token string }
	call(t, http.MethodPost, s.URL+"/v1/login/mini-program", "", map[string]any{"app_id": merchant.AppIDs[0], "code": code}, &session)
	var order struct{ ID, Status string }
	call(t, http.MethodPost, s.URL+"/v1/orders", s.APIKey, map[string]any{"merchant_id": merchant.ID, "amount": 990, "description": "tea"}, &order)
	var prepaid struct{ Invoke sandbox.Invocation }
	call(t, http.MethodPost, s.URL+"/v1/orders/"+order.ID+"/prepay", session.Token, map[string]any{"method": "mini_program"}, &prepaid)
	prepayID, err := s.Sandbox.CheckInvocation(prepaid.Invoke)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Sandbox.Pay(prepayID, u.ID, sandbox.PaySuccess); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, err := s.Shop.Wait(ctx, order.ID, "order.paid"); err != nil {
		t.Fatal(err)
	}
	call(t, http.MethodGet, s.URL+"/v1/orders/"+order.ID, session.Token, nil, &order)
	if order.Status != "paid" {
		t.Errorf("the order is %s", order.Status)
	}
}

// call makes one call that must succeed.
func call(t *testing.T, method, url, bearer string, body, out any) {
	t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	if body == nil {
		raw = nil
	}
	req, err := http.NewRequest(method, url, bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+bearer)
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode > 299 {
		t.Fatalf("%s %s: %d %s %v", method, url, answer.StatusCode, text, err)
	}
	if err := json.Unmarshal(text, out); err != nil {
		t.Fatal(err)
	}
}
