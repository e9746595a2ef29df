package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wxhub/wx/sandbox"
)

// TestKeysChangeUnderLoad: WeChat Pay goes over from a certificate to the next one and then,
// step by step, to its public key, while payments go on through two processes without a pause.
// Nothing goes wrong otherwise, so every call must succeed at once and every notification
// be taken the first time: what is genuine is never refused.
func TestKeysChangeUnderLoad(t *testing.T) {
	t.Parallel() // half of its time it waits
	c := newChaos(t)
	partner := func(mode string, percent int) {
		if _, err := c.platform.SetVerification(sandbox.DefaultPartner, mode, percent); err != nil {
			t.Fatal(err)
		}
	}
	partner(sandbox.VerifyCertificate, 0)
	before := c.platform.Log(0)
	start := before[len(before)-1].Seq
	var paid atomic.Int64
	over := make(chan struct{})
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			for {
				select {
				case <-over:
					return
				default:
				}
				if !c.paysAtOnce(c.payers[i]) {
					return
				}
				paid.Add(1)
			}
		})
	}
	// goOn lets payments be made under the keys as they are now.
	goOn := func(what string) {
		from := paid.Load()
		within(t, "payments after "+what, func() bool { return paid.Load() >= from+15 || t.Failed() })
	}
	goOn("the first certificate")
	time.Sleep(5 * time.Second) // on the platform days lie between; a process looks for new certificates at most this often
	for _, step := range []string{sandbox.RotateAdd, sandbox.RotateSwitch, sandbox.RotateRemove} {
		if _, err := c.platform.RotateCertificate(sandbox.DefaultPartner, step); err != nil {
			t.Fatal(err)
		}
		goOn("rotation: " + step)
	}
	for _, percent := range []int{99, 95, 90, 80, 50, 0, 50, 0} { // and back once, as the platform says that it may
		partner(sandbox.VerifyBoth, percent)
		goOn(fmt.Sprint(percent, " % by certificate"))
	}
	partner(sandbox.VerifyPublicKey, 0)
	goOn("the public key alone")
	close(over)
	all.Wait()

	within(t, "the books agree", func() bool { return len(c.compare()) == 0 })
	sent := 0
	for _, e := range c.platform.Log(start) {
		if e.Direction != sandbox.DirectionNotification {
			continue
		}
		sent++
		if e.Status != http.StatusNoContent || e.Attempt != 1 {
			t.Errorf("a genuine notification was refused: %+v", e)
		}
	}
	if int64(sent) < paid.Load() {
		t.Errorf("%d notifications of %d payments", sent, paid.Load())
	}
	t.Logf("%d payments, %d notifications", paid.Load(), sent)
}

// paysAtOnce sells something through the service provider; no call is made twice.
func (c *chaos) paysAtOnce(p *payer) bool {
	var o struct{ ID string }
	var pre struct {
		Invoke struct {
			CodeURL string `json:"code_url"`
		}
	}
	ok := c.once("/v1/orders", http.StatusCreated, map[string]any{
		"merchant_id": sandbox.DefaultPartner, "sub_merchant_id": sandbox.DefaultPlainSubMerchant, "amount": 990, "description": "tea",
	}, &o) && c.once("/v1/orders/"+o.ID+"/prepay", http.StatusOK, map[string]string{"method": "native"}, &pre)
	if !ok {
		return false
	}
	if _, err := c.platform.Pay(pre.Invoke.CodeURL, p.visitor.User.ID, sandbox.PaySuccess); err != nil {
		c.t.Error(err)
		return false
	}
	return true
}

// once makes a call that has one chance.
func (c *chaos) once(path string, want int, body, out any) bool {
	text, err := json.Marshal(body)
	if err != nil {
		c.t.Error(err)
		return false
	}
	r, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, c.url+path, bytes.NewReader(text))
	if err != nil {
		c.t.Error(err)
		return false
	}
	r.Header.Set("Authorization", "Bearer "+apiKey)
	r.Header.Set("Content-Type", "application/json")
	answer, err := c.client.Do(r)
	if err != nil {
		c.t.Error(err)
		return false
	}
	defer func() { _ = answer.Body.Close() }()
	raw, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != want {
		err = fmt.Errorf("%d %s", answer.StatusCode, raw)
	}
	if err == nil {
		err = json.Unmarshal(raw, out)
	}
	if err != nil {
		c.t.Errorf("POST %s: %v", path, err)
	}
	return err == nil
}
