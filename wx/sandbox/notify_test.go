package sandbox_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"wxhub/wx/sandbox"
)

func (s *stage) paidOrder(r *receiver) (number string, payment sandbox.Payment) {
	s.t.Helper()
	number = s.number()
	return number, s.pay(s.prepay(number, set("notify_url", r.url), set("attach", "table 4")))
}

func TestPaymentIsNotifiedSignedAndEncrypted(t *testing.T) {
	s, r := newStage(t, sandbox.Options{}), newReceiver(t, 204)
	number, payment := s.paidOrder(r)
	a := r.wait(t, 1)[0]
	if !s.verified(a.header, a.body) {
		t.Error("the signature is wrong")
	}
	if a.header.Get("Content-Type") != "application/json" || a.header.Get("Request-ID") == "" || a.header.Get("Wechatpay-Signature-Type") != "WECHATPAY2-SHA256-RSA2048" {
		t.Errorf("headers %v", a.header)
	}
	n := s.mustOpen(a)
	if len(n.ID) != 36 || n.EventType != "TRANSACTION.SUCCESS" || n.Resource.AssociatedData != "transaction" || n.Resource.OriginalType != "transaction" || len(n.Resource.Nonce) != 12 {
		t.Errorf("%+v", n)
	}
	if p := n.plain; p.OutTradeNo != number || p.TransactionID != payment.TransactionID || p.Amount.Total != 100 || p.TradeState != "SUCCESS" ||
		p.MchID != s.merchant.ID || p.AppID != sandbox.DefaultMiniProgram || p.Payer.OpenID != s.payer.OpenIDs[sandbox.DefaultMiniProgram] {
		t.Errorf("%+v", p)
	}
}

func TestNotificationIsReceivedByStatusAlone(t *testing.T) {
	for status, received := range map[int]bool{200: true, 204: true, 301: false, 302: false, 307: false, 400: false, 500: false} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			s, r := newStage(t, sandbox.Options{}), newReceiver(t, status)
			s.paidOrder(r)
			s.waitAttempts(1)
			s.advance(15 * time.Second)
			if received {
				// Nothing is due any more: a second payment's notification comes through and is the only other one.
				s.paidOrder(r)
				if got := s.waitAttempts(2); got[1].OutTradeNo == got[0].OutTradeNo {
					t.Error("a received notification came again")
				}
				return
			}
			if got := s.waitAttempts(2); got[1].Attempt != 2 || got[1].Status != status {
				t.Errorf("%+v", got[1])
			}
		})
	}
}

func TestNotificationIsRetriedOnWeChatsSchedule(t *testing.T) {
	s, r := newStage(t, sandbox.Options{}), newReceiver(t, 500)
	s.paidOrder(r)
	minute, hour := time.Minute, time.Hour
	waits := []time.Duration{
		15 * time.Second, 15 * time.Second, 30 * time.Second, 3 * minute, 10 * minute, 20 * minute, 30 * minute, 30 * minute,
		30 * minute, hour, 3 * hour, 3 * hour, 3 * hour, 6 * hour, 6 * hour,
	}
	for i, wait := range waits {
		s.waitAttempts(i + 1)
		s.advance(wait)
	}
	all := s.waitAttempts(16)
	for i, wait := range waits {
		// The machine takes some time of its own between an attempt and the advance after it.
		if gap := all[i+1].PlatformTime.Sub(all[i].PlatformTime); gap < wait || gap > wait+15*time.Second {
			t.Errorf("attempt %d came %s after the one before, want %s", i+2, gap, wait)
		}
		if all[i+1].Attempt != i+2 {
			t.Errorf("attempt %d is numbered %d", i+2, all[i+1].Attempt)
		}
	}
	if total := all[15].PlatformTime.Sub(all[0].PlatformTime); total < 24*hour+4*minute {
		t.Errorf("the last attempt came after %s", total)
	}
	id := s.mustOpen(r.all()[0]).ID
	for _, a := range r.all() {
		if s.mustOpen(a).ID != id || !s.verified(a.header, a.body) {
			t.Error("an attempt has another id or a wrong signature")
		}
		seconds, _ := strconv.ParseInt(a.header.Get("Wechatpay-Timestamp"), 10, 64)
		if time.Since(time.Unix(seconds, 0)).Abs() > 5*time.Minute {
			t.Error("the signature's timestamp is not of the wall clock")
		}
	}
	s.advance(48 * hour)
	s.paidOrder(r) // a marker: what was due before it was sent before it
	if got := s.waitAttempts(17); got[16].OutTradeNo == got[0].OutTradeNo {
		t.Error("a 17th attempt")
	}
}

func TestFailedNotificationStopsOnceReceived(t *testing.T) {
	s, r := newStage(t, sandbox.Options{}), newReceiver(t, 500)
	s.paidOrder(r)
	s.waitAttempts(1)
	r.answer(200)
	s.advance(15 * time.Second)
	if got := s.waitAttempts(2); got[1].Status != 200 {
		t.Errorf("%+v", got[1])
	}
}

func TestUnreachableReceiverIsAFailedAttempt(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	s.pay(s.prepay(s.number(), set("notify_url", "http://127.0.0.1:1/notify")))
	if got := s.waitAttempts(1); got[0].Status != 0 || got[0].Error == "" {
		t.Errorf("%+v", got[0])
	}
}

func TestMerchantWithoutAPIv3KeyIsNeverNotified(t *testing.T) {
	merchants, err := sandbox.DefaultMerchants()
	if err != nil {
		t.Fatal(err)
	}
	merchants[0].APIv3Key = ""
	s, r := newStage(t, sandbox.Options{Merchants: merchants}), newReceiver(t, 200)
	number, _ := s.paidOrder(r)
	if state := s.query(number).field("trade_state"); state != "SUCCESS" {
		t.Errorf("state %q", state)
	}
	s.advance(time.Hour)
	if err := s.platform.Close(); err != nil { // waits for whatever is under way
		t.Fatal(err)
	}
	if n := len(r.all()); n != 0 {
		t.Errorf("%d notifications", n)
	}
}

func TestNotifierFollowsNoRedirectWhateverItsClientDoes(t *testing.T) {
	target := newReceiver(t, 200)
	r := newReceiver(t, 302)
	s := newStage(t, sandbox.Options{Client: &http.Client{Transport: redirected{target.url}}})
	s.paidOrder(r)
	if got := s.waitAttempts(1); got[0].Status != 302 || len(target.all()) != 0 {
		t.Errorf("%+v, %d followed", got[0], len(target.all()))
	}
}

// redirected answers every request by a redirect to where.
type redirected struct{ where string }

func (r redirected) RoundTrip(request *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 302, Header: http.Header{"Location": {r.where}}, Body: http.NoBody, Request: request}, nil
}

func TestCloseStopsDelivery(t *testing.T) {
	s, r := newStage(t, sandbox.Options{}), newReceiver(t, 500)
	s.paidOrder(r)
	s.waitAttempts(1)
	if err := s.platform.Close(); err != nil {
		t.Fatal(err)
	}
	s.advance(time.Hour)
	if n := len(r.all()); n != 1 {
		t.Errorf("%d attempts", n)
	}
}

func TestLogHoldsNoSecrets(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	code := s.code(sandbox.DefaultMiniProgram)
	login := s.login(sandbox.DefaultMiniProgram, code)
	token := s.stable(sandbox.DefaultMiniProgram, false).field("access_token")
	s.tokenCode(token)
	s.plain(sandbox.DefaultMiniProgram)
	text := string(s.get("/sandbox/log").body)
	for _, secret := range []string{code, token, login.field("session_key"), s.secret(sandbox.DefaultMiniProgram), s.merchant.APIv3Key} {
		if strings.Contains(text, secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
	if !strings.Contains(text, "/sns/jscode2session?appid="+sandbox.DefaultMiniProgram) {
		t.Errorf("%s", text)
	}
}
