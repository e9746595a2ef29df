package sandbox_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
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
	if got := events(); got != "REFUND.CLOSED REFUND.ABNORMAL REFUND.SUCCESS REFUND.SUCCESS" {
		t.Error(got)
	}
	for no, want := range map[string]string{"closed": "CLOSED", "handled": "SUCCESS", "waits": "SUCCESS"} {
		if got, found := s.platform.Refund(s.merchant.ID, no); !found || got.Status != want || got.Ended.IsZero() {
			t.Errorf("%s: %+v", no, got)
		}
	}
}

func TestRefundReentry(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	number, transaction := s.paidOrderOf100()
	first := s.refund(number, "again", 40, set("reason", "a"))
	byID := func(body map[string]any) { delete(body, "out_trade_no"); body["transaction_id"] = transaction }
	for range 3 {
		if again := s.refund(number, "again", 40, set("reason", "a"), byID); again.status != 200 || again.field("refund_id") != first.field("refund_id") {
			t.Errorf("%d %s", again.status, again.body)
		}
	}
	for name, edit := range map[string]func(map[string]any){
		"amount": set("amount", map[string]any{"refund": 41, "total": 100, "currency": "CNY"}),
		"reason": set("reason", "b"),
		"notify": set("notify_url", "https://shop.example.com/n"),
	} {
		if changed := s.refund(number, "again", 40, set("reason", "a"), edit); changed.status != 400 || changed.code() != "INVALID_REQUEST" {
			t.Errorf("%s: %d %s", name, changed.status, changed.body)
		}
	}
	other, _ := s.paidOrderOf100()
	if elsewhere := s.refund(other, "again", 40, set("reason", "a")); elsewhere.status != 400 {
		t.Errorf("of another order: %d %s", elsewhere.status, elsewhere.body)
	}
	if n := len(s.platform.Refunds()); n != 1 {
		t.Errorf("%d refunds", n)
	}
}

func TestRefundsNeverExceedThePayment(t *testing.T) {
	b := sandbox.DefaultBehaviour()
	b.RefundGap = 0
	s := newStage(t, sandbox.Options{Behaviour: &b})
	number, _ := s.paidOrderOf100()
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() { s.refund(number, fmt.Sprintf("part-%d", i), 30) })
	}
	group.Wait()
	payment := s.platform.Ledger().Payments[0]
	if payment.Refunded != 90 || len(s.platform.Ledger().Refunds) != 3 {
		t.Errorf("%+v", payment)
	}
	if more := s.refund(number, "more", 11); more.status != 400 || more.code() != "INVALID_REQUEST" {
		t.Errorf("%d %s", more.status, more.body)
	}
	if rest := s.refund(number, "rest", 10); rest.status != 200 {
		t.Errorf("%d %s", rest.status, rest.body)
	}
	if full := s.refund(number, "full", 1); full.field("message") != "订单已全额退款" {
		t.Errorf("%d %s", full.status, full.body)
	}
}

func TestAClosedRefundGivesItsMoneyBack(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	number, _ := s.paidOrderOf100()
	if err := s.platform.SetRefundOutcome("", sandbox.RefundClosed); err != nil {
		t.Fatal(err)
	}
	s.refund(number, "first", 100)
	s.advance(time.Minute)
	if again := s.refund(number, "second", 100); again.status != 200 {
		t.Errorf("%d %s", again.status, again.body)
	}
}

func TestRefundLimitsOfAnOrder(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	number, _ := s.paidOrderOf100()
	for i := range 50 {
		if answer := s.refund(number, fmt.Sprintf("part-%d", i), 1); answer.status != 200 {
			t.Fatalf("%d: %d %s", i, answer.status, answer.body)
		}
		if soon := s.refund(number, "soon", 1); i < 49 && (soon.status != 429 || soon.code() != "FREQUENCY_LIMITED") {
			t.Fatalf("%d %s", soon.status, soon.body)
		}
		s.advance(time.Minute)
	}
	if answer := s.refund(number, "the 51st", 1); answer.status != 400 {
		t.Errorf("%d %s", answer.status, answer.body)
	}
	if answer := s.refund(number, "the-51st", 1); answer.status != 400 || !strings.Contains(answer.field("message"), "次数") {
		t.Errorf("%d %s", answer.status, answer.body)
	}
	old, _ := s.paidOrderOf100()
	s.advance(365*24*time.Hour + time.Second)
	if answer := s.refund(old, "late", 1); answer.status != 400 || !strings.Contains(answer.field("message"), "期限") {
		t.Errorf("%d %s", answer.status, answer.body)
	}
}

func TestRefundRefusesBadBodies(t *testing.T) {
	amount := func(pairs ...any) func(map[string]any) {
		body := map[string]any{"refund": 1, "total": 100, "currency": "CNY"}
		for i := 0; i < len(pairs); i += 2 {
			body[pairs[i].(string)] = pairs[i+1]
		}
		return set("amount", body)
	}
	for i := range 2 {
		s := newStageFor(t, sandbox.Options{}, 2*i)
		number, transaction := s.paidOrderOf100()
		unpaid := s.number()
		s.placed("jsapi", i == 1, unpaid)
		for name, test := range map[string]struct {
			edit   func(map[string]any)
			status int
			code   string
		}{
			"extra field":          {set("appid", "x"), 400, "INVALID_REQUEST"},
			"null":                 {set("reason", nil), 400, "INVALID_REQUEST"},
			"both numbers":         {set("transaction_id", transaction), 400, "PARAM_ERROR"},
			"no number":            {unset("out_trade_no"), 400, "PARAM_ERROR"},
			"no out_refund_no":     {unset("out_refund_no"), 400, "PARAM_ERROR"},
			"bad out_refund_no":    {set("out_refund_no", "a b"), 400, "PARAM_ERROR"},
			"out_refund_no of 65":  {set("out_refund_no", strings.Repeat("a", 65)), 400, "PARAM_ERROR"},
			"reason of 81":         {set("reason", strings.Repeat("因", 81)), 400, "PARAM_ERROR"},
			"bad notify_url":       {set("notify_url", "https://shop.example.com/n?a=1"), 400, "PARAM_ERROR"},
			"bad funds_account":    {set("funds_account", "BANK"), 400, "PARAM_ERROR"},
			"no amount":            {unset("amount"), 400, "PARAM_ERROR"},
			"no currency":          {set("amount", map[string]any{"refund": 1, "total": 100}), 400, "PARAM_ERROR"},
			"currency USD":         {amount("currency", "USD"), 400, "PARAM_ERROR"},
			"refund 0":             {amount("refund", 0), 400, "PARAM_ERROR"},
			"refund a fraction":    {amount("refund", json.Number("1.5")), 400, "PARAM_ERROR"},
			"refund over total":    {amount("refund", 101), 400, "PARAM_ERROR"},
			"from does not sum up": {amount("from", []any{map[string]any{"account": "AVAILABLE", "amount": 2}}), 400, "PARAM_ERROR"},
			"another total":        {amount("total", 101), 400, "INVALID_REQUEST"},
			"unknown order":        {set("out_trade_no", "unknown-order"), 404, "RESOURCE_NOT_EXISTS"},
			"unpaid order":         {set("out_trade_no", unpaid), 404, "RESOURCE_NOT_EXISTS"},
			"own sub merchant":     {set("sub_mchid", s.merchant.ID), 400, "PARAM_ERROR"},
			"a stranger":           {set("sub_mchid", sandbox.DefaultSecondMerchant), 403, "NO_AUTH"},
		} {
			if answer := s.refund(number, "refund-1", 1, test.edit); answer.status != test.status || answer.code() != test.code {
				t.Errorf("%s: %d %s", name, answer.status, answer.body)
			}
		}
		if n := len(s.platform.Refunds()); n != 0 {
			t.Errorf("%d refunds came of refused calls", n)
		}
		if unknown := s.refundQuery("unknown"); unknown.status != 404 || unknown.field("message") != "退款单不存在" {
			t.Errorf("%d %s", unknown.status, unknown.body)
		}
	}
}

func TestServiceProviderNamesTheSubMerchantOfARefund(t *testing.T) {
	s := newPartnerStage(t, sandbox.Options{})
	number, _ := s.paidOrderOf100()
	for name, edit := range map[string]func(map[string]any){
		"none": unset("sub_mchid"), "the other": set("sub_mchid", sandbox.DefaultPlainSubMerchant),
	} {
		if answer := s.refund(number, "refund-1", 1, edit); answer.status != 400 || answer.code() != "PARAM_ERROR" {
			t.Errorf("%s: %d %s", name, answer.status, answer.body)
		}
	}
	s.refund(number, "refund-1", 1)
	for uri, status := range map[string]int{"": 400, "?sub_mchid=" + sandbox.DefaultPlainSubMerchant: 404, "?sub_mchid=" + sandbox.DefaultSubMerchant: 200} {
		if answer := s.v3(http.MethodGet, refundPath+"/refund-1"+uri, ""); answer.status != status {
			t.Errorf("%q: %d %s", uri, answer.status, answer.body)
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
