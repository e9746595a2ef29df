package sandbox_test

import (
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"wxhub/wx/sandbox"
	"wxhub/wx/sandbox/apiv2"
)

// v2 is an answer of APIv2.
type v2 map[string]string

// brief is what a table compares: the codes, or the state.
func (a v2) brief() string {
	if a["return_code"] != "SUCCESS" {
		return "unheard " + a["return_msg"]
	}
	return strings.TrimSpace(a["result_code"] + " " + a["err_code"] + a["trade_state"])
}

func v2Document(fields map[string]string) string {
	var out strings.Builder
	out.WriteString("<xml>")
	for name, value := range fields {
		out.WriteString("<" + name + ">")
		_ = xml.EscapeText(&out, []byte(value))
		out.WriteString("</" + name + ">")
	}
	return out.String() + "</xml>"
}

func v2Read(t testing.TB, text []byte) v2 {
	t.Helper()
	var doc struct {
		Fields []struct {
			XMLName xml.Name
			Value   string `xml:",chardata"`
		} `xml:",any"`
	}
	if err := xml.Unmarshal(text, &doc); err != nil {
		t.Errorf("%v in %s", err, text)
	}
	out := v2{}
	for _, f := range doc.Fields {
		out[f.XMLName.Local] = f.Value
	}
	return out
}

// v2Fields are signed by the merchant's key. An edit to "" takes a field out.
func (s *stage) v2Fields(edits map[string]string) map[string]string {
	fields := map[string]string{"appid": sandbox.DefaultMiniProgram, "mch_id": s.merchant.ID, "nonce_str": "abc"}
	maps.Copy(fields, edits)
	maps.DeleteFunc(fields, func(_, value string) bool { return value == "" })
	if fields["sign"] == "" {
		fields["sign"] = apiv2.Sign(fields, s.merchant.APIv2Key, fields["sign_type"])
	}
	return fields
}

func (s *stage) v2Post(path, body string) v2 {
	s.t.Helper()
	answer, err := http.Post(s.url+path, "application/xml", strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		s.t.Fatalf("%d %v", answer.StatusCode, err)
	}
	return v2Read(s.t, text)
}

// v2 calls and verifies the answer.
func (s *stage) v2(path string, edits map[string]string) v2 {
	s.t.Helper()
	got := s.v2Post(path, v2Document(s.v2Fields(edits)))
	signed := got["sign"] != "" && got["sign"] == apiv2.Sign(got, s.merchant.APIv2Key, edits["sign_type"])
	if signed != (got["return_code"] == "SUCCESS") {
		s.t.Errorf("signed is %v: %v", signed, got)
	}
	return got
}

func (s *stage) micropay(number, code, fen string, edits ...map[string]string) v2 {
	s.t.Helper()
	fields := map[string]string{"body": "茶 <&>", "out_trade_no": number, "total_fee": fen, "spbill_create_ip": "192.0.2.1", "auth_code": code}
	for _, e := range edits {
		maps.Copy(fields, e)
	}
	return s.v2("/pay/micropay", fields)
}

func (s *stage) v2State(number string) string {
	s.t.Helper()
	return s.v2("/pay/orderquery", map[string]string{"out_trade_no": number}).brief()
}

func (s *stage) v2Reverse(number string) v2 {
	s.t.Helper()
	return s.v2("/secapi/pay/reverse", map[string]string{"out_trade_no": number})
}

func TestMicropayOutcomes(t *testing.T) {
	for _, c := range []struct{ outcome, fen, want, state string }{
		{"", "88", "SUCCESS", "SUCCESS SUCCESS"},
		{"", "100001", "FAIL USERPAYING", "SUCCESS USERPAYING"},
		{sandbox.CodePassword, "88", "FAIL USERPAYING", "SUCCESS USERPAYING"},
		{sandbox.CodeNotEnough, "88", "FAIL NOTENOUGH", "SUCCESS NOTPAY"},
		{sandbox.CodeBankError, "88", "FAIL BANKERROR", "SUCCESS PAYERROR"},
		{sandbox.CodeSystemError, "88", "FAIL SYSTEMERROR", "SUCCESS SUCCESS"},
	} {
		s := newStage(t, sandbox.Options{})
		if got := s.micropay("number-1", s.showCode(c.outcome), c.fen); got.brief() != c.want {
			t.Errorf("%+v: %v", c, got)
		}
		if got := s.v2State("number-1"); got != c.state {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

func TestMicropayIsOnTheBookOfAPIv3(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	code := s.showCode("")
	paid := s.micropay("number-1", code, "88", map[string]string{"attach": "a]]>b", "sign_type": "HMAC-SHA256"})
	if paid["openid"] != s.payer.OpenIDs[sandbox.DefaultMiniProgram] || paid["total_fee"] != "88" || paid["attach"] != "a]]>b" ||
		paid["trade_type"] != "MICROPAY" || len(paid["time_end"]) != 14 || paid["is_subscribe"] != "N" {
		t.Errorf("%v", paid)
	}
	if got := s.tradeState("number-1"); got != "SUCCESS" {
		t.Error(got)
	}
	if got := s.v2("/pay/orderquery", map[string]string{"transaction_id": paid["transaction_id"]}); got["out_trade_no"] != "number-1" {
		t.Errorf("%v", got)
	}
	if got := s.micropay("number-1", s.showCode(""), "88", map[string]string{"attach": "a]]>b"}); got.brief() != "FAIL ORDERPAID" {
		t.Errorf("%v", got)
	}
	if got := s.micropay("number-2", code, "88"); got.brief() != "FAIL AUTH_CODE_INVALID" {
		t.Errorf("a used code: %v", got)
	}
	if got := s.v2State("number-2"); got != "FAIL ORDERNOTEXIST" {
		t.Error(got)
	}
	late := s.showCode("")
	s.advance(time.Minute)
	if got := s.micropay("number-2", late, "88"); got.brief() != "FAIL AUTHCODEEXPIRE" {
		t.Errorf("%v", got)
	}
	s.micropay("number-3", s.showCode(sandbox.CodeNotEnough), "88")
	if got := s.micropay("number-3", s.showCode(""), "89"); got.brief() != "FAIL OUT_TRADE_NO_USED" {
		t.Errorf("%v", got)
	}
	if got := s.micropay("number-3", s.showCode(""), "88"); got.brief() != "SUCCESS" {
		t.Errorf("another code: %v", got)
	}
}

// A number that APIv3 charged is known to APIv2, and the other way round.
func TestOneNumberByBothAPIs(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	s.charge("number-1", s.showCode(""))
	if got := s.v2State("number-1"); got != "SUCCESS SUCCESS" {
		t.Error(got)
	}
	if got := s.micropay("number-1", s.showCode(""), "88"); got.brief() != "FAIL ORDERPAID" {
		t.Errorf("%v", got)
	}
	s.micropay("number-2", s.showCode(sandbox.CodeNotEnough), "88")
	if got := s.charge("number-2", s.showCode("")); got.code() != "INVALID_REQUEST" {
		t.Errorf("%d %s", got.status, got.body)
	}
	s.advance(15 * time.Second)
	if got := s.v2Reverse("number-1"); got.brief() != "SUCCESS" {
		t.Errorf("%v", got)
	}
	if got := s.reverse("number-2"); got.status != 200 {
		t.Errorf("%d %s", got.status, got.body)
	}
	if a, b := s.tradeState("number-1"), s.v2State("number-2"); a != "REVOKED" || b != "SUCCESS REVOKED" {
		t.Error(a, b)
	}
}

// Whatever races for a code, it is charged once.
func TestMicropayChargesACodeOnce(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	code, answers := s.showCode(""), make(chan string, 8)
	for i := range cap(answers) {
		go func() {
			body := v2Document(s.v2Fields(map[string]string{"body": "tea", "out_trade_no": fmt.Sprintf("number-%d", i), "total_fee": "88", "spbill_create_ip": "192.0.2.1", "auth_code": code}))
			answers <- s.v2Seen("/pay/micropay", body)
		}()
	}
	paid := 0
	for range cap(answers) {
		if <-answers == "SUCCESS" {
			paid++
		}
	}
	if paid != 1 {
		t.Errorf("charged %d times", paid)
	}
}

func TestMicropayPassword(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	code := s.showCode(sandbox.CodePassword)
	s.micropay("number-1", code, "88")
	if _, err := s.platform.AnswerPassword(code, sandbox.PaySuccess); err != nil {
		t.Fatal(err)
	}
	if got := s.v2State("number-1"); got != "SUCCESS SUCCESS" {
		t.Error(got)
	}
	s.micropay("number-2", s.showCode(sandbox.CodePassword), "88")
	s.advance(time.Minute)
	if got := s.v2State("number-2"); got != "SUCCESS PAYERROR" {
		t.Error(got)
	}
}

func TestReverseByAPIv2(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	s.micropay("paid-1", s.showCode(""), "88")
	s.micropay("waiting-1", s.showCode(sandbox.CodePassword), "88")
	if got := s.v2Reverse("paid-1"); got.brief() != "FAIL FREQUENCY_LIMITED" || got["recall"] != "Y" {
		t.Errorf("too soon: %v", got)
	}
	s.advance(15 * time.Second)
	for _, number := range []string{"paid-1", "paid-1", "waiting-1"} {
		if got := s.v2Reverse(number); got.brief() != "SUCCESS" || got["recall"] != "N" {
			t.Errorf("%s: %v", number, got)
		}
		if got := s.v2State(number); got != "SUCCESS REVOKED" {
			t.Errorf("%s: %s", number, got)
		}
	}
	if n := len(s.platform.Refunds()); n != 1 {
		t.Errorf("%d refunds", n)
	}
	if got := s.micropay("waiting-1", s.showCode(""), "88"); got.brief() != "FAIL ORDERREVERSED" {
		t.Errorf("%v", got)
	}
	if got := s.v2Reverse("nobody-1"); got.brief() != "FAIL ORDERNOTEXIST" || got["recall"] != "N" {
		t.Errorf("%v", got)
	}
}

func TestAuthCodeToOpenID(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	code := s.showCode("")
	ask := func(code string) v2 { return s.v2("/tools/authcodetoopenid", map[string]string{"auth_code": code}) }
	for range 2 {
		if got := ask(code); got["openid"] != s.payer.OpenIDs[sandbox.DefaultMiniProgram] {
			t.Errorf("%v", got)
		}
	}
	if got := ask("100000000000000000"); got.brief() != "FAIL AUTH_CODE_INVALID" {
		t.Errorf("%v", got)
	}
	s.advance(time.Minute)
	if got := ask(code); got.brief() != "FAIL AUTHCODEEXPIRE" {
		t.Errorf("%v", got)
	}
}

func TestMicropayOfAServiceProvider(t *testing.T) {
	s := newStageFor(t, sandbox.Options{}, 2)
	app := map[string]string{"appid": s.merchant.AppIDs[0], "sub_mch_id": sandbox.DefaultSubMerchant}
	if got := s.micropay("number-1", s.showCode(""), "88", app); got.brief() != "SUCCESS" || got["sub_mch_id"] != sandbox.DefaultSubMerchant {
		t.Errorf("%v", got)
	}
	if got := s.micropay("number-2", s.showCode(""), "88", app, map[string]string{"sub_mch_id": ""}); got.brief() != "FAIL LACK_PARAMS" {
		t.Errorf("%v", got)
	}
	if got := s.micropay("number-2", s.showCode(""), "88", app, map[string]string{"sub_mch_id": "1900009999"}); got.brief() != "FAIL NOAUTH" {
		t.Errorf("%v", got)
	}
}

func TestMicropayRefusals(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	for _, c := range []struct{ name, value, want string }{
		{"sign", "", "SUCCESS"},
		{"sign", "9A0A8659F005D6984697E2CA0A9CF3B7", "unheard 签名错误"},
		{"sign_type", "SHA1", "unheard 签名类型错误"},
		{"mch_id", "1999999999", "unheard 商户号mch_id不存在"},
		{"appid", "wx0000000000009999", "FAIL APPID_NOT_EXIST"},
		{"nonce_str", strings.Repeat("n", 33), "FAIL PARAM_ERROR"},
		{"sub_mch_id", "1900000001", "FAIL NOAUTH"},
		{"body", "", "FAIL LACK_PARAMS"},
		{"body", strings.Repeat("茶", 128), "FAIL PARAM_ERROR"},
		{"total_fee", "0", "FAIL PARAM_ERROR"},
		{"total_fee", "1.5", "FAIL PARAM_ERROR"},
		{"total_fee", "+1", "FAIL PARAM_ERROR"},
		{"fee_type", "USD", "FAIL PARAM_ERROR"},
		{"out_trade_no", "空", "FAIL PARAM_ERROR"},
		{"spbill_create_ip", "here", "FAIL PARAM_ERROR"},
		{"time_expire", "2026-01-01", "FAIL PARAM_ERROR"},
		{"auth_code", "280000000000000000", "FAIL AUTH_CODE_INVALID"},
	} {
		if got := s.micropay("number-1", s.showCode(""), "88", map[string]string{"attach": "x"}, map[string]string{c.name: c.value}); got.brief() != c.want {
			t.Errorf("%s %s: %v", c.name, c.value, got)
		}
	}
}

func TestAPIv2ReadsOnlyFlatXML(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	good := v2Document(s.v2Fields(map[string]string{"out_trade_no": "number-1"}))
	for name, body := range map[string]string{
		"doctype":   `<!DOCTYPE xml [<!ENTITY a "b">]>` + good,
		"entity":    strings.Replace(good, "<xml>", "<xml><a>&a;</a>", 1),
		"nested":    strings.Replace(good, "<xml>", "<xml><a><b>c</b></a>", 1),
		"attribute": strings.Replace(good, "<xml>", `<xml a="b">`, 1),
		"twice":     strings.Replace(good, "<xml>", "<xml><appid>x</appid>", 1),
		"two":       good + good,
		"inside":    strings.Replace(good, "<xml>", "<xml><?php a?>", 1),
		"latin-1":   `<?xml version="1.0" encoding="ISO-8859-1"?>` + good,
		"bad utf-8": strings.Replace(good, "<xml>", "<xml><a>\xff</a>", 1),
		"text":      good + "x",
		"other":     strings.ReplaceAll(good, "xml>", "root>"),
		"long":      strings.Replace(good, "<xml>", "<xml><a>"+strings.Repeat("x", 64<<10)+"</a>", 1),
		"many":      strings.Replace(good, "<xml>", "<xml>"+manyFields(), 1),
		"half":      good[:len(good)/2],
		"empty":     "",
		"json":      "{}",
	} {
		if got := s.v2Post("/pay/orderquery", body); got["return_code"] != "FAIL" || got["return_msg"] != "XML格式错误" {
			t.Errorf("%s: %v", name, got)
		}
	}
	if got := s.v2Post("/pay/orderquery", `<?xml version="1.0" encoding="UTF-8"?>`+"\n"+good+"\n"); got.brief() != "FAIL ORDERNOTEXIST" {
		t.Errorf("%v", got)
	}
}

func manyFields() string {
	var out strings.Builder
	for i := range 64 {
		name := "f" + strings.Repeat("x", i)
		out.WriteString("<" + name + ">1</" + name + ">")
	}
	return out.String()
}
