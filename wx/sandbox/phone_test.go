package sandbox_test

import (
	"encoding/json"
	"net/url"
	"regexp"
	"testing"
	"time"

	"wxhub/wx/sandbox"
	"wxhub/wx/sandbox/wxcrypt"
)

func (s *stage) phone(app, body string) response {
	s.t.Helper()
	return s.post("/wxa/business/getuserphonenumber?access_token="+s.stable(app, false).field("access_token"), body)
}

func (s *stage) phoneCode(app, user string) string {
	s.t.Helper()
	answer := s.control("POST", "/phone-codes", `{"app_id":"`+app+`","user":"`+user+`"}`)
	if answer.status != 201 {
		s.t.Fatalf("%d %s", answer.status, answer.body)
	}
	return answer.field("code")
}

// phoneParts are the interesting fields of the answer.
func phoneParts(t *testing.T, r response) [4]string {
	t.Helper()
	var body struct {
		PhoneInfo struct {
			PhoneNumber, PurePhoneNumber, CountryCode string
			Watermark                                 struct{ AppID string }
		} `json:"phone_info"`
	}
	if err := json.Unmarshal(r.body, &body); err != nil {
		t.Fatal(err)
	}
	i := body.PhoneInfo
	return [4]string{i.PhoneNumber, i.PurePhoneNumber, i.CountryCode, i.Watermark.AppID}
}

func TestPhoneNumbersOfUsers(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	app := sandbox.DefaultMiniProgram
	if !regexp.MustCompile(`^1[3-9]\d{9}$`).MatchString(s.payer.Phone) {
		t.Errorf("phone %q", s.payer.Phone)
	}
	if made := s.control("POST", "/users", `{"name":"guest","phone":"+852 61234567"}`); made.status != 201 || made.field("phone") != "+852 61234567" {
		t.Fatalf("%d %s", made.status, made.body)
	}
	if _, err := s.platform.CreateUserWith(sandbox.UserSpec{Name: "home", Phone: "+86 13800000000"}); err != nil {
		t.Fatal(err)
	}
	for user, want := range map[string][4]string{
		"payer-1": {s.payer.Phone, s.payer.Phone, "86", app},
		"guest":   {"85261234567", "61234567", "852", app},
		"home":    {"13800000000", "13800000000", "86", app},
	} {
		if got := phoneParts(t, s.phone(app, `{"code":"`+s.phoneCode(app, user)+`"}`)); got != want {
			t.Errorf("%s: %v", user, got)
		}
	}
	if twin := newStage(t, sandbox.Options{}); twin.payer.Phone != s.payer.Phone {
		t.Error("the same seed gives another phone")
	}
}

func TestPhoneCodeRefusals(t *testing.T) {
	b := sandbox.DefaultBehaviour()
	b.UsedPhoneCode = 40163
	s := newStage(t, sandbox.Options{Behaviour: &b})
	app := sandbox.DefaultMiniProgram
	used, expired := s.phoneCode(app, "payer-1"), s.phoneCode(app, "payer-1")
	s.phone(app, `{"code":"`+used+`"}`)
	s.advance(5 * time.Minute)
	good := s.phoneCode(app, "payer-1")
	for name, test := range map[string]struct{ body, errcode string }{
		"not JSON":             {`code`, "47001"},
		"no code":              {`{}`, "40029"},
		"a login code":         {`{"code":"` + s.code(app) + `"}`, "40029"},
		"another app's":        {`{"code":"` + s.phoneCode(sandbox.DefaultSecondMini, "payer-1") + `"}`, "40013"},
		"used":                 {`{"code":"` + used + `"}`, "40163"},
		"expired":              {`{"code":"` + expired + `"}`, "40029"},
		"somebody else's code": {`{"code":"` + good + `","openid":"o1"}`, "40003"},
	} {
		if got := s.phone(app, test.body); got.field("errcode") != test.errcode {
			t.Errorf("%s: %s", name, got.body)
		}
	}
	if got := s.phone(app, `{"code":"`+good+`","openid":"`+s.payer.OpenIDs[app]+`"}`); got.field("errcode") != "0" {
		t.Errorf("%s", got.body)
	}
	if got := s.post("/wxa/business/getuserphonenumber", `{}`); got.field("errcode") != "41001" {
		t.Errorf("%s", got.body)
	}
	if got := s.login(app, s.phoneCode(app, "payer-1")); got.field("errcode") != "40029" {
		t.Errorf("a phone code logs in: %s", got.body)
	}
}

func TestEncryptedDataIsUnderTheCurrentKey(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	app := sandbox.DefaultMiniProgram
	ask := func(kind string) response {
		return s.control("POST", "/encrypted-data", `{"app_id":"`+app+`","user":"payer-1","kind":"`+kind+`"}`)
	}
	if got := ask("userinfo"); got.status != 409 {
		t.Errorf("without a session: %d %s", got.status, got.body)
	}
	key := s.login(app, s.code(app)).field("session_key")
	if got := ask("mood"); got.status != 422 {
		t.Errorf("an unknown kind: %d %s", got.status, got.body)
	}
	data := ask("userinfo")
	plain, err := wxcrypt.OpenData(key, data.field("iv"), data.field("encryptedData"))
	seen := response{body: plain}
	if err != nil || seen.field("openId") != s.payer.OpenIDs[app] || seen.field("unionId") != s.payer.UnionIDs["main"] || seen.field("nickName") != "payer-1" {
		t.Errorf("%s %v", plain, err)
	}
	if data.field("signature") != wxcrypt.RawDataSignature(data.field("rawData"), key) {
		t.Errorf("%s", data.body)
	}
	phone := ask("phone")
	plain, err = wxcrypt.OpenData(key, phone.field("iv"), phone.field("encryptedData"))
	if seen := (response{body: plain}); err != nil || seen.field("purePhoneNumber") != s.payer.Phone || phone.field("rawData") != "" {
		t.Errorf("%s %v", plain, err)
	}
	s.login(app, s.code(app))
	later := ask("userinfo")
	if plain, err := wxcrypt.OpenData(key, later.field("iv"), later.field("encryptedData")); err == nil && json.Valid(plain) {
		t.Error("the old key opens it")
	}
}

func TestPaidUnionID(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	app := sandbox.DefaultMiniProgram
	number := s.number()
	payment := s.pay(s.prepay(number))
	unpaid := s.number()
	s.prepay(unpaid)
	other, err := s.platform.CreateUser("other")
	if err != nil {
		t.Fatal(err)
	}
	ask := func(query url.Values) response {
		query.Set("access_token", s.stable(app, false).field("access_token"))
		return s.get("/wxa/getpaidunionid?" + query.Encode())
	}
	openID := s.payer.OpenIDs[app]
	byTrade := url.Values{"openid": {openID}, "transaction_id": {payment.TransactionID}}
	byNumber := url.Values{"openid": {openID}, "mch_id": {s.merchant.ID}, "out_trade_no": {number}}
	for name, query := range map[string]url.Values{"transaction": byTrade, "number": byNumber} {
		if got := ask(query); got.field("unionid") != s.payer.UnionIDs["main"] || got.field("errcode") != "0" {
			t.Errorf("%s: %s", name, got.body)
		}
	}
	for name, test := range map[string]struct {
		query   url.Values
		errcode string
	}{
		"unknown openid":    {url.Values{"openid": {"o1"}, "transaction_id": {payment.TransactionID}}, "40003"},
		"somebody else":     {url.Values{"openid": {other.OpenIDs[app]}, "transaction_id": {payment.TransactionID}}, "89300"},
		"unknown payment":   {url.Values{"openid": {openID}, "transaction_id": {"1"}}, "89300"},
		"unpaid order":      {url.Values{"openid": {openID}, "mch_id": {s.merchant.ID}, "out_trade_no": {unpaid}}, "89300"},
		"another merchant":  {url.Values{"openid": {openID}, "mch_id": {"1"}, "out_trade_no": {number}}, "89300"},
		"neither of either": {url.Values{"openid": {openID}}, "89300"},
	} {
		if got := ask(test.query); got.field("errcode") != test.errcode {
			t.Errorf("%s: %s", name, got.body)
		}
	}
	s.bind(app, "")
	if got := ask(byTrade); got.field("errcode") != "89002" {
		t.Errorf("unbound: %s", got.body)
	}
	s.bind(app, "main")
	s.advance(5 * time.Minute)
	if got := ask(byTrade); got.field("errcode") != "89300" {
		t.Errorf("after 5 minutes: %s", got.body)
	}
}
