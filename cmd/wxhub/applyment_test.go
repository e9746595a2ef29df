package main

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wxhub/wx/sandbox"
)

// applicant is a service provider's wxhub that handles applications, and the backend that its events go to.
type applicant struct {
	*child
	platform   *sandbox.Platform
	configFile string
	env        []string
	media      string

	mu   sync.Mutex
	told []string // statuses, as events told them
}

type applied struct {
	BusinessCode  string `json:"business_code"`
	Status        string `json:"status"`
	SubMerchantID string `json:"sub_merchant_id"`
	NextStep      string `json:"next_step"`
	Rejections    []struct{ Field, Reason string }
}

const applymentsOf = "/v1/merchants/" + sandbox.DefaultPartner + "/applyments"

func newApplicant(t *testing.T) *applicant {
	t.Helper()
	a := &applicant{}
	a.platform, a.configFile = weChat(t)
	shop := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var e struct {
			Type string
			Data applied
		}
		text, err := io.ReadAll(r.Body)
		if err != nil || json.Unmarshal(text, &e) != nil || e.Type != "applyment.changed" {
			t.Errorf("the shop got %s, %v", text, err)
		}
		a.mu.Lock()
		defer a.mu.Unlock()
		if !slices.Contains(a.told, e.Data.Status) {
			a.told = append(a.told, e.Data.Status)
		}
	}))
	t.Cleanup(shop.Close)
	addr := freeAddr(t)
	a.env = append(settings(a.configFile, addr, "http://"+addr), "WXHUB_JOBS__ORDER_SWEEP_INTERVAL=1s",
		"WXHUB_SERVER__API_KEYS=[{name: shop, key: '"+apiKey+"', scopes: [orders, merchants]}]",
		"WXHUB_WEBHOOKS=[{url: '"+shop.URL+"', secret: 'whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=', events: [applyment.changed]}]")
	a.child = serve(t, a.configFile, a.env...)
	a.media = a.upload()
	return a
}

// upload hands a picture in.
func (a *applicant) upload() string {
	a.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	file, err := form.CreateFormFile("file", "执照.png")
	if err == nil {
		_, err = file.Write([]byte("\x89PNG\r\n\x1a\n…"))
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		a.t.Fatal(err)
	}
	status, text := post(a.t, http.MethodPost, a.url+"/v1/merchants/"+sandbox.DefaultPartner+"/media",
		http.Header{"Content-Type": {form.FormDataContentType()}, "Authorization": {"Bearer " + apiKey}}, body.Bytes())
	var out struct {
		MediaID string `json:"media_id"`
	}
	if err := json.Unmarshal(text, &out); err != nil || status != 201 || out.MediaID == "" {
		a.t.Fatalf("%d %s %v", status, text, err)
	}
	return out.MediaID
}

// form is the application of a company whose payers use a mini-program of its own.
func (a *applicant) form(code string) map[string]any {
	type m = map[string]any
	return m{
		"business_code": code,
		"contact_info":  m{"contact_type": "LEGAL", "contact_name": "张三丰", "contact_id_number": "110101199003070022", "mobile_phone": "13900000001", "contact_email": "admin@example.com"},
		"subject_info": m{"subject_type": "SUBJECT_TYPE_ENTERPRISE",
			"business_license_info": m{"license_copy": a.media, "license_number": "91440300MA5D00000X", "merchant_name": "某茶公司", "legal_person": "张三丰"},
			"identity_info": m{"id_doc_type": "IDENTIFICATION_TYPE_IDCARD", "owner": true, "id_card_info": m{
				"id_card_copy": a.media, "id_card_national": a.media, "id_card_name": "张三丰", "id_card_number": "110101199003070022", "id_card_address": "深圳市",
				"card_period_begin": "2019-06-06", "card_period_end": "长期"}}},
		"business_info": m{"merchant_shortname": "茶", "service_phone": "0755000000", "sales_info": m{
			"sales_scenes_type": []string{"SALES_SCENES_MINI_PROGRAM"}, "mini_program_info": m{"mini_program_sub_appid": sandbox.DefaultSubMini}}},
		"settlement_info":   m{"settlement_id": "716", "qualification_type": "餐饮"},
		"bank_account_info": m{"bank_account_type": "BANK_ACCOUNT_TYPE_CORPORATE", "account_name": "某茶公司", "account_bank": "工商银行", "account_number": "6222020000000000001"},
	}
}

func (a *applicant) submit(code string, want int) (out applied) {
	a.t.Helper()
	if want != 201 {
		a.call(http.MethodPost, applymentsOf, apiKey, a.form(code), want, nil)
		return out
	}
	a.call(http.MethodPost, applymentsOf, apiKey, a.form(code), want, &out)
	return out
}

// becomes waits until the sweep has found a status out.
func (a *applicant) becomes(code, status string) (out applied) {
	a.t.Helper()
	within(a.t, code+" becomes "+status, func() bool {
		a.call(http.MethodGet, applymentsOf+"/"+code, apiKey, nil, 200, &out)
		return out.Status == status
	})
	return out
}

// decide does what people do at WeChat Pay.
func (a *applicant) decide(code, action string) {
	a.t.Helper()
	if _, err := a.platform.DecideApplyment(sandbox.DefaultPartner, code, action); err != nil {
		a.t.Fatal(err)
	}
}

// once checks that WeChat Pay has one application, and took it in so many times.
func (a *applicant) once(submissions int) {
	a.t.Helper()
	if all := a.platform.Applyments(); len(all) != 1 || all[0].Submissions != submissions {
		a.t.Errorf("WeChat Pay has %+v", all)
	}
}

// keepsSilent looks for what was submitted in what the process printed and stored.
func (a *applicant) keepsSilent() {
	a.t.Helper()
	seen := a.output.String()
	for _, suffix := range []string{"", "-wal"} {
		text, err := os.ReadFile(strings.Replace(a.configFile, "config.yaml", "wxhub.db"+suffix, 1))
		if err != nil && !os.IsNotExist(err) {
			a.t.Fatal(err)
		}
		seen += string(text)
	}
	for _, secret := range []string{"张三丰", "110101199003070022", "13900000001", "admin@example.com", "6222020000000000001"} {
		if strings.Contains(seen, secret) {
			a.t.Errorf("%s is in the log or in the store", secret)
		}
	}
}

// An application from the upload to the first payment of the new sub merchant: rejected, corrected, audited, confirmed,
// signed, finished, entered into the configuration, paid.
func TestASubMerchantFromApplicationToPayment(t *testing.T) {
	t.Parallel()
	a := newApplicant(t)
	const code = "shop_7"
	a.submit(code, 201)
	a.becomes(code, "auditing")
	a.submit(code, 409)
	a.decide(code, sandbox.ApplymentReject)
	if got := a.becomes(code, "rejected"); len(got.Rejections) != 1 || got.Rejections[0].Field != "id_card_copy" {
		t.Errorf("%+v", got)
	}
	a.submit(code, 201)
	a.becomes(code, "auditing")
	a.once(2)
	for _, step := range [][2]string{{sandbox.ApplymentAudit, "to_be_confirmed"}, {sandbox.ApplymentConfirm, "to_be_signed"}, {sandbox.ApplymentSign, "signing"}} {
		a.decide(code, step[0])
		a.becomes(code, step[1])
	}
	if _, err := a.platform.AdvanceClock(time.Minute); err != nil {
		t.Fatal(err)
	}
	finished := a.becomes(code, "finished")
	if !strings.Contains(finished.NextStep, finished.SubMerchantID) || finished.SubMerchantID == "" {
		t.Errorf("%+v", finished)
	}
	within(t, "the shop is told", func() bool {
		a.mu.Lock()
		defer a.mu.Unlock()
		slices.Sort(a.told) // deliveries may overtake each other
		return strings.Join(a.told, " ") == "auditing finished rejected signing to_be_confirmed to_be_signed"
	})
	a.keepsSilent()
	a.kill()

	// The operator adds the sub merchant, and starts it again.
	before, err := os.ReadFile(a.configFile)
	if err != nil {
		t.Fatal(err)
	}
	const others = "      sub_merchants:\n"
	after := strings.Replace(string(before), others, others+`        - {id: "`+finished.SubMerchantID+`", apps: ["`+sandbox.DefaultSubMini+`"]}`+"\n", 1)
	if err := os.WriteFile(a.configFile, []byte(after), 0o600); err != nil || after == string(before) {
		t.Fatal(err, "the configuration has no sub_merchants")
	}
	a.child = serve(t, a.configFile, a.env...)
	payer, err := a.platform.CreateUser("payer")
	if err != nil {
		t.Fatal(err)
	}
	var o struct{ ID, Status string }
	a.call(http.MethodPost, "/v1/orders", apiKey, map[string]any{
		"merchant_id": sandbox.DefaultPartner, "sub_merchant_id": finished.SubMerchantID, "amount": 1990, "description": "tea",
	}, 201, &o)
	var pre struct {
		Invoke struct {
			CodeURL string `json:"code_url"`
		}
	}
	a.call(http.MethodPost, "/v1/orders/"+o.ID+"/prepay", apiKey, map[string]string{"method": "native"}, 200, &pre)
	if _, err := a.platform.Pay(pre.Invoke.CodeURL, payer.ID, sandbox.PaySuccess); err != nil {
		t.Fatal(err)
	}
	within(t, "the new sub merchant's order is paid", func() bool {
		a.call(http.MethodGet, "/v1/orders/"+o.ID, apiKey, nil, 200, &o)
		return o.Status == "paid"
	})
	var account struct {
		Number string `json:"account_number"`
	}
	a.call(http.MethodGet, "/v1/merchants/"+sandbox.DefaultPartner+"/sub-merchants/"+finished.SubMerchantID+"/settlement", apiKey, nil, 200, &account)
	if account.Number != "62***************01" {
		t.Errorf("money goes to %s", account.Number)
	}
}

// The answer to a submission is lost: it is asked about, and there is one application.
func TestTheAnswerToASubmissionIsLost(t *testing.T) {
	a := newApplicant(t)
	const match = "/v3/applyment4sub/applyment/"
	if _, err := a.platform.AddFault(sandbox.Fault{Match: match, Kind: "lost_answer", Times: 1}); err != nil {
		t.Fatal(err)
	}
	if got := a.submit("shop_7", 201); got.Status != "created" {
		t.Errorf("%+v", got)
	}
	a.becomes("shop_7", "auditing")
	a.submit("shop_7", 409)
	a.once(1)
	a.keepsSilent()
}

// The process dies while WeChat Pay is taking an application in.
func TestKilledWhileAnApplicationIsSubmitted(t *testing.T) {
	a := newApplicant(t)
	const match = "/v3/applyment4sub/applyment/"
	if _, err := a.platform.AddFault(sandbox.Fault{Match: match, Kind: "delay", Times: 1, Delay: time.Minute}); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(a.form("shop_7"))
	if err != nil {
		t.Fatal(err)
	}
	var asking sync.WaitGroup
	asking.Go(func() {
		r, err := http.NewRequest(http.MethodPost, a.url+applymentsOf, bytes.NewReader(text))
		if err != nil {
			t.Error(err)
			return
		}
		r.Header = http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer " + apiKey}}
		if answer, err := http.DefaultClient.Do(r); err == nil {
			_ = answer.Body.Close()
			t.Errorf("answered %d by a process that was killed", answer.StatusCode)
		}
	})
	within(t, "WeChat Pay is asked", func() bool {
		return slices.ContainsFunc(a.platform.Log(0), func(e sandbox.Entry) bool { return e.Path == match })
	})
	a.kill() // the connection breaks, and with it the delay: WeChat Pay takes in what has arrived
	asking.Wait()
	a.child = serve(t, a.configFile, a.env...)
	header := http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer " + apiKey}}
	within(t, "the backend, which asks again, learns that it is audited", func() bool {
		if status, answer := post(t, http.MethodPost, a.url+applymentsOf, header, text); status != 201 && status != 409 {
			t.Fatalf("%d %s", status, answer)
		}
		var got applied
		a.call(http.MethodGet, applymentsOf+"/shop_7", apiKey, nil, 200, &got)
		return got.Status == "auditing"
	})
	a.once(1)
	a.keepsSilent()
}
