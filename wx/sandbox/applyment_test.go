package sandbox_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"wxhub/wx/sandbox"
)

const (
	applymentPath = "/v3/applyment4sub/applyment/"
	day           = 24 * time.Hour
)

// at changes the field of a path, or takes it away with nil.
func at(path string, value any) func(map[string]any) {
	return func(body map[string]any) {
		names := strings.Split(path, "/")
		for _, name := range names[:len(names)-1] {
			body = body[name].(map[string]any)
		}
		if body[names[len(names)-1]] = value; value == nil {
			delete(body, names[len(names)-1])
		}
	}
}

// submit hands an application in under a serial; "" is the newest certificate's.
func (s *stage) submit(body map[string]any, serial string) response {
	s.t.Helper()
	if serial == "" {
		serials, _ := s.certificates()
		serial = serials[len(serials)-1]
	}
	r := s.request(http.MethodPost, applymentPath, string(mustJSON(s.t, body)))
	r.Header.Set("Wechatpay-Serial", serial)
	return s.must(r)
}

func (s *stage) applyment(code string) (out struct {
	State    string `json:"applyment_state"`
	SubMchID string `json:"sub_mchid"`
	SignURL  string `json:"sign_url"`
	Message  string `json:"applyment_state_msg"`
}) {
	s.t.Helper()
	a := s.v3(http.MethodGet, applymentPath+"business_code/"+code, "")
	if err := json.Unmarshal(a.body, &out); err != nil || a.status != 200 {
		s.t.Fatalf("%d %s %v", a.status, a.body, err)
	}
	return out
}

func TestApplicationsThatAreRefused(t *testing.T) {
	s := newPartnerStage(t, sandbox.Options{})
	media := s.media(s.certifiedSDK(s.sdkCertificates()))
	const id, card = "subject_info/identity_info", "subject_info/identity_info/id_card_info"
	for name, c := range map[string]struct {
		edit func(map[string]any)
		want string // in the detail or the message
	}{
		"a bad business_code":      {at("business_code", "a-b"), "business_code"},
		"an unknown field":         {at("contact_info/name", "x"), "unknown field"},
		"null":                     {at("contact_info/openid", any(json.RawMessage("null"))), "null"},
		"an empty field":           {at("contact_info/openid", ""), "too short"},
		"no contact":               {at("contact_info", nil), "contact_info"},
		"a contact without papers": {at("contact_info/contact_type", "SUPER"), "contact_id_doc_type"},
		"a name in the clear":      {at("contact_info/contact_name", "张三"), "cannot be decrypted"},
		"a number in the clear":    {at("bank_account_info/account_number", "6222020000000000001"), "cannot be decrypted"},
		"a name where a phone is":  {func(b map[string]any) { c := b["contact_info"].(map[string]any); c["mobile_phone"] = c["contact_name"] }, "mobile_phone"},
		"a name where a mail is": {func(b map[string]any) {
			c := b["contact_info"].(map[string]any)
			c["contact_email"] = c["contact_name"]
		}, "contact_email"},
		"a strange subject":           {at("subject_info/subject_type", "SUBJECT_TYPE_MICRO"), "not in enum"},
		"no licence":                  {at("subject_info/business_license_info", nil), "business_license_info"},
		"a government's licence":      {at("subject_info/subject_type", "SUBJECT_TYPE_GOVERNMENT"), "certificate_info"},
		"no papers":                   {at(card, nil), "id_card_info"},
		"a passport without its part": {at(id+"/id_doc_type", "IDENTIFICATION_TYPE_OVERSEA_PASSPORT"), "id_doc_info"},
		"no address":                  {at(card+"/id_card_address", nil), "id_card_address"},
		"nobody says who owns it":     {at(id+"/owner", nil), "owner"},
		"nobody owns it":              {at("subject_info/ubo_info_list", nil), "ubo_info_list"},
		"a period backwards":          {at(card+"/card_period_end", "2018-01-01"), "bad period"},
		"a period that is no date":    {at(card+"/card_period_begin", "6.6.2019"), "bad period"},
		"an unknown picture":          {at("subject_info/business_license_info/license_copy", "x"), "unknown media_id"},
		"a picture for a film":        {at("addition_info/legal_person_video", media), "unknown media_id"},
		"a scene without its part":    {at("business_info/sales_info/biz_store_info", nil), "biz_store_info"},
		"no scene":                    {at("business_info/sales_info/sales_scenes_type", []any{}), "sales_scenes_type"},
		"both apps of a scene":        {at("business_info/sales_info/mp_info/mp_sub_appid", sandbox.DefaultOfficialAccount), "either of the two"},
		"an enterprise's own card":    {at("bank_account_info/bank_account_type", "BANK_ACCOUNT_TYPE_PERSONAL"), "not for this subject"},
	} {
		body := s.application("code_1", media)
		c.edit(body)
		if a := s.submit(body, ""); a.status != 400 || !strings.Contains(string(a.body), c.want) {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	body := s.application("code_1", media)
	for _, serial := range []string{s.merchant.CertSerial, sandbox.DefaultMerchant, "PUB_KEY_ID_0119000002012025010100333300000003"} {
		if a := s.submit(body, serial); a.status != 400 || !strings.Contains(string(a.body), "Wechatpay-Serial") {
			t.Errorf("serial %s: %d %s", serial, a.status, a.body)
		}
	}
	if n := len(s.platform.Applyments()); n != 0 {
		t.Errorf("%d applications", n)
	}
	if a := newStage(t, sandbox.Options{}).v3(http.MethodPost, applymentPath, string(mustJSON(t, body))); a.status != 403 || a.code() != "NO_AUTH" {
		t.Errorf("a direct merchant: %d %s", a.status, a.body)
	}
}

// TestAnApplicationByTheClock: nobody does anything, and what is due comes by itself.
func TestAnApplicationByTheClock(t *testing.T) {
	s := newPartnerStage(t, sandbox.Options{})
	media := s.media(s.certifiedSDK(s.sdkCertificates()))
	apply := func(code string, edits ...func(map[string]any)) {
		t.Helper()
		body := s.application(code, media)
		for _, edit := range edits {
			edit(body)
		}
		if a := s.submit(body, ""); a.status != 200 {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	step := func(code, action, want string) {
		t.Helper()
		if _, err := s.platform.DecideApplyment("", code, action); err != nil {
			t.Fatal(err)
		}
		if got := s.applyment(code).State; got != want {
			t.Fatalf("after %s: %s", action, got)
		}
	}
	apply("never_confirmed")
	apply("never_signed", at("subject_info/subject_type", "SUBJECT_TYPE_INDIVIDUAL"), at("bank_account_info/bank_account_type", "BANK_ACCOUNT_TYPE_PERSONAL"))
	s.advance(2 * day)
	if a, b := s.applyment("never_confirmed"), s.applyment("never_signed"); a.State != sandbox.ApplymentToBeConfirmed || a.SubMchID != "" || b.State != sandbox.ApplymentToBeSigned || b.SubMchID == "" {
		t.Errorf("audited: %+v %+v", a, b)
	}
	s.advance(10 * day)
	if a, b := s.applyment("never_confirmed"), s.applyment("never_signed"); a.State != sandbox.ApplymentCanceled || b.State != sandbox.ApplymentToBeSigned {
		t.Errorf("after ten days: %+v %+v", a, b)
	}
	s.advance(20 * day)
	if b := s.applyment("never_signed"); b.State != sandbox.ApplymentCanceled || b.SignURL != "" {
		t.Errorf("after thirty days: %+v", b)
	}
	apply("never_signed")
	step("never_signed", sandbox.ApplymentFail, sandbox.ApplymentEditing)
	apply("never_signed")
	step("never_signed", sandbox.ApplymentAudit, sandbox.ApplymentToBeConfirmed)
	step("never_signed", sandbox.ApplymentConfirm, sandbox.ApplymentToBeSigned)
	step("never_signed", sandbox.ApplymentSign, sandbox.ApplymentSigning)
	before := len(s.platform.Credentials().Merchants[2].SubMerchants)
	s.advance(time.Minute)
	sub := s.applyment("never_signed").SubMchID
	subs := s.platform.Credentials().Merchants[2].SubMerchants
	if len(subs) != before+1 || subs[before].ID != sub || len(subs[before].AppIDs) != 1 || subs[before].AppIDs[0] != sandbox.DefaultSubMini {
		t.Errorf("sub merchants %+v, not %s", subs, sub)
	}
	if a := s.v3(http.MethodGet, "/v3/apply4sub/sub_merchants/"+sub+"/settlement?account_number_rule=ACCOUNT_NUMBER_RULE_MASK_V2", ""); a.field("account_number") != "622202*********0001" {
		t.Errorf("%d %s", a.status, a.body)
	}
	if _, err := s.platform.DecideApplyment(sandbox.DefaultMerchant, "never_signed", sandbox.ApplymentSign); !errors.Is(err, sandbox.ErrNoApplyment) {
		t.Errorf("another merchant's: %v", err)
	}
	s.platform.Reset()
	if n := len(s.platform.Credentials().Merchants[2].SubMerchants); n != before || len(s.platform.Applyments()) != 0 {
		t.Errorf("after a reset: %d sub merchants", n)
	}
}

func TestStepsOfApplications(t *testing.T) {
	s := newPartnerStage(t, sandbox.Options{})
	media := s.media(s.certifiedSDK(s.sdkCertificates()))
	if a := s.submit(s.application("code_1", media), ""); a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	for _, c := range []struct {
		path, body string
		want       int
		contains   string
	}{
		{"code_2", `{"action":"audit"}`, 404, "no_applyment"},
		{"code_1", `{"action":"eat"}`, 422, "action is"},
		{"code_1", `{"action":"sign"}`, 409, "applyment_state"},
		{"code_1", `{"mchid":"1900000001","action":"audit"}`, 404, "no_applyment"},
		{"code_1", `{"action":"reject","audit_detail":[{"field":"license_copy","field_name":"营业执照","reject_reason":"不清晰"}]}`, 200, "license_copy"},
		{"code_1", `{"action":"reject"}`, 409, "applyment_state"},
		{"code_1", `{"action":"cancel"}`, 200, "CANCELED"},
	} {
		if a := s.post("/sandbox/applyments/"+c.path, c.body); a.status != c.want || !strings.Contains(string(a.body), c.contains) {
			t.Errorf("%s: %d %s", c.body, a.status, a.body)
		}
	}
	if a := s.get("/sandbox/applyments"); !strings.Contains(string(a.body), `"business_code":"code_1"`) || strings.Contains(string(a.body), "6222") {
		t.Errorf("%s", a.body)
	}
	if a := s.post("/sandbox/settlements/refuse", `{"application_no":"1"}`); a.status != 404 || a.code() != "no_settlement_change" {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// A change that is refused leaves the account as it was.
func TestASettlementChangeThatIsRefused(t *testing.T) {
	s := newPartnerStage(t, sandbox.Options{})
	serials, keys := s.certificates()
	const sub = "/v3/apply4sub/sub_merchants/"
	own := sub + sandbox.DefaultSubMerchant
	before := s.v3(http.MethodGet, own+"/settlement", "").field("account_number")
	r := s.request(http.MethodPost, own+"/modify-settlement", string(mustJSON(t, map[string]any{
		"modify_mode": "MODIFY_MODE_ASYNC", "account_type": "ACCOUNT_TYPE_BUSINESS", "account_bank": "工商银行",
		"account_number": sealed(t, keys[serials[0]], "6222020000000000077"), "account_name": sealed(t, keys[serials[0]], "某公司"),
	})))
	r.Header.Set("Wechatpay-Serial", serials[0])
	no := s.must(r).field("application_no")
	if err := s.platform.RefuseSettlementChange(no, "户名有误"); err != nil {
		t.Fatal(err)
	}
	s.advance(time.Minute)
	if a := s.v3(http.MethodGet, own+"/application/"+no, ""); a.field("verify_result") != "AUDIT_FAIL" || a.field("verify_fail_reason") != "户名有误" || a.field("account_name") != "某**" {
		t.Errorf("%s", a.body)
	}
	if got := s.v3(http.MethodGet, own+"/settlement", "").field("account_number"); got != before {
		t.Errorf("the account is %s, was %s", got, before)
	}
	if a := s.v3(http.MethodGet, own+"/application/1", ""); a.status != 404 {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := s.v3(http.MethodGet, sub+sandbox.DefaultSecondMerchant+"/settlement", ""); a.code() != "NO_AUTH" {
		t.Errorf("somebody else's: %s", a.body)
	}
}
