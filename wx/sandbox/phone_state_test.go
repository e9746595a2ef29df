package sandbox_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"wxhub/wx/sandbox"
)

func (s *stage) phoneState() (out sandbox.PhoneState) {
	s.t.Helper()
	answer := s.control("GET", "/phone/state?user=payer-1", "")
	if err := json.Unmarshal(answer.body, &out); err != nil || answer.status != 200 {
		s.t.Fatalf("%d %s %v", answer.status, answer.body, err)
	}
	return out
}

// The sheet shows what will be paid, and refuses what the phone refuses; it changes nothing.
func TestSheet(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	given := s.prepay(s.number())
	ask := func(given, user string) response {
		return s.control("POST", "/phone/sheet", fmt.Sprintf(`{"prepay_id":%q,"user":%q}`, given, user))
	}
	if got := ask(given, "payer-1"); got.status != 200 || got.field("merchant") != "Corner shop" || got.field("total") != "100" || got.field("description") != "一杯茶" {
		t.Errorf("%d %s", got.status, got.body)
	}
	if _, err := s.platform.CreateUser("other"); err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]response{
		"409 phone_refuses": ask(given, "other"), "404 no_user": ask(given, "nobody"), "404 no_prepay": ask("wx0", "payer-1"), "422 bad_input": ask("", "payer-1"),
	} {
		if fmt.Sprint(got.status, " ", got.code()) != name {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
	if state := s.phoneState(); len(state.Receipts) != 0 {
		t.Errorf("looking pays: %+v", state.Receipts)
	}
	s.advance(3 * time.Hour)
	if got := ask(given, "payer-1"); got.code() != "phone_refuses" {
		t.Errorf("after its end: %d %s", got.status, got.body)
	}
}

// What was paid and given back stands in WeChat Pay's account of who paid, and of nobody else.
func TestReceiptsAndCodes(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	s.pay(s.prepay("paid-000001"))
	s.v3("POST", "/v3/refund/domestic/refunds", `{"out_trade_no":"paid-000001","out_refund_no":"back-1","amount":{"refund":40,"total":100,"currency":"CNY"}}`)
	s.advance(time.Minute)
	native := func(number string) string {
		answer := s.v3("POST", "/v3/pay/transactions/native", s.prepayBody(number, unset("payer")))
		return answer.field("code_url")
	}
	native("native-0001")
	code := native("native-0001") // the first is stale now
	paid := native("native-0002")
	if _, err := s.platform.Pay(paid, "payer-1", sandbox.PaySuccess); err != nil {
		t.Fatal(err)
	}
	state := s.phoneState()
	if len(state.Codes) != 1 || state.Codes[0].CodeURL != code || state.Codes[0].Merchant != "Corner shop" {
		t.Errorf("codes: %+v", state.Codes)
	}
	var got []string
	for _, r := range state.Receipts {
		got = append(got, fmt.Sprint(r.Amount, r.Refund, r.OutTradeNo))
	}
	if fmt.Sprint(got) != "[100 falsenative-0002 40 truepaid-000001 100 falsepaid-000001]" {
		t.Errorf("receipts: %s", got)
	}
	if _, err := s.platform.CreateUser("other"); err != nil {
		t.Fatal(err)
	}
	if other, err := s.platform.PhoneState("other"); err != nil || len(other.Receipts) != 0 {
		t.Errorf("somebody else's: %+v %v", other.Receipts, err)
	}
}

// A combined order is one code and one sheet, and a receipt for each of its orders.
func TestCombinedOrdersOnThePhone(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	code := s.combine("native", "combined-1").field("code_url")
	state := s.phoneState()
	if len(state.Codes) != 1 || state.Codes[0].CodeURL != code {
		t.Fatalf("%+v", state.Codes)
	}
	sheet, err := s.platform.Sheet(code, "payer-1")
	if err != nil || sheet.Description == "" || sheet.Total != state.Codes[0].Amount {
		t.Errorf("%+v %v", sheet, err)
	}
	if _, err := s.platform.Pay(code, "payer-1", sandbox.PaySuccess); err != nil {
		t.Fatal(err)
	}
	sum := int64(0)
	state = s.phoneState()
	for _, r := range state.Receipts {
		sum += r.Amount
	}
	if len(state.Codes) != 0 || len(state.Receipts) < 2 || sum != sheet.Total {
		t.Errorf("paid %d: %+v", sheet.Total, state)
	}
}

// Money that a merchant sends waits on the phone of whom it is for, until they take it.
func TestOffersOnThePhone(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	app := sandbox.DefaultMiniProgram
	answer := s.v3("POST", "/v3/fund-app/mch-transfer/transfer-bills", `{"appid":"`+app+`","out_bill_no":"bill0001","transfer_scene_id":"1000","openid":"`+s.payer.OpenIDs[app]+
		`","transfer_amount":30,"transfer_remark":"奖","transfer_scene_report_infos":[{"info_type":"活动名称","info_content":"抽奖"}]}`)
	if answer.status != 200 {
		t.Fatalf("%d %s", answer.status, answer.body)
	}
	state := s.phoneState()
	if len(state.Offers) != 1 || state.Offers[0].Amount != 30 || state.Offers[0].Merchant != "Corner shop" {
		t.Fatalf("%+v", state.Offers)
	}
	if got := s.control("POST", "/transfers/confirm", `{"package_info":"`+state.Offers[0].PackageInfo+`","user":"payer-1"}`); got.status >= 300 {
		t.Errorf("%d %s", got.status, got.body)
	}
	if left := s.phoneState().Offers; len(left) != 0 {
		t.Errorf("taken, and still there: %+v", left)
	}
}

// The chat says what the app was told, what became of it, and what it answered.
func TestChat(t *testing.T) {
	s := still(t)
	app := sandbox.DefaultOfficialAccount
	lines := func() string {
		chat, err := s.platform.Chat(app, "payer-1")
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, l := range chat {
			out = append(out, l.From+":"+l.Text+":"+l.State)
		}
		return strings.Join(out, " ")
	}
	s.control("POST", "/follow", `{"app_id":"`+app+`","user":"payer-1"}`)
	if got := lines(); got != "event:subscribe:nowhere" {
		t.Errorf("without a URL: %s", got)
	}
	r := s.pushReceiver(app)
	s.setPush(r, "plain", "")
	r.answers(200, `<xml><ToUserName>a</ToUserName><MsgType>text</MsgType><Content><![CDATA[<b>hello</b>]]></Content></xml>`)
	s.control("POST", "/messages", `{"app_id":"`+app+`","user":"payer-1","text":"hi"}`)
	eventually(t, "the answer is there", func() bool {
		return lines() == "event:subscribe:nowhere user:hi:received account:<b>hello</b>:"
	})
	r.answers(500, "")
	s.control("POST", "/menu-click", `{"app_id":"`+app+`","user":"payer-1","key":"k1"}`)
	eventually(t, "the failure is there", func() bool { return strings.HasSuffix(lines(), " event:CLICK k1:failed") })
	s.platform.Reset()
	if _, err := s.platform.CreateUser("payer-1"); err != nil || lines() != "" {
		t.Errorf("a chat outlives a reset: %s %v", lines(), err)
	}
}
