package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"wxhub/wx/sandbox"
)

// ask is a call of a client that does not give up: the same request again until there is
// an answer that is not a fault. It returns 0 when there is none in time.
func (c *chaos) ask(method, path, bearer, key string, body, out any) int {
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			c.t.Error(err)
			return 0
		}
	}
	for deadline := time.Now().Add(2 * patience); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		r, err := http.NewRequestWithContext(c.t.Context(), method, c.url+path, bytes.NewReader(text))
		if err != nil {
			c.t.Error(err)
			return 0
		}
		r.Header.Set("Authorization", "Bearer "+bearer)
		r.Header.Set("Content-Type", "application/json")
		if key != "" {
			r.Header.Set("Idempotency-Key", key)
		}
		answer, err := c.client.Do(r)
		if err != nil {
			continue
		}
		raw, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close() // read to its end or broken
		if err != nil || answer.StatusCode >= 500 || answer.StatusCode == http.StatusTooManyRequests {
			continue
		}
		if out != nil && len(raw) > 0 {
			if err := json.Unmarshal(raw, out); err != nil {
				c.t.Errorf("%s %s: %v", method, path, err)
			}
		}
		return answer.StatusCode
	}
	c.t.Errorf("no answer to %s %s", method, path)
	return 0
}

// sale is one plan while it is played.
type sale struct {
	*chaos
	plan

	payer *payer
	ids   []string // of the orders
	id    string   // of the first
	path  string   // of what is paid: the order, or all of them together
	step  int      // requests made so far, by the goroutine that plays it
}

// call makes one request of the sale; the disaster of its plan may strike meanwhile.
func (s *sale) call(method, path, bearer, key string, body, out any) int {
	if s.step == s.at {
		s.strikes(s.plan)
	}
	s.step++
	return s.ask(method, path, bearer, key, body, out)
}

// unexpected reports an answer that no fault explains.
func (s *sale) unexpected(what string, status int, answer any) {
	s.t.Errorf("%s answered %d %+v; order %s of %+v\n%s", what, status, answer, s.id, s.plan, s.timeline(s.id))
}

func (s *sale) play() {
	for _, f := range s.faults {
		if _, err := s.platform.AddFault(f); err != nil {
			s.t.Error(err)
			return
		}
		s.count(f.Match + " " + f.Kind)
	}
	body := map[string]any{"merchant_id": s.channel.merchant, "amount": s.amount, "description": "tea"}
	if s.channel.sub != "" {
		body["sub_merchant_id"] = s.channel.sub
	}
	if s.channel.app != "" {
		body["user_id"] = s.payer.ids[s.channel.app]
	}
	if s.act == actLeaves {
		body["expires_in"] = 60
	}
	for i := range s.together {
		var o struct{ ID string }
		if status := s.call(http.MethodPost, "/v1/orders", apiKey, fmt.Sprint("sale-", s.number, "-", i), body, &o); status != http.StatusCreated {
			s.unexpected("the order", status, o)
			return
		}
		s.ids = append(s.ids, o.ID)
	}
	s.id, s.path = s.ids[0], "/v1/orders/"+s.ids[0]
	switch {
	case s.together > 1:
		s.count(fmt.Sprintf("%d together: %s", s.together, s.act))
		if !s.combine() {
			return
		}
		s.byPhone()
	case s.channel.method == "code":
		s.count("code " + s.fate.outcome + " " + s.fate.answer)
		s.byCode()
	default:
		s.count(s.act)
		s.byPhone()
	}
	s.giveBack()
}

// combine lets the orders be paid together. Whatever is opened or closed from here on is the
// whole, but for the second channel of actTwice, which opens a payment of the first alone.
func (s *sale) combine() bool {
	var c struct{ ID string }
	if status := s.call(http.MethodPost, "/v1/combined-orders", apiKey, fmt.Sprint("together-", s.number), map[string]any{"orders": s.ids}, &c); status != http.StatusCreated {
		s.unexpected("the combined order", status, c)
		return false
	}
	s.path = "/v1/combined-orders/" + c.ID
	return true
}

// prepaid is what a prepay answers, or a problem.
type prepaid struct {
	Code   string // of a problem
	Detail string
	Order  struct{ Status string }
	Invoke json.RawMessage
}

// prepayBody asks for a payment by a channel.
func prepayBody(ch channel) map[string]string {
	body := map[string]string{"method": ch.method}
	if ch.app != "" {
		body["app_id"] = ch.app
	}
	if ch.method == "h5" {
		body["client_ip"] = "203.0.113.7"
	}
	return body
}

// prepay opens a payment; the payer whose session went with Redis logs in anew.
func (s *sale) prepay(path string, ch channel) (prepaid, int) {
	bearer := apiKey
	if s.by && ch.login {
		bearer = s.payer.token(ch.app)
	}
	for {
		var p prepaid
		status := s.call(http.MethodPost, path+"/prepay", bearer, "", prepayBody(ch), &p)
		if status != http.StatusUnauthorized || bearer == apiKey {
			return p, status
		}
		s.count("logged in anew")
		var err error
		if bearer, err = s.payer.login(s.t, ch.app); err != nil {
			s.t.Error(err)
			return p, 0
		}
	}
}

// opened is prepay where nothing but faults stands against it.
func (s *sale) opened(ch channel) (given string, ok bool) {
	p, status := s.prepay(s.path, ch)
	if status != http.StatusOK {
		s.unexpected("the prepay", status, p)
		return "", false
	}
	return s.given(ch, p)
}

// given is what the phone pays with, after it has verified what it was handed.
func (s *sale) given(ch channel, p prepaid) (string, bool) {
	var urls struct {
		CodeURL string `json:"code_url"`
		H5URL   string `json:"h5_url"`
	}
	var page sandbox.Invocation
	var app sandbox.AppInvocation
	for _, into := range []any{&urls, &page, &app} {
		if err := json.Unmarshal(p.Invoke, into); err != nil {
			s.t.Error(err)
			return "", false
		}
	}
	given, err := urls.CodeURL+urls.H5URL, error(nil)
	switch ch.method {
	case "app":
		given, err = s.platform.CheckAppInvocation(app)
	case "mini_program", "official_account":
		given, err = s.platform.CheckInvocation(page)
	}
	if err != nil {
		s.t.Errorf("the phone refuses %s: %v", p.Invoke, err)
		return "", false
	}
	return given, true
}

// pays is the payer's confirmation. That the phone refuses it is part of the game.
func (s *sale) pays(given, result string) {
	if _, err := s.platform.Pay(given, s.payer.visitor.User.ID, result); err != nil {
		s.count("the phone refused")
	}
}

func (s *sale) byPhone() {
	if s.act == actRepeats {
		s.repeats()
		return
	}
	given, ok := s.opened(s.channel)
	if !ok {
		return
	}
	switch s.act {
	case actPays:
		s.pays(given, sandbox.PaySuccess)
	case actForgesPays:
		s.forges()
		s.pays(given, sandbox.PaySuccess)
	case actForges:
		s.forges()
	case actHesitates:
		s.pays(given, sandbox.PayCancel)
		s.pays(given, sandbox.PayNotEnough)
		s.pays(given, sandbox.PaySuccess)
	case actCancels:
		s.pays(given, sandbox.PayCancel)
	case actTwice:
		s.twice(given)
	case actCloses:
		var both sync.WaitGroup
		both.Go(func() { s.pays(given, sandbox.PaySuccess) })
		s.close()
		both.Wait()
	case actClosed:
		s.close()
		s.pays(given, sandbox.PaySuccess)
	}
}

// twice: the payer confirms on the first channel while the second one is being opened, and
// on that too.
func (s *sale) twice(given string) {
	var both sync.WaitGroup
	both.Go(func() { s.pays(given, sandbox.PaySuccess) })
	p, status := s.prepay("/v1/orders/"+s.id, s.other)
	both.Wait()
	switch {
	case status == http.StatusOK:
		if given, ok := s.given(s.other, p); ok {
			s.pays(given, sandbox.PaySuccess)
		}
	case status != http.StatusConflict:
		s.unexpected("the prepay on another channel", status, p)
	}
}

// repeats: a shop in a hurry asks for one prepay several times at once.
func (s *sale) repeats() {
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			var p prepaid
			if status := s.ask(http.MethodPost, s.path+"/prepay", apiKey, "", prepayBody(s.channel), &p); status != http.StatusOK {
				s.unexpected("one of many prepays", status, p)
			}
		})
	}
	all.Wait()
	if given, ok := s.opened(s.channel); ok {
		s.pays(given, sandbox.PaySuccess)
	}
}

func (s *sale) close() {
	var problem prepaid
	status := s.call(http.MethodPost, s.path+"/close", apiKey, "", nil, &problem)
	if status != http.StatusOK && status != http.StatusConflict {
		s.unexpected("the close", status, problem)
	}
}

// forges claims that the order is paid, as somebody who read our documentation would, and
// with the headers of nobody.
func (s *sale) forges() {
	body := fmt.Sprintf(`{"id":"forged-%d","event_type":"TRANSACTION.SUCCESS","resource_type":"encrypt-resource","resource":{"algorithm":"AEAD_AES_256_GCM","ciphertext":"Zm9yZ2Vk","nonce":"0123456789ab","associated_data":"transaction"}}`, s.number)
	for range 3 { // a process may be down; whatever answers must not be a yes
		r, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.url+"/v1/notify/wechat-pay/"+s.channel.merchant, bytes.NewReader([]byte(body)))
		if err != nil {
			s.t.Error(err)
			return
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Wechatpay-Timestamp", fmt.Sprint(time.Now().Unix()))
		r.Header.Set("Wechatpay-Nonce", "forged")
		r.Header.Set("Wechatpay-Serial", "PUB_KEY_ID_0119000000012025010100111100000001")
		r.Header.Set("Wechatpay-Signature", "Zm9yZ2Vk")
		answer, err := s.client.Do(r)
		if err != nil {
			continue
		}
		_ = answer.Body.Close() // the status is all
		if answer.StatusCode < 300 {
			s.t.Errorf("a forged notification of order %s was answered %d", s.id, answer.StatusCode)
		}
	}
}

// byCode shows a payer's code, and answers the question for the password.
func (s *sale) byCode() {
	code, err := s.platform.PayCode(s.payer.visitor.User.ID, s.fate.outcome)
	if err != nil {
		s.t.Error(err)
		return
	}
	var p prepaid
	status := s.call(http.MethodPost, "/v1/orders/"+s.id+"/prepay", apiKey, "", map[string]string{"method": "code", "auth_code": code}, &p)
	if status != http.StatusOK && status != http.StatusConflict {
		s.unexpected("the code", status, p)
	}
	if s.fate.answer != "" {
		if _, err := s.platform.AnswerPassword(code, s.fate.answer); err != nil {
			s.count("the password was not asked for")
		}
	}
}

// giveBack asks for the refunds of the plan once the order is paid: each with its own key,
// as often as it takes.
func (s *sale) giveBack() {
	if len(s.refunds) == 0 {
		return
	}
	var o struct{ Status string }
	if status := s.call(http.MethodGet, "/v1/orders/"+s.id+"?refresh=true", apiKey, "", nil, &o); status != http.StatusOK {
		s.unexpected("the order, asked about", status, o)
	}
	for i, amount := range s.refunds {
		var answer struct{ ID, Code, Detail string }
		status := s.call(http.MethodPost, "/v1/orders/"+s.id+"/refunds", apiKey, fmt.Sprint("refund-", s.number, "-", i), map[string]any{"amount": amount}, &answer)
		switch {
		case status == http.StatusCreated && s.end != sandbox.RefundSuccess:
			if err := s.platform.SetRefundOutcome(answer.ID, s.end); err == nil {
				s.count("refund " + s.end)
			}
		case status == http.StatusCreated:
			s.count("refund")
		case status != http.StatusConflict:
			s.unexpected("the refund", status, answer)
		}
	}
}
