package sandbox_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"wxhub/wx/sandbox"
)

func (s *stage) control(method, path, body string) response {
	s.t.Helper()
	r, err := http.NewRequest(method, s.url+"/sandbox"+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	return s.must(r)
}

func TestControlWalksAnOrderThrough(t *testing.T) {
	s, r := newStage(t, sandbox.Options{}), newReceiver(t, 204)
	user := s.control("POST", "/users", `{"name":"payer-2"}`)
	if user.status != 201 || !strings.HasPrefix(user.field("id"), "wxu_") {
		t.Fatalf("%d %s", user.status, user.body)
	}
	code := s.control("POST", "/login-codes", `{"app_id":"`+sandbox.DefaultMiniProgram+`","user":"payer-2"}`)
	openid := s.login(sandbox.DefaultMiniProgram, code.field("code")).field("openid")
	number := s.number()
	id := s.prepay(number, set("notify_url", r.url), set("payer", map[string]any{"openid": openid}))
	pay := func(result string) response {
		return s.control("POST", "/pay", `{"prepay_id":"`+id+`","user":"`+user.field("id")+`","result":"`+result+`"}`)
	}
	if answer := pay("cancel"); answer.status != 200 || answer.field("err_msg") != "requestPayment:fail cancel" {
		t.Errorf("%d %s", answer.status, answer.body)
	}
	paid := pay("success")
	if paid.status != 200 || paid.field("transaction_id") == "" || paid.field("out_trade_no") != number {
		t.Fatalf("%d %s", paid.status, paid.body)
	}
	if again := pay("success"); again.status != 409 || again.field("message") != "该订单已支付" {
		t.Errorf("%d %s", again.status, again.body)
	}
	s.waitAttempts(1)
	if text := string(s.control("GET", "/orders", "").body); !strings.Contains(text, paid.field("transaction_id")) {
		t.Error(text)
	}
	page := s.control("GET", "/console", "")
	for _, want := range []string{"payer-2", number, "TRANSACTION.SUCCESS", sandbox.DefaultMerchant, sandbox.DefaultWebsite} {
		if !strings.Contains(string(page.body), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(string(page.body), "<script") || strings.Contains(string(page.body), "//cdn") {
		t.Error("the page has a script or an outside host")
	}
}

func TestControlRefusesBadInput(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	for _, test := range []struct {
		method, path, body string
		status             int
		message            string
	}{
		{"POST", "/users", `{"name":""}`, 422, "1 to 64"},
		{"POST", "/users", `{"name":"wxu_1"}`, 422, "wxu_"},
		{"POST", "/users", `{"name":"` + strings.Repeat("名", 65) + `"}`, 422, "64"},
		{"POST", "/users", `{"name":"payer-1"}`, 409, "exists"},
		{"POST", "/users", `{"nam":"x"}`, 400, "unknown field"},
		{"POST", "/users", `x`, 400, "JSON"},
		{"POST", "/users", `{"name":"a"}{}`, 400, "follows"},
		{"POST", "/users", `{"name":"` + strings.Repeat("a", 1<<20) + `"}`, 413, "body"},
		{"POST", "/login-codes", `{"app_id":"wx0","user":"payer-1"}`, 404, "credentials"},
		{"POST", "/login-codes", `{"app_id":"` + sandbox.DefaultMiniProgram + `","user":"nobody"}`, 404, "POST /sandbox/users"},
		{"POST", "/login-codes", `{"app_id":"` + sandbox.DefaultWebsite + `","user":"payer-1","scope":"snsapi_base"}`, 422, "snsapi_login for a website"},
		{"POST", "/login-codes", `{"app_id":"` + sandbox.DefaultMiniProgram + `","user":"payer-1","scope":"snsapi_base"}`, 422, "belong to a mini-program"},
		{"POST", "/users", `{"name":"a","phone":"123"}`, 422, "country code"},
		{"POST", "/phone-codes", `{"app_id":"` + sandbox.DefaultWebsite + `","user":"payer-1"}`, 422, "belong to a mini-program"},
		{"POST", "/consents", `{"app_id":"` + sandbox.DefaultMiniProgram + `","user":"payer-1"}`, 422, "belong to a mini-program"},
		{"POST", "/snapshots", `{"app_id":"` + sandbox.DefaultOfficialAccount + `","user":"payer-1","times":-2}`, 422, "-1"},
		{"POST", "/snapshots", `{"app_id":"` + sandbox.DefaultWebsite + `","user":"payer-1"}`, 422, "an app of this kind"},
		{"POST", "/apps/bind", `{"app_id":"wx0","open_platform":"x"}`, 404, "credentials"},
		{"POST", "/apps/bind", `{"app_id":"` + sandbox.DefaultMiniProgram + `","open_platform":"a b"}`, 422, "letters"},
		{"POST", "/apps/migrate", `{"from_app_id":"wx0","to_app_id":"x"}`, 404, "credentials"},
		{"POST", "/apps/migrate", `{"from_app_id":"` + sandbox.DefaultMiniProgram + `","to_app_id":"` + sandbox.DefaultOfficialAccount + `"}`, 422, "same kind"},
		{"POST", "/pay", `{}`, 422, "exactly one of prepay_id"},
		{"POST", "/pay", `{"prepay_id":"wx0","user":"payer-1"}`, 404, "no such prepay_id"},
		{"POST", "/pay", `{"prepay_id":"wx0","user":"nobody"}`, 404, "no such user"},
		{"POST", "/pay", `{"prepay_id":"wx0","user":"payer-1","result":"maybe"}`, 422, "success, cancel or not_enough"},
		{"POST", "/pay", `{"code_url":"weixin://wxpay/bizpayurl?pr=1","user":"payer-1"}`, 404, "code_url"},
		{"POST", "/pay", `{"h5_url":"https://wx.tenpay.com/","user":"payer-1"}`, 404, "h5_url"},
		{"POST", "/pay", `{"prepay_id":"a","code_url":"b","user":"payer-1"}`, 422, "exactly one"},
		{"POST", "/pay", `{"app_invoke":{"package":"Sign=WXPay","prepayid":"wx0"},"user":"payer-1"}`, 409, "支付验证签名失败"},
		{"POST", "/refunds/outcome", `{"status":"SUCCESS"}`, 422, "next: true"},
		{"POST", "/refunds/outcome", `{"next":true,"out_refund_no":"a","status":"SUCCESS"}`, 422, "next: true"},
		{"POST", "/refunds/outcome", `{"next":true,"status":"DONE"}`, 422, "ABNORMAL"},
		{"POST", "/merchants/verification", `{"mchid":"1","mode":"both"}`, 404, "credentials"},
		{"POST", "/merchants/verification", `{"mchid":"` + sandbox.DefaultPartner + `","mode":"certs"}`, 422, "public_key"},
		{"POST", "/merchants/verification", `{"mchid":"` + sandbox.DefaultPartner + `","mode":"both","certificate_percent":101}`, 422, "100"},
		{"POST", "/merchants/rotate", `{"mchid":"1","step":"add"}`, 404, "credentials"},
		{"POST", "/merchants/rotate", `{"mchid":"` + sandbox.DefaultMerchant + `","step":"add"}`, 409, "certificates"},
		{"POST", "/merchants/rotate", `{"mchid":"` + sandbox.DefaultPartner + `","step":"switch"}`, 409, "in this order"},
		{"POST", "/pay", `{"invoke":{"package":"prepay_id=wx0","signType":"MD5"},"user":"payer-1"}`, 409, "支付验证签名失败"},
		{"POST", "/pay", `{"invoke":{"package":"prepay_id=wx0","signType":"RSA"},"user":"payer-1"}`, 404, "no such prepay_id"},
		{"POST", "/faults", `{"match":"/v3/","kind":"x"}`, 422, "system_error"},
		{"POST", "/faults", `{"match":"v3","kind":"drop"}`, 422, "path prefix"},
		{"POST", "/faults", `{"match":"/","kind":"drop","times":0}`, 422, "times"},
		{"POST", "/faults", `{"match":"/","kind":"delay","delay":"soon"}`, 400, "2h"},
		{"POST", "/faults", `{"match":"/","kind":"delay","delay":3600}`, 422, "10 minutes"},
		{"POST", "/clock", `{"advance":"-1h"}`, 422, "forward"},
		{"POST", "/clock", `{}`, 422, "positive"},
		{"POST", "/clock", `{"advance":1.5}`, 400, "whole seconds"},
		{"POST", "/clock", `{"advance":9223372036854775807}`, 400, "whole seconds"},
		{"POST", "/clock", `{"advance":"200000h"}`, 422, "ten years"},
		{"POST", "/tokens/revoke", `{"app_id":"wx0"}`, 404, "credentials"},
		{"POST", "/tokens/revoke", `{"app":"x"}`, 400, "unknown field"},
		{"POST", "/apps/ip-allow-list", `{"app_id":"wx0","ips":[]}`, 404, "credentials"},
		{"POST", "/apps/ip-allow-list", `{"app_id":"` + sandbox.DefaultMiniProgram + `","ips":["10.0.0.0/8"]}`, 422, "IP addresses"},
		{"POST", "/apps/ip-allow-list", `{"ips":"x"}`, 400, "JSON"},
		{"GET", "/log?after=x", "", 400, "sequence number"},
		{"GET", "/log?after=-1", "", 400, "sequence number"},
		{"GET", "/phones", "", 404, "GET /sandbox/console"},
		{"PUT", "/users", "", 404, "no such control call"},
	} {
		answer := s.control(test.method, test.path, test.body)
		if answer.status != test.status || !strings.Contains(answer.field("message"), test.message) || answer.code() == "" {
			t.Errorf("%s %s %.80s: %d %s", test.method, test.path, test.body, answer.status, answer.body)
		}
	}
}

func TestControlOrdersListsAndClearsFaults(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	made := s.control("POST", "/faults", `{"match":"/sns/jscode2session","times":2,"kind":"delay","delay":"1ms"}`)
	wantJSON(t, made.body, `{"match":"/sns/jscode2session","times":2,"kind":"delay","delay":"1ms"}`)
	s.control("POST", "/faults", `{"match":"notify","kind":"duplicate"}`)
	var list struct{ Faults, Kinds []struct{ Kind string } }
	if err := json.Unmarshal(s.control("GET", "/faults", "").body, &list); err != nil || len(list.Faults) != 2 || len(list.Kinds) < 20 {
		t.Errorf("%+v %v", list, err)
	}
	if answer := s.control("DELETE", "/faults", ""); answer.status != 204 || len(s.platform.Faults()) != 0 {
		t.Errorf("%d %s", answer.status, answer.body)
	}
}

func TestControlClockTakesWordsAndSeconds(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	s.control("POST", "/clock", `{"advance":"1h30m"}`)
	answer := s.control("POST", "/clock", `{"advance":1800}`)
	if answer.status != 200 || answer.field("lead") != "2h0m0s" {
		t.Errorf("%d %s", answer.status, answer.body)
	}
	if ahead := time.Until(s.platform.Now()); ahead < time.Hour+59*time.Minute {
		t.Errorf("%s ahead", ahead)
	}
}

func TestControlLogContinuesAfterASequenceNumber(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	for range 3 {
		s.plain(sandbox.DefaultMiniProgram)
	}
	var log struct{ Entries []sandbox.Entry }
	if err := json.Unmarshal(s.control("GET", "/log?after=2", "").body, &log); err != nil || len(log.Entries) != 1 || log.Entries[0].Seq != 3 {
		t.Fatalf("%+v %v", log, err)
	}
	e := log.Entries[0]
	if e.Direction != "call" || e.Method != "GET" || e.Status != 200 || !e.Done || e.App != sandbox.DefaultMiniProgram {
		t.Errorf("%+v", e)
	}
}

func TestControlPaysByTheSignedInvocation(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	id := s.prepay(s.number())
	good := s.invocation(id)
	forged := good
	forged.NonceStr += "x"
	for _, test := range []struct {
		invoke sandbox.Invocation
		status int
	}{{forged, 409}, {good, 200}} {
		body, err := json.Marshal(map[string]any{"invoke": test.invoke, "user": "payer-1"})
		if err != nil {
			t.Fatal(err)
		}
		if answer := s.control("POST", "/pay", string(body)); answer.status != test.status {
			t.Errorf("%d %s", answer.status, answer.body)
		}
	}
}

func TestConfigYAMLHoldsAllCredentials(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	answer := s.control("GET", "/config.yaml", "")
	var config struct {
		Server struct {
			Addr, PublicURL string
		}
		WeChat struct {
			Endpoints map[string]string
			Apps      []struct {
				ID, Kind, Secret string
				OpenPlatform     string `yaml:"open_platform"`
				Token            string `yaml:"token"`
				AESKey           string `yaml:"aes_key"`
			}
		} `yaml:"wechat"`
		Pay struct {
			Merchants []struct {
				ID, Mode     string
				APIv3Key     string `yaml:"api_v3_key"`
				CertSerial   string `yaml:"cert_serial"`
				PrivateKey   string `yaml:"private_key"`
				PublicKeyID  string `yaml:"wechatpay_public_key_id"`
				PublicKey    string `yaml:"wechatpay_public_key"`
				AppID        string `yaml:"app_id"`
				SubMerchants []struct {
					ID   string
					Apps []string
				} `yaml:"sub_merchants"`
			}
		}
	}
	if err := yaml.Unmarshal(answer.body, &config); err != nil {
		t.Fatalf("%v\n%s", err, answer.body)
	}
	want := s.platform.Credentials()
	for _, name := range []string{"api", "open", "mch"} {
		if config.WeChat.Endpoints[name] != s.url {
			t.Errorf("endpoint %s is %q", name, config.WeChat.Endpoints[name])
		}
	}
	if len(config.WeChat.Apps) != len(want.Apps) || len(config.Pay.Merchants) != len(want.Merchants) {
		t.Fatalf("%s", answer.body)
	}
	for i, a := range want.Apps {
		if got := config.WeChat.Apps[i]; got.ID != a.ID || got.Kind != a.Kind || got.Secret != a.Secret || got.OpenPlatform != a.OpenPlatform ||
			got.Token != a.Token || got.AESKey != a.AESKey || (len(a.AESKey) == 43) != (a.Token != "") {
			t.Errorf("%+v", got)
		}
	}
	for i, m := range want.Merchants {
		got := config.Pay.Merchants[i]
		if got.ID != m.ID || got.Mode != m.Mode || got.APIv3Key != m.APIv3Key || got.CertSerial != m.CertSerial || got.PrivateKey != m.PrivateKeyPEM ||
			got.PublicKeyID != m.PublicKeyID || got.PublicKey != m.PublicKeyPEM {
			t.Errorf("%+v", got)
		}
		if len(got.SubMerchants) != len(m.SubMerchants) || (got.AppID != "") != (m.Mode == "partner") {
			t.Errorf("%s: %q %+v", m.ID, got.AppID, got.SubMerchants)
		}
	}
	partner := config.Pay.Merchants[2]
	if partner.ID != sandbox.DefaultPartner || partner.Mode != "partner" || partner.AppID != sandbox.DefaultPartnerAccount || partner.PublicKey != "" ||
		partner.SubMerchants[0].ID != sandbox.DefaultSubMerchant || partner.SubMerchants[0].Apps[0] != sandbox.DefaultSubMini || len(partner.SubMerchants[1].Apps) != 0 {
		t.Errorf("%+v", partner)
	}
}

func TestConfigYAMLNamesThePublicURL(t *testing.T) {
	s := newStage(t, sandbox.Options{PublicURL: "http://wx.example.com:9900/"})
	if text := string(s.control("GET", "/config.yaml", "").body); !strings.Contains(text, `mch:  "http://wx.example.com:9900"`) {
		t.Error(text)
	}
}

func TestControlHandlerAnswersNothingElse(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	server := httptest.NewServer(s.platform.Control())
	defer server.Close()
	for path, want := range map[string]int{"/sandbox/users": 200, "/sandbox/credentials": 200, "/cgi-bin/token": 404, "/v3/certificates": 404} {
		answer, err := http.Get(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != want {
			t.Errorf("%s: %d", path, answer.StatusCode)
		}
	}
}

func TestResetForgetsEverythingButTheCredentials(t *testing.T) {
	s, r := newStage(t, sandbox.Options{}), newReceiver(t, 500)
	number, _ := s.paidOrder(r)
	s.waitAttempts(1)
	s.fault(sandbox.Fault{Match: "/", Kind: "drop"})
	s.advance(time.Second)
	before := s.platform.Credentials().Merchants[0].ID
	if answer := s.control("POST", "/reset", ""); answer.status != 204 {
		t.Fatalf("%d %s", answer.status, answer.body)
	}
	if _, found := s.platform.Order(before, number); found || len(s.platform.Users()) != 0 || len(s.platform.Faults()) != 0 || len(s.platform.Log(0)) != 0 {
		t.Error("something is left")
	}
	s.advance(time.Hour)
	user, err := s.platform.CreateUser("payer-1")
	if err != nil || user.ID != s.payer.ID {
		t.Errorf("%+v %v", user, err)
	}
	s.paidOrder(r)
	if got := s.waitAttempts(1); got[0].Attempt != 1 {
		t.Errorf("%+v", got[0])
	}
}
