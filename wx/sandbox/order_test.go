package sandbox_test

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"wxhub/wx/sandbox"
)

func TestReentry(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	for name, test := range map[string]struct {
		before func(number, prepayID string)
		edit   func(map[string]any)
		status int
		code   string
		text   string
	}{
		"same parameters":       {nil, nil, 200, "", ""},
		"currency spelled out":  {nil, set("amount", map[string]any{"total": 100, "currency": "CNY"}), 200, "", ""},
		"other amount":          {nil, set("amount", map[string]any{"total": 101}), 400, "INVALID_REQUEST", "请求重入时，参数与首次请求时不一致"},
		"other description":     {nil, set("description", "两杯茶"), 400, "INVALID_REQUEST", "请求重入"},
		"other notify_url":      {nil, set("notify_url", "https://shop.example.com/n"), 400, "INVALID_REQUEST", "请求重入"},
		"time_expire added":     {nil, set("time_expire", "2099-01-01T00:00:00+08:00"), 400, "INVALID_REQUEST", "请求重入"},
		"after payment":         {func(_, id string) { s.pay(id) }, nil, 403, "OUT_TRADE_NO_USED", "该订单已支付"},
		"after close":           {func(n, _ string) { s.closeOrder(n) }, nil, 400, "ORDER_CLOSED", "该订单已关闭，请重新下单"},
		"changed and paid":      {func(_, id string) { s.pay(id) }, set("description", "x"), 403, "OUT_TRADE_NO_USED", ""},
		"after the last moment": {func(_, _ string) { s.advance(7 * 24 * time.Hour) }, nil, 400, "ORDER_CLOSED", ""},
	} {
		number := s.number()
		first := s.prepay(number)
		if test.before != nil {
			test.before(number, first)
		}
		var edits []func(map[string]any)
		if test.edit != nil {
			edits = append(edits, test.edit)
		}
		answer := s.v3(http.MethodPost, jsapi, s.prepayBody(number, edits...))
		if answer.status != test.status || answer.code() != test.code || !strings.Contains(answer.field("message"), test.text) {
			t.Errorf("%s: %d %s", name, answer.status, answer.body)
		}
		if test.status == http.StatusOK && answer.field("prepay_id") == first {
			t.Errorf("%s: the prepay_id is the old one", name)
		}
	}
}

func TestReentryAnswersAreConfigurable(t *testing.T) {
	b := sandbox.DefaultBehaviour()
	b.PaidReentry = sandbox.Refusal{Status: 400, Code: "ORDERPAID", Message: "该订单已支付", Internal: 1}
	b.CloseUnknown = &sandbox.Refusal{Status: 404, Code: "ORDER_NOT_EXIST", Message: "订单不存在", Internal: 2}
	s := newStage(t, sandbox.Options{Behaviour: &b})
	number := s.number()
	s.pay(s.prepay(number))
	if answer := s.v3(http.MethodPost, jsapi, s.prepayBody(number)); answer.code() != "ORDERPAID" {
		t.Errorf("%d %s", answer.status, answer.body)
	}
	if answer := s.closeOrder(s.number()); answer.status != 404 {
		t.Errorf("%d %s", answer.status, answer.body)
	}
}

func TestClosingANumberBeforeItIsCreatedPoisonsIt(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	number := s.number()
	for range 2 {
		if answer := s.closeOrder(number); answer.status != http.StatusNoContent || len(answer.body) != 0 || !s.verified(answer.header, nil) {
			t.Fatalf("%d %s", answer.status, answer.body)
		}
	}
	answer := s.v3(http.MethodPost, jsapi, s.prepayBody(number))
	if answer.status != 400 || answer.code() != "INVALID_REQUEST" {
		t.Errorf("%d %s", answer.status, answer.body)
	}
	if answer := s.query(number); answer.status != 404 || answer.code() != "ORDER_NOT_EXIST" {
		t.Errorf("%d %s", answer.status, answer.body)
	}
}

func TestCloseIsIdempotentAndRefusesAPaidOrder(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	open, paid := s.number(), s.number()
	s.prepay(open)
	for range 2 {
		if answer := s.closeOrder(open); answer.status != http.StatusNoContent {
			t.Errorf("%d %s", answer.status, answer.body)
		}
	}
	if state := s.query(open).field("trade_state"); state != "CLOSED" {
		t.Errorf("state %q", state)
	}
	s.pay(s.prepay(paid))
	if answer := s.closeOrder(paid); answer.status != 400 || answer.code() != "ORDERPAID" {
		t.Errorf("%d %s", answer.status, answer.body)
	}
}

func TestQueryShowsAnOrderThroughItsLife(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	number := s.number()
	id := s.prepay(number, set("attach", "table 4"))
	before := s.query(number)
	if before.field("trade_state") != "NOTPAY" || before.field("transaction_id") != "" || before.field("attach") != "" || !s.verified(before.header, before.body) {
		t.Errorf("%s", before.body)
	}
	payment := s.pay(id)
	for _, uri := range []string{"/v3/pay/transactions/out-trade-no/" + number, "/v3/pay/transactions/id/" + payment.TransactionID} {
		after := s.v3(http.MethodGet, uri+"?mchid="+s.merchant.ID, "")
		if after.field("trade_state") != "SUCCESS" || after.field("transaction_id") != payment.TransactionID || after.field("attach") != "table 4" ||
			after.field("bank_type") == "" || after.field("trade_type") != "JSAPI" {
			t.Errorf("%s", after.body)
		}
		if _, err := time.Parse(time.RFC3339, after.field("success_time")); err != nil {
			t.Error(err)
		}
	}
	if len(payment.TransactionID) != 28 || !strings.HasPrefix(payment.TransactionID, "42000") {
		t.Errorf("transaction id %q", payment.TransactionID)
	}
}

func TestQueryAndCloseRefuseBadInput(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	const numbers, byID = "/v3/pay/transactions/out-trade-no/", "/v3/pay/transactions/id/"
	for _, test := range []struct {
		method, uri, body string
		status            int
		code              string
	}{
		{"GET", numbers + "unknown-1?mchid=1900000001", "", 404, "ORDER_NOT_EXIST"},
		{"GET", numbers + "unknown-1", "", 400, "PARAM_ERROR"},
		{"GET", numbers + "unknown-1?mchid=1900000109", "", 400, "PARAM_ERROR"},
		{"GET", numbers + "unknown-1?mchid=19", "", 400, "MCH_NOT_EXISTS"},
		{"GET", numbers + "abc?mchid=1900000001", "", 400, "PARAM_ERROR"},
		{"GET", byID + "4200000000202401010000000000?mchid=1900000001", "", 404, "ORDER_NOT_EXIST"},
		{"GET", byID + "4200000000202401010000000000", "", 400, "PARAM_ERROR"},
		{"POST", numbers + "unknown-1/close", `{"mchid":"1900000109"}`, 400, "PARAM_ERROR"},
		{"POST", numbers + "unknown-1/close", `{}`, 400, "PARAM_ERROR"},
		{"POST", numbers + "unknown-1/close", `{"mchid":"1900000001","x":1}`, 400, "INVALID_REQUEST"},
		{"POST", numbers + "abc/close", `{"mchid":"1900000001"}`, 400, "PARAM_ERROR"},
	} {
		if answer := s.v3(test.method, test.uri, test.body); answer.status != test.status || answer.code() != test.code {
			t.Errorf("%s %s %s: %d %s", test.method, test.uri, test.body, answer.status, answer.body)
		}
	}
}

func TestPhoneRefusals(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	other, err := s.platform.CreateUser("payer-2")
	if err != nil {
		t.Fatal(err)
	}
	refused := func(name, id, user, text string) {
		t.Helper()
		var phone *sandbox.PhoneError
		if _, err := s.platform.Pay(id, user, sandbox.PaySuccess); !errors.As(err, &phone) || !strings.Contains(phone.Text, text) {
			t.Errorf("%s: %v", name, err)
		}
	}
	number := s.number()
	id := s.prepay(number)
	refused("another payer", id, other.ID, "下单账号与支付账号不一致")
	for _, result := range []string{sandbox.PayCancel, sandbox.PayNotEnough} {
		if payment, err := s.platform.Pay(id, "payer-1", result); err != nil || payment.TransactionID != "" {
			t.Errorf("%s: %+v %v", result, payment, err)
		}
	}
	if state := s.query(number).field("trade_state"); state != "NOTPAY" {
		t.Errorf("state %q after cancel and not_enough", state)
	}
	s.pay(id)
	refused("paid", id, s.payer.ID, "已支付")
	closed := s.number()
	id = s.prepay(closed)
	s.closeOrder(closed)
	refused("closed", id, s.payer.ID, "已关闭")
	if _, err := s.platform.Pay("wx0", s.payer.ID, sandbox.PaySuccess); !errors.Is(err, sandbox.ErrNoPrepay) {
		t.Error(err)
	}
}

func TestManyPayersOfOneOrderAndOnlyOnePays(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	r := newReceiver(t, 204)
	number := s.number()
	edit := set("notify_url", r.url)
	ids := []string{s.prepay(number, edit), s.prepay(number, edit)}
	var group sync.WaitGroup
	var mu sync.Mutex
	paid := 0
	for i := range 32 {
		group.Go(func() {
			if _, err := s.platform.Pay(ids[i%2], s.payer.ID, sandbox.PaySuccess); err == nil {
				mu.Lock()
				paid++
				mu.Unlock()
			}
		})
	}
	group.Wait()
	s.waitAttempts(1)
	if paid != 1 || len(r.all()) != 1 {
		t.Errorf("%d payments, %d notifications", paid, len(r.all()))
	}
}
