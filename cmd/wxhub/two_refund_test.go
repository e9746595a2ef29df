package main

import (
	"bytes"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"wxhub/wx/sandbox"
)

// Twenty refunds of one payment at once, through two processes: as many are taken as the
// payment covers, and WeChat Pay never gives back more.
func TestTwoProcessesNeverRefundMoreThanWasPaid(t *testing.T) {
	platform, children := pair(t)
	payer, err := platform.CreateUser("payer")
	if err != nil {
		t.Fatal(err)
	}
	const amount, part, tries = 990, 100, 20
	var o struct{ ID, Status string }
	children[0].call(http.MethodPost, "/v1/orders", apiKey, map[string]any{
		"merchant_id": platform.Credentials().Merchants[0].ID, "amount": amount, "description": "tea",
	}, 201, &o)
	var p struct {
		Invoke struct {
			CodeURL string `json:"code_url"`
		}
	}
	children[0].call(http.MethodPost, "/v1/orders/"+o.ID+"/prepay", apiKey, map[string]string{"method": "native"}, 200, &p)
	if _, err := platform.Pay(p.Invoke.CodeURL, payer.ID, sandbox.PaySuccess); err != nil {
		t.Fatal(err)
	}
	children[1].call(http.MethodGet, "/v1/orders/"+o.ID+"?refresh=true", apiKey, nil, 200, &o)
	if o.Status != "paid" {
		t.Fatalf("the order is %s", o.Status)
	}

	statuses := make([]int, tries)
	client := &http.Client{Timeout: patience}
	begin := make(chan struct{})
	var all sync.WaitGroup
	for i := range statuses {
		all.Go(func() {
			<-begin
			body := bytes.NewReader(fmt.Appendf(nil, `{"amount":%d}`, part))
			r, err := http.NewRequest(http.MethodPost, children[i%2].url+"/v1/orders/"+o.ID+"/refunds", body)
			if err != nil {
				t.Error(err)
				return
			}
			r.Header.Set("Authorization", "Bearer "+apiKey)
			r.Header.Set("Content-Type", "application/json")
			answer, err := client.Do(r)
			if err != nil {
				t.Error(err)
				return
			}
			statuses[i] = answer.StatusCode
			_ = answer.Body.Close() // nothing of it is read
		})
	}
	close(begin)
	all.Wait()
	taken, refused := 0, 0
	for _, status := range statuses {
		switch status {
		case http.StatusCreated:
			taken++
		case http.StatusConflict:
			refused++
		}
	}
	if taken != amount/part || taken+refused != tries {
		t.Errorf("%d taken and %d refused of %d: %v", taken, refused, tries, statuses)
	}
	given := int64(0)
	for range tries { // WeChat Pay takes one a minute; the sweep goes on with the others
		if _, err := platform.AdvanceClock(2 * time.Minute); err != nil {
			t.Fatal(err)
		}
		given = 0
		for _, r := range platform.Ledger().Refunds {
			given += r.Amount
		}
		if given > amount {
			t.Fatalf("%d fen given back of %d", given, amount)
		}
	}
	if given == 0 {
		t.Error("nothing was given back")
	}
}
