package sandbox_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"wxhub/wx/sandbox"
	"wxhub/wx/sandbox/apiv3"
)

const combineRoot = "/v3/combine-transactions/"

// combineBody is the least good body of a combined prepay with two sub orders, number-a and number-b, of 100 and 250 fen.
func (s *stage) combineBody(channel, number string, edits ...func(map[string]any)) string {
	s.t.Helper()
	partner := s.merchant.ID == sandbox.DefaultPartner
	app := sandbox.DefaultMiniProgram
	if partner {
		app = sandbox.DefaultPartnerAccount
	}
	if channel == "app" {
		app = sandbox.DefaultMobileApp
	}
	body := map[string]any{
		"combine_appid": app, "combine_mchid": s.merchant.ID, "combine_out_trade_no": number, "notify_url": "http://127.0.0.1:9/notify",
		"sub_orders": []any{s.subOrder(number+"-a", 100), s.subOrder(number+"-b", 250)},
	}
	switch channel {
	case "jsapi":
		body["combine_payer_info"] = map[string]any{"openid": s.payer.OpenIDs[app]}
	case "h5":
		body["scene_info"] = map[string]any{"payer_client_ip": "14.23.150.211", "h5_info": map[string]any{"type": "Wap"}}
	}
	for _, edit := range edits {
		edit(body)
	}
	text, err := json.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}

func (s *stage) subOrder(number string, fen int64, edits ...func(map[string]any)) map[string]any {
	sub := map[string]any{
		"mchid": s.merchant.ID, "attach": "table 7", "out_trade_no": number, "description": "一杯茶",
		"amount": map[string]any{"total_amount": fen, "currency": "CNY"},
	}
	if s.merchant.ID == sandbox.DefaultPartner {
		sub["sub_mchid"] = sandbox.DefaultSubMerchant
	}
	for _, edit := range edits {
		edit(sub)
	}
	return sub
}

// subOrders are n of them.
func (s *stage) subOrders(n int) func(map[string]any) {
	var subs []any
	for i := range n {
		subs = append(subs, s.subOrder(fmt.Sprintf("many-%03d", i), 1))
	}
	return set("sub_orders", subs)
}

// secondSub edits the second sub order.
func secondSub(edit func(map[string]any)) func(map[string]any) {
	return func(body map[string]any) { edit(body["sub_orders"].([]any)[1].(map[string]any)) }
}

func without(name string) func(map[string]any) {
	return func(body map[string]any) { delete(body, name) }
}

func (s *stage) combine(channel, number string, edits ...func(map[string]any)) response {
	s.t.Helper()
	return s.v3(http.MethodPost, combineRoot+channel, s.combineBody(channel, number, edits...))
}

func (s *stage) combineQuery(number string) (got combined, answer response) {
	s.t.Helper()
	answer = s.v3(http.MethodGet, combineRoot+"out-trade-no/"+number, "")
	_ = json.Unmarshal(answer.body, &got)
	return got, answer
}

func (s *stage) combineClose(number string, subs ...string) response {
	s.t.Helper()
	listed := []string{}
	for _, sub := range subs {
		listed = append(listed, fmt.Sprintf(`{"mchid":%q,"out_trade_no":%q}`, s.merchant.ID, sub))
	}
	return s.v3(http.MethodPost, combineRoot+"out-trade-no/"+number+"/close",
		fmt.Sprintf(`{"combine_appid":%q,"sub_orders":[%s]}`, sandbox.DefaultMiniProgram, strings.Join(listed, ",")))
}

// combined is what a query and a notification show.
type combined struct {
	AppID     string `json:"combine_appid"`
	MchID     string `json:"combine_mchid"`
	Number    string `json:"combine_out_trade_no"`
	SubOrders []struct {
		MchID         string `json:"mchid"`
		SubMchID      string `json:"sub_mchid"`
		OutTradeNo    string `json:"out_trade_no"`
		TransactionID string `json:"transaction_id"`
		TradeState    string `json:"trade_state"`
		SuccessTime   string `json:"success_time"`
		Attach        string `json:"attach"`
		Amount        struct {
			Total int64  `json:"total_amount"`
			Payer *int64 `json:"payer_amount"`
		} `json:"amount"`
	} `json:"sub_orders"`
	Payer struct{ OpenID string } `json:"combine_payer_info"`
}

func (c combined) states() string {
	var out []string
	for _, sub := range c.SubOrders {
		out = append(out, sub.TradeState)
	}
	return strings.Join(out, " ")
}

func TestCombineIsPaidAllOrNothingOnEveryChannel(t *testing.T) {
	for channel, given := range map[string]string{"jsapi": "prepay_id", "app": "prepay_id", "native": "code_url", "h5": "h5_url"} {
		for _, merchant := range []int{0, 2} {
			s, r := newStageFor(t, sandbox.Options{}, merchant), newReceiver(t, 200)
			ticket := s.combine(channel, "combined-1", set("notify_url", r.url)).field(given)
			if got, _ := s.combineQuery("combined-1"); got.states() != "NOTPAY NOTPAY" || got.SubOrders[0].Amount.Payer != nil {
				t.Errorf("%s: %+v", channel, got)
			}
			if _, err := s.platform.Pay(ticket, s.payer.ID, sandbox.PayCancel); err != nil {
				t.Fatal(channel, err)
			}
			if payments := s.platform.Ledger().Payments; len(payments) != 0 {
				t.Errorf("%s: a cancel paid %+v", channel, payments)
			}
			payment, err := s.platform.Pay(ticket, s.payer.ID, sandbox.PaySuccess)
			if err != nil || payment.Total != 350 || payment.OutTradeNo != "combined-1" {
				t.Fatalf("%s: %+v %v", channel, payment, err)
			}
			if _, err := s.platform.Pay(ticket, s.payer.ID, sandbox.PaySuccess); err == nil {
				t.Errorf("%s: paid twice", channel)
			}
			payments := s.platform.Ledger().Payments
			if len(payments) != 2 || payments[0].Total != 100 || payments[1].Total != 250 || payments[0].TransactionID == payments[1].TransactionID ||
				payments[0].CombineNo != "combined-1" || payments[1].CombineNo != "combined-1" {
				t.Errorf("%s: %+v", channel, payments)
			}
			n := s.mustOpen(r.wait(t, 1)[0])
			var told combined
			if err := json.Unmarshal(n.text, &told); err != nil {
				t.Fatal(err)
			}
			if n.EventType != "TRANSACTION.SUCCESS" || n.Resource.OriginalType != "transaction" || told.MchID != s.merchant.ID || told.Number != "combined-1" ||
				told.states() != "SUCCESS SUCCESS" || told.SubOrders[1].TransactionID != payments[1].TransactionID || told.Payer.OpenID != s.payer.OpenIDs[told.AppID] {
				t.Errorf("%s: %s", channel, n.text)
			}
			if !regexp.MustCompile(`:\d\d\.\d{3}\+08:00$`).MatchString(told.SubOrders[1].SuccessTime) {
				t.Errorf("%s: %s", channel, told.SubOrders[1].SuccessTime)
			}
			if got, _ := s.combineQuery("combined-1"); got.states() != "SUCCESS SUCCESS" || *got.SubOrders[1].Amount.Payer != 250 || got.SubOrders[0].Attach != "table 7" {
				t.Errorf("%s: %+v", channel, got)
			}
		}
	}
}

func TestCombineReentry(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	first, again := s.combine("jsapi", "combined-1").field("prepay_id"), s.combine("jsapi", "combined-1").field("prepay_id")
	if first == "" || again == "" || first == again {
		t.Errorf("%q %q", first, again)
	}
	for name, got := range map[string]response{
		"another channel":               s.combine("native", "combined-1"),
		"another amount":                s.combine("jsapi", "combined-1", secondSub(set("amount", map[string]any{"total_amount": 1, "currency": "CNY"}))),
		"its sub order combined again":  s.combine("jsapi", "combined-2", secondSub(set("out_trade_no", "combined-1-b"))),
		"its sub order as an ordinary":  s.v3(http.MethodPost, directRoot+"jsapi", s.prepayBody("combined-1-a")),
		"its sub order by payment code": s.charge("combined-1-a", s.showCode("")),
	} {
		if got.status != 400 || got.code() != "INVALID_REQUEST" {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
	if _, got := s.combineQuery("combined-2"); got.code() != "ORDER_NOT_EXIST" {
		t.Errorf("%s", got.body)
	}
	if _, found := s.platform.Order(s.merchant.ID, "combined-2-a"); found {
		t.Error("a refused combined order left a sub order behind")
	}
	if _, err := s.platform.Pay(again, s.payer.ID, sandbox.PaySuccess); err != nil {
		t.Fatal(err)
	}
	if _, err := s.platform.Pay(first, s.payer.ID, sandbox.PaySuccess); err == nil {
		t.Error("paid with both prepay_ids")
	}
	if got := s.combine("jsapi", "combined-1"); got.code() != "OUT_TRADE_NO_USED" {
		t.Errorf("%s", got.body)
	}
}

func TestCombineSubOrdersAreNotOrdinary(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	ticket := s.combine("jsapi", "combined-1").field("prepay_id")
	if got := s.tradeState("combined-1-a"); got != "ORDER_NOT_EXIST" {
		t.Error(got)
	}
	closing := s.v3(http.MethodPost, directRoot+"out-trade-no/combined-1-a/close", fmt.Sprintf(`{"mchid":%q}`, s.merchant.ID))
	if closing.status != 404 || closing.code() != "ORDER_NOT_EXIST" {
		t.Errorf("%s", closing.body)
	}
	if got := s.reverse("combined-1-a"); got.code() != "ORDER_NOT_EXIST" {
		t.Errorf("%s", got.body)
	}
	if _, err := s.platform.Pay(ticket, s.payer.ID, sandbox.PaySuccess); err != nil {
		t.Fatal(err)
	}
	id := s.platform.Ledger().Payments[0].TransactionID
	if got := s.v3(http.MethodGet, directRoot+"id/"+id+"?mchid="+s.merchant.ID, ""); got.code() != "ORDER_NOT_EXIST" {
		t.Errorf("%s", got.body)
	}
	if got := s.refund("combined-1-b", "refund-1", 50, set("amount", map[string]any{"refund": 50, "total": 250, "currency": "CNY"})); got.status != 200 {
		t.Fatalf("%s", got.body)
	}
	if got, _ := s.combineQuery("combined-1"); got.states() != "SUCCESS REFUND" {
		t.Error(got.states())
	}
	if payments := s.platform.Ledger().Payments; payments[0].Refunded != 0 || payments[1].Refunded != 50 {
		t.Errorf("%+v", payments)
	}
}

func TestCombineCloseListsAllSubOrders(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	ticket := s.combine("jsapi", "combined-1").field("prepay_id")
	a, b := "combined-1-a", "combined-1-b"
	for name, subs := range map[string][]string{"none": nil, "one": {a}, "one twice": {a, a}, "a third": {a, b, "combined-1-c"}, "another": {a, "combined-1-c"}} {
		if got := s.combineClose("combined-1", subs...); got.status != 400 || got.code() != "INVALID_REQUEST" {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
	for range 2 {
		if got := s.combineClose("combined-1", b, a); got.status != 204 {
			t.Errorf("%d %s", got.status, got.body)
		}
	}
	if got, _ := s.combineQuery("combined-1"); got.states() != "CLOSED CLOSED" {
		t.Error(got.states())
	}
	if _, err := s.platform.Pay(ticket, s.payer.ID, sandbox.PaySuccess); err == nil {
		t.Error("paid although closed")
	}
	if got := s.combine("jsapi", "combined-1"); got.code() != "ORDER_CLOSED" {
		t.Errorf("%s", got.body)
	}
	if got := s.combineClose("combined-2", "combined-2-a", "combined-2-b"); got.status != 204 {
		t.Errorf("%s", got.body)
	}
	if got := s.combine("jsapi", "combined-2"); got.code() != "INVALID_REQUEST" {
		t.Errorf("poisoned: %s", got.body)
	}
	paid := s.combine("jsapi", "combined-3").field("prepay_id")
	if _, err := s.platform.Pay(paid, s.payer.ID, sandbox.PaySuccess); err != nil {
		t.Fatal(err)
	}
	if got := s.combineClose("combined-3", "combined-3-a", "combined-3-b"); got.code() != "ORDERPAID" {
		t.Errorf("%s", got.body)
	}
}

func TestCombineNotificationsAreFalsified(t *testing.T) {
	for kind, is := range map[string]func(combined) bool{
		"wrong_amount": func(c combined) bool {
			return c.SubOrders[1].Amount.Total == 125 && *c.SubOrders[1].Amount.Payer == 125
		},
		"wrong_mchid": func(c combined) bool { return c.SubOrders[1].MchID != sandbox.DefaultMerchant },
		"wrong_appid": func(c combined) bool { return c.AppID != sandbox.DefaultMiniProgram },
		"swapped":     func(c combined) bool { return c.SubOrders[1].OutTradeNo == "combined-1-a" },
	} {
		s, r := newStage(t, sandbox.Options{}), newReceiver(t, 200)
		s.fault(sandbox.Fault{Match: "notify:TRANSACTION.SUCCESS", Kind: kind})
		ticket := s.combine("jsapi", "combined-1", set("notify_url", r.url)).field("prepay_id")
		if _, err := s.platform.Pay(ticket, s.payer.ID, sandbox.PaySuccess); err != nil {
			t.Fatal(err)
		}
		var told combined
		n := s.mustOpen(r.wait(t, 1)[0])
		if err := json.Unmarshal(n.text, &told); err != nil || !is(told) {
			t.Errorf("%s: %v %s", kind, err, n.text)
		}
	}
}

// twoDirect are two direct merchants on one app.
func twoDirect(t *testing.T) []sandbox.Merchant {
	t.Helper()
	merchants, err := sandbox.DefaultMerchants()
	if err != nil {
		t.Fatal(err)
	}
	merchants[1].AppIDs = append(merchants[1].AppIDs, sandbox.DefaultMiniProgram)
	return merchants
}

func TestCombineOfTwoMerchants(t *testing.T) {
	merchants := twoDirect(t)
	s, r := newStage(t, sandbox.Options{Merchants: merchants}), newReceiver(t, 200)
	other := newStageFor(t, sandbox.Options{Merchants: merchants}, 1)
	other.platform, other.url = s.platform, s.url
	ticket := s.combine("jsapi", "combined-1", set("notify_url", r.url), secondSub(set("mchid", other.merchant.ID))).field("prepay_id")
	if _, err := s.platform.Pay(ticket, s.payer.ID, sandbox.PaySuccess); err != nil {
		t.Fatal(err)
	}
	// The combining merchant alone is told, and asks; each merchant refunds its own.
	s.mustOpen(r.wait(t, 1)[0])
	if _, got := other.combineQuery("combined-1"); got.code() != "ORDER_NOT_EXIST" {
		t.Errorf("%s", got.body)
	}
	amount := set("amount", map[string]any{"refund": 250, "total": 250, "currency": "CNY"})
	if got := s.refund("combined-1-b", "refund-1", 250, amount); got.status != 404 {
		t.Errorf("refund of another merchant's sub order: %s", got.body)
	}
	if got := other.refund("combined-1-b", "refund-1", 250, amount); got.status != 200 {
		t.Errorf("%s", got.body)
	}
	payments := s.platform.Ledger().Payments
	if len(payments) != 2 || payments[0].MchID != s.merchant.ID || payments[1].MchID != other.merchant.ID || payments[1].Refunded != 250 {
		t.Errorf("%+v", payments)
	}
}

func TestCombinePayAndCloseRace(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	for i := range 20 {
		number := fmt.Sprintf("raced-%d", i)
		ticket := s.combine("native", number).field("code_url")
		var group sync.WaitGroup
		var paid, closed atomic.Int64
		for range 3 {
			group.Go(func() {
				if _, err := s.platform.Pay(ticket, s.payer.ID, sandbox.PaySuccess); err == nil {
					paid.Add(1)
				}
			})
		}
		group.Go(func() {
			if s.combineClose(number, number+"-a", number+"-b").status == 204 {
				closed.Add(1)
			}
		})
		group.Wait()
		got, _ := s.combineQuery(number)
		switch {
		case paid.Load() == 1 && closed.Load() == 0 && got.states() == "SUCCESS SUCCESS":
		case paid.Load() == 0 && closed.Load() == 1 && got.states() == "CLOSED CLOSED":
		default:
			t.Errorf("paid %d, closed %d: %s", paid.Load(), closed.Load(), got.states())
		}
	}
}

func TestCombineInvocationIsOfTheCombineApp(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	ticket := s.combine("jsapi", "combined-1").field("prepay_id")
	for app, good := range map[string]bool{sandbox.DefaultMiniProgram: true, sandbox.DefaultOfficialAccount: false} {
		pkg := "prepay_id=" + ticket
		signature, err := apiv3.Sign(s.key, apiv3.InvokeMessage(app, "1700000000", "nonce", pkg))
		if err != nil {
			t.Fatal(err)
		}
		given, err := s.platform.CheckInvocation(sandbox.Invocation{AppID: app, TimeStamp: "1700000000", NonceStr: "nonce", Package: pkg, SignType: "RSA", PaySign: signature})
		if (err == nil) != good || good && given != ticket {
			t.Errorf("%s: %q %v", app, given, err)
		}
	}
}

func TestCombinePartnerClose(t *testing.T) {
	s := newPartnerStage(t, sandbox.Options{})
	s.combine("native", "combined-1")
	uri := combineRoot + "out-trade-no/combined-1/close"
	body := func(app, sub string) string {
		one := `{"mchid":%q,"sub_mchid":%q,"out_trade_no":%q}`
		return fmt.Sprintf(`{"combine_appid":%q,"sub_orders":[`+one+`,`+one+`]}`, app,
			s.merchant.ID, sandbox.DefaultSubMerchant, "combined-1-a", s.merchant.ID, sub, "combined-1-b")
	}
	for name, c := range map[string]struct {
		body   string
		status int
	}{
		"another sub merchant":   {body(sandbox.DefaultPartnerAccount, sandbox.DefaultPlainSubMerchant), 400},
		"another app of its own": {body(sandbox.DefaultMobileApp, sandbox.DefaultSubMerchant), 400},
		"an app that is not its": {body(sandbox.DefaultMiniProgram, sandbox.DefaultSubMerchant), 400},
		"without app":            {`{"sub_orders":[]}`, 400},
		"with the combine_mchid": {strings.Replace(body(sandbox.DefaultPartnerAccount, sandbox.DefaultSubMerchant), "{", `{"combine_mchid":"1",`, 1), 400},
	} {
		if got := s.v3(http.MethodPost, uri, c.body); got.status != c.status {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
	if got := s.v3(http.MethodPost, uri, body(sandbox.DefaultPartnerAccount, sandbox.DefaultSubMerchant)); got.status != 204 {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestCombineNumbersThatOrdinaryOrdersUsed(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	prepaid := s.v3(http.MethodPost, directRoot+"jsapi", s.prepayBody("combined-1-b"))
	if prepaid.status != 200 {
		t.Fatalf("%s", prepaid.body)
	}
	if got := s.combine("jsapi", "combined-1"); got.code() != "INVALID_REQUEST" {
		t.Errorf("unpaid: %s", got.body)
	}
	if _, err := s.platform.Pay(prepaid.field("prepay_id"), s.payer.ID, sandbox.PaySuccess); err != nil {
		t.Fatal(err)
	}
	if got := s.combine("jsapi", "combined-1"); got.code() != "OUT_TRADE_NO_USED" {
		t.Errorf("paid: %s", got.body)
	}
	if got := s.combine("jsapi", "combined-1-b"); got.status != 200 {
		t.Errorf("a combined number is of its own kind: %s", got.body)
	}
}
