package sandbox_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"wxhub/wx/sandbox"
)

const codePayURI = "/v3/pay/transactions/codepay"

// showCode is the payer at the till.
func (s *stage) showCode(outcome string) string {
	s.t.Helper()
	code, err := s.platform.PayCode(s.payer.ID, outcome)
	if err != nil {
		s.t.Fatal(err)
	}
	return code
}

func (s *stage) chargeBody(number, code string, edits ...func(map[string]any)) string {
	edits = append([]func(map[string]any){
		func(body map[string]any) { delete(body, "notify_url") },
		set("payer", map[string]any{"auth_code": code}),
	}, edits...)
	return s.prepayBody(number, edits...)
}

func (s *stage) charge(number, code string, edits ...func(map[string]any)) response {
	s.t.Helper()
	return s.v3("POST", codePayURI, s.chargeBody(number, code, edits...))
}

func (s *stage) reverse(number string) response {
	s.t.Helper()
	return s.v3("POST", "/v3/pay/transactions/out-trade-no/"+number+"/reverse", fmt.Sprintf(`{"appid":%q,"mchid":%q}`, sandbox.DefaultMiniProgram, s.merchant.ID))
}

// tradeState is what the query says.
func (s *stage) tradeState(number string) string {
	s.t.Helper()
	got := s.v3("GET", "/v3/pay/transactions/out-trade-no/"+number+"?mchid="+s.merchant.ID, "")
	return got.field("trade_state") + got.code()
}

func total(fen int64) func(map[string]any) { return set("amount", map[string]any{"total": fen}) }

func TestChargeOutcomes(t *testing.T) {
	for _, c := range []struct {
		outcome string
		fen     int64
		status  int
		code    string
		state   string
	}{
		{sandbox.CodeByAmount, 100000, 200, "", "SUCCESS"},
		{sandbox.CodeByAmount, 100001, 202, "USERPAYING", "USERPAYING"},
		{sandbox.CodeSuccess, 100001, 200, "", "SUCCESS"},
		{sandbox.CodePassword, 1, 202, "USERPAYING", "USERPAYING"},
		{sandbox.CodeNotEnough, 1, 403, "NOT_ENOUGH", "NOTPAY"},
		{sandbox.CodeBankError, 1, 500, "BANK_ERROR", "PAYERROR"},
		{sandbox.CodeSystemError, 1, 500, "SYSTEM_ERROR", "SUCCESS"},
	} {
		s := newStage(t, sandbox.Options{})
		number := s.number()
		got := s.charge(number, s.showCode(c.outcome), total(c.fen))
		if got.status != c.status || got.code() != c.code {
			t.Errorf("%q %d: %d %s", c.outcome, c.fen, got.status, got.body)
		}
		if state := s.tradeState(number); state != c.state {
			t.Errorf("%q %d: %s", c.outcome, c.fen, state)
		}
		if c.status == 200 && (got.field("trade_type") != "MICROPAY" || got.field("trade_state") != "SUCCESS" || len(got.field("transaction_id")) != 28) {
			t.Errorf("%s", got.body)
		}
	}
}

func TestPayCodeIsGoodOnceForAMinute(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	code := s.showCode("")
	if !regexp.MustCompile(`^1[0-5]\d{16}$`).MatchString(code) {
		t.Error(code)
	}
	s.advance(time.Minute)
	number := s.number()
	if got := s.charge(number, code); got.code() != "AUTH_CODE_EXPIRE" {
		t.Errorf("%s", got.body)
	}
	if got := s.tradeState(number); got != "ORDER_NOT_EXIST" {
		t.Error(got)
	}
	code = s.showCode("")
	if got := s.charge(number, code); got.status != 200 {
		t.Errorf("%s", got.body)
	}
	if got := s.charge(s.number(), code); got.code() != "AUTH_CODE_INVALID" {
		t.Errorf("%s", got.body)
	}
	if got := s.charge(s.number(), "134567890123456789"); got.code() != "AUTH_CODE_INVALID" {
		t.Errorf("%s", got.body)
	}
}

func TestChargeRefusesBadBodies(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	for name, edit := range map[string]func(map[string]any){
		"notify_url":  set("notify_url", "http://127.0.0.1:9/notify"),
		"no payer":    func(body map[string]any) { delete(body, "payer") },
		"openid":      set("payer", map[string]any{"openid": "o"}),
		"alipay code": set("payer", map[string]any{"auth_code": "281234567890123456"}),
		"short code":  set("payer", map[string]any{"auth_code": "13123"}),
		"phone's ip":  set("scene_info", map[string]any{"payer_client_ip": "14.23.150.211"}),
		"zero":        total(0),
		"other app":   set("appid", sandbox.DefaultSecondMini),
	} {
		number := s.number()
		if got := s.charge(number, s.showCode(""), edit); got.status != 400 {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
		if got := s.tradeState(number); got != "ORDER_NOT_EXIST" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestPasswordIsAnswered(t *testing.T) {
	for result, state := range map[string]string{
		sandbox.PaySuccess: "SUCCESS", sandbox.PayCancel: "PAYERROR", sandbox.PayNotEnough: "PAYERROR", sandbox.PayTimeout: "PAYERROR",
	} {
		s := newStage(t, sandbox.Options{})
		number, code := s.number(), s.showCode(sandbox.CodePassword)
		s.charge(number, code)
		if got := s.charge(number, code); got.code() != "USERPAYING" {
			t.Errorf("again: %s", got.body)
		}
		confirm := fmt.Sprintf(`{"auth_code":%q,"result":%q}`, code, result)
		if got := s.post("/sandbox/pay-codes/confirm", confirm); got.status != 200 {
			t.Errorf("%s: %s", result, got.body)
		}
		if got := s.tradeState(number); got != state {
			t.Errorf("%s: %s", result, got)
		}
		if got := s.post("/sandbox/pay-codes/confirm", confirm); got.status != 409 {
			t.Errorf("%s twice: %d %s", result, got.status, got.body)
		}
	}
}

func TestPasswordRunsOutByItself(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	number, code := s.number(), s.showCode(sandbox.CodePassword)
	s.charge(number, code)
	s.advance(time.Minute)
	if got := s.tradeState(number); got != "PAYERROR" {
		t.Error(got)
	}
	if _, err := s.platform.AnswerPassword(code, sandbox.PaySuccess); err == nil {
		t.Error("paid after the password ran out")
	}
}

func TestUserPayingAsTradeState(t *testing.T) {
	b := sandbox.DefaultBehaviour()
	b.UserPaying = nil
	s := newStage(t, sandbox.Options{Behaviour: &b})
	if got := s.charge(s.number(), s.showCode(sandbox.CodePassword)); got.status != 200 || got.field("trade_state") != "USERPAYING" {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestReverse(t *testing.T) {
	for outcome, back := range map[string]int64{sandbox.CodeSuccess: 100, sandbox.CodePassword: 0, sandbox.CodeNotEnough: 0} {
		s := newStage(t, sandbox.Options{})
		number, code := s.number(), s.showCode(outcome)
		s.charge(number, code)
		if got := s.reverse(number); got.code() != "FREQUENCY_LIMITED" {
			t.Errorf("too soon: %s", got.body)
		}
		s.advance(15 * time.Second)
		for range 2 {
			if got := s.reverse(number); got.status != 200 || got.field("out_trade_no") != number {
				t.Errorf("%d %s", got.status, got.body)
			}
		}
		if got := s.tradeState(number); got != "REVOKED" {
			t.Error(got)
		}
		if got := s.charge(number, s.showCode("")); got.code() != "ORDER_REVERSED" {
			t.Errorf("%s", got.body)
		}
		if _, err := s.platform.AnswerPassword(code, sandbox.PaySuccess); err == nil {
			t.Error("paid after it was reversed")
		}
		if got := s.moneyBack(); got != back {
			t.Errorf("%s: %d fen came back", outcome, got)
		}
	}
}

// moneyBack is what the ledger says of refunds.
func (s *stage) moneyBack() (fen int64) {
	for _, r := range s.platform.Ledger().Refunds {
		fen += r.Amount
	}
	return fen
}

func TestReverseRefuses(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	if got := s.reverse("never-made"); got.code() != "ORDER_NOT_EXIST" {
		t.Errorf("%s", got.body)
	}
	number := s.number()
	s.charge(number, s.showCode(""))
	closed := s.v3("POST", "/v3/pay/transactions/out-trade-no/"+number+"/close", fmt.Sprintf(`{"mchid":%q}`, s.merchant.ID))
	if closed.status != 400 || !strings.HasSuffix(closed.header.Get("Request-Id"), "-268449641") {
		t.Errorf("close: %d %v", closed.status, closed.header)
	}
	s.advance(7*24*time.Hour + time.Second)
	if got := s.reverse(number); got.code() != "INVALID_REQUEST" {
		t.Errorf("too late: %s", got.body)
	}
}

func TestConfirmReverseAndQueryRace(t *testing.T) {
	b := sandbox.DefaultBehaviour()
	b.ReverseAfter = 0
	s := newStage(t, sandbox.Options{Behaviour: &b})
	for range 20 {
		number, code, before := s.number(), s.showCode(sandbox.CodePassword), s.moneyBack()
		s.charge(number, code)
		var paid error
		var work sync.WaitGroup
		work.Go(func() { _, paid = s.platform.AnswerPassword(code, sandbox.PaySuccess) })
		work.Go(func() { s.reverse(number) })
		work.Go(func() { s.tradeState(number) })
		work.Wait()
		back := s.moneyBack() - before
		if got := s.tradeState(number); got != "REVOKED" || (paid == nil) != (back == 100) {
			t.Fatalf("%s, payer: %v, came back: %d", got, paid, back)
		}
	}
}

func TestPartnerChargesAndReverses(t *testing.T) {
	s := newStageFor(t, sandbox.Options{}, 2)
	number := s.number()
	who := map[string]any{"sp_appid": sandbox.DefaultPartnerAccount, "sp_mchid": s.merchant.ID, "sub_mchid": sandbox.DefaultSubMerchant}
	body := map[string]any{
		"description": "茶", "out_trade_no": number, "amount": map[string]any{"total": 5}, "payer": map[string]any{"auth_code": s.showCode("")},
	}
	for name, value := range who {
		body[name] = value
	}
	text, _ := json.Marshal(body)
	if got := s.v3("POST", "/v3/pay/partner/transactions/codepay", string(text)); got.status != 200 || got.field("sub_mchid") != sandbox.DefaultSubMerchant {
		t.Fatalf("%d %s", got.status, got.body)
	}
	s.advance(15 * time.Second)
	text, _ = json.Marshal(who)
	if got := s.v3("POST", "/v3/pay/partner/transactions/out-trade-no/"+number+"/reverse", string(text)); got.status != 200 || got.field("sp_mchid") != s.merchant.ID {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestChargeWithALostAnswerIsFoundByItsNumber(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	if _, err := s.platform.AddFault(sandbox.Fault{Match: codePayURI, Kind: "lost_answer"}); err != nil {
		t.Fatal(err)
	}
	number, code := s.number(), s.showCode("")
	if _, err := s.send(s.request("POST", codePayURI, s.chargeBody(number, code))); err == nil {
		t.Fatal("an answer came")
	}
	if got := s.tradeState(number); got != "SUCCESS" {
		t.Error(got)
	}
	if got := s.charge(number, code); got.code() != "OUT_TRADE_NO_USED" {
		t.Errorf("again: %s", got.body)
	}
	if got := len(s.platform.Ledger().Payments); got != 1 {
		t.Errorf("%d payments", got)
	}
}

func TestCancelledPasswordMayLeaveTheOrderPayable(t *testing.T) {
	b := sandbox.DefaultBehaviour()
	b.PasswordCancelled = sandbox.StateNotPay
	s := newStage(t, sandbox.Options{Behaviour: &b})
	number, code := s.number(), s.showCode(sandbox.CodePassword)
	s.charge(number, code)
	if _, err := s.platform.AnswerPassword(code, sandbox.PayCancel); err != nil {
		t.Fatal(err)
	}
	if got := s.tradeState(number); got != "NOTPAY" {
		t.Error(got)
	}
	if got := s.charge(number, code); got.code() != "AUTH_CODE_INVALID" {
		t.Errorf("the same code: %s", got.body)
	}
	if got := s.charge(number, s.showCode("")); got.status != 200 {
		t.Errorf("another code: %s", got.body)
	}
}
