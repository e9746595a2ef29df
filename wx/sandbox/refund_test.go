package sandbox_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"wxhub/wx/sandbox"
)

// refundBody is the least good body for an order of 100 fen, changed by the given edits.
func (s *stage) refundBody(number, refundNo string, fen int64, edits ...func(map[string]any)) string {
	s.t.Helper()
	body := map[string]any{
		"out_trade_no": number, "out_refund_no": refundNo, "amount": map[string]any{"refund": fen, "total": 100, "currency": "CNY"},
	}
	if s.merchant.Mode == sandbox.ModePartner {
		body["sub_mchid"] = sandbox.DefaultSubMerchant
	}
	for _, edit := range edits {
		edit(body)
	}
	return string(mustJSON(s.t, body))
}

func (s *stage) refund(number, refundNo string, fen int64, edits ...func(map[string]any)) response {
	s.t.Helper()
	return s.v3(http.MethodPost, refundPath, s.refundBody(number, refundNo, fen, edits...))
}

func (s *stage) refundQuery(refundNo string) response {
	s.t.Helper()
	uri := refundPath + "/" + refundNo
	if s.merchant.Mode == sandbox.ModePartner {
		uri += "?sub_mchid=" + sandbox.DefaultSubMerchant
	}
	return s.v3(http.MethodGet, uri, "")
}

// paidOrderOf100 is paid through the stage's own kind of endpoint.
func (s *stage) paidOrderOf100() (number, transactionID string) {
	s.t.Helper()
	number = s.number()
	payment := s.pay(s.placed("jsapi", s.merchant.Mode == sandbox.ModePartner, number))
	return number, payment.TransactionID
}

func TestRefundIsProcessingThenSucceedsAndIsNotified(t *testing.T) {
	for i := range 2 {
		s, r := newStageFor(t, sandbox.Options{}, 2*i), newReceiver(t, 204)
		number, transaction := s.paidOrderOf100()
		s.waitAttempts(1)
		first := s.refund(number, "refund@1", 30, set("notify_url", r.url), set("reason", "茶凉了"))
		if first.status != 200 || first.field("status") != "PROCESSING" || first.field("transaction_id") != transaction ||
			first.field("channel") != "ORIGINAL" || first.field("success_time") != "" || len(first.field("refund_id")) != 29 {
			t.Fatalf("%d %s", first.status, first.body)
		}
		if state := s.v3(http.MethodGet, rootOf(i == 1)+"out-trade-no/"+number+s.parties(), "").field("trade_state"); state != "REFUND" {
			t.Errorf("trade_state %s", state)
		}
		s.advance(4 * time.Second)
		if got := s.refundQuery("refund@1"); got.field("status") != "PROCESSING" {
			t.Errorf("too early: %s", got.body)
		}
		s.advance(time.Second)
		ended := s.refundQuery("refund@1")
		if ended.field("status") != "SUCCESS" || ended.field("success_time") == "" || ended.field("refund_id") != first.field("refund_id") {
			t.Errorf("%s", ended.body)
		}
		checkRefundNotice(t, s, r.wait(t, 1)[0], transaction, ended.field("success_time"))
		if e := s.waitAttempts(2)[1]; e.Event != "REFUND.SUCCESS" || e.OutRefundNo != "refund@1" || e.OutTradeNo != number || e.Merchant != s.merchant.ID {
			t.Errorf("%+v", e)
		}
	}
}

func checkRefundNotice(t *testing.T, s *stage, a arrival, transaction, successTime string) {
	t.Helper()
	n, err := s.open(a)
	if err != nil || n.EventType != "REFUND.SUCCESS" || n.Resource.OriginalType != "refund" {
		t.Fatalf("%+v %v", n, err)
	}
	who := `"mchid":"` + s.merchant.ID + `"`
	if s.merchant.Mode == sandbox.ModePartner {
		who = `"sp_mchid":"` + s.merchant.ID + `","sub_mchid":"` + sandbox.DefaultSubMerchant + `"`
	}
	r := s.platform.Refunds()[0]
	wantJSON(t, n.text, `{`+who+`,"out_trade_no":"`+r.OutTradeNo+`","transaction_id":"`+transaction+`","out_refund_no":"refund@1","refund_id":"`+r.RefundID+
		`","refund_status":"SUCCESS","success_time":"`+successTime+`","user_received_account":"支付用户零钱","amount":{"total":100,"refund":30,"payer_total":100,"payer_refund":30}}`)
}

func TestRefundOutcomesOnDemand(t *testing.T) {
	s, r := newStage(t, sandbox.Options{}), newReceiver(t, 204)
	outcome := func(body string, status int) {
		t.Helper()
		if answer := s.control(http.MethodPost, "/refunds/outcome", body); answer.status != status {
			t.Errorf("%s: %d %s", body, answer.status, answer.body)
		}
	}
	events := func() string {
		var out []string
		for _, a := range r.all() {
			out = append(out, s.mustOpen(a).EventType)
		}
		return strings.Join(out, " ")
	}
	begin := func(refundNo string) {
		t.Helper()
		number, _ := s.paidOrderOf100()
		if answer := s.refund(number, refundNo, 100, set("notify_url", r.url)); answer.status != 200 {
			t.Fatalf("%s", answer.body)
		}
	}
	outcome(`{"next":true,"status":"CLOSED"}`, 204)
	begin("closed")
	s.advance(5 * time.Second)
	r.wait(t, 1)
	outcome(`{"out_refund_no":"closed","status":"SUCCESS"}`, 409)

	outcome(`{"out_refund_no":"handled","status":"ABNORMAL"}`, 204) // before it comes
	begin("handled")
	s.advance(5 * time.Second)
	r.wait(t, 2)
	outcome(`{"out_refund_no":"handled","status":"SUCCESS"}`, 204)
	r.wait(t, 3)

	begin("waits")
	outcome(`{"out_refund_no":"waits","status":"PROCESSING"}`, 204)
	s.advance(24 * time.Hour)
	if got := s.refundQuery("waits").field("status"); got != "PROCESSING" {
		t.Errorf("waits: %s", got)
	}
	outcome(`{"out_refund_no":"waits","status":"SUCCESS"}`, 204)
	s.advance(5 * time.Second)
	r.wait(t, 4)
	if page := string(s.control("GET", "/console", "").body); !strings.Contains(page, "handled") || !strings.Contains(page, sandbox.DefaultSubMerchant) {
		t.Error("the page lacks refunds or sub merchants")
	}
	if got := events(); got != "REFUND.CLOSED REFUND.ABNORMAL REFUND.SUCCESS REFUND.SUCCESS" {
		t.Error(got)
	}
	for no, want := range map[string]string{"closed": "CLOSED", "handled": "SUCCESS", "waits": "SUCCESS"} {
		if got, found := s.platform.Refund(s.merchant.ID, no); !found || got.Status != want || got.Ended.IsZero() {
			t.Errorf("%s: %+v", no, got)
		}
	}
}

func TestTradeStateMayWaitForTheRefundsSuccess(t *testing.T) {
	b := sandbox.DefaultBehaviour()
	b.RefundStateOnSuccess = true
	s := newStage(t, sandbox.Options{Behaviour: &b})
	number, _ := s.paidOrderOf100()
	s.refund(number, "refund-1", 1)
	if state := s.query(number).field("trade_state"); state != "SUCCESS" {
		t.Error(state)
	}
	s.advance(5 * time.Second)
	if state := s.query(number).field("trade_state"); state != "REFUND" {
		t.Error(state)
	}
	if again := s.v3(http.MethodPost, jsapi, s.prepayBody(number)); again.code() != "OUT_TRADE_NO_USED" {
		t.Errorf("%d %s", again.status, again.body)
	}
}
