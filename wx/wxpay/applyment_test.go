package wxpay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/wechatpay-apiv3/wechatpay-go/utils"

	"wxhub/model"
	"wxhub/wx"
)

// sealedFields are what WeChat Pay's documentation wants encrypted.
var sealedFields = []string{
	"contact_name", "contact_id_number", "openid", "mobile_phone", "contact_email", "id_card_name", "id_card_number", "id_card_address",
	"id_doc_name", "id_doc_number", "id_doc_address", "ubo_id_doc_name", "ubo_id_doc_number", "ubo_id_doc_address", "account_name", "account_number",
}

const (
	applymentRejected = `{"business_code":"1900000100_10000","applyment_id":2000001,"sign_url":"https://pay.example/sign","applyment_state":"APPLYMENT_STATE_REJECTED",` +
		`"applyment_state_msg":"已驳回","audit_detail":[{"field":"id_card_copy","field_name":"身份证人像面","reject_reason":"不清晰"}]}`
	applymentFinished = `{"business_code":"1900000100_10000","applyment_id":2000001,"sub_mchid":"1900000999","applyment_state":"APPLYMENT_STATE_FINISHED","applyment_state_msg":"已完成"}`
	accountShown      = `{"account_type":"ACCOUNT_TYPE_BUSINESS","account_bank":"工商银行","bank_name":"x","bank_branch_id":"402713354941","account_number":"62*************78","verify_result":"VERIFY_FAIL","verify_fail_reason":"户名有误"}`
	changeShown       = `{"account_name":"张*","account_type":"ACCOUNT_TYPE_PRIVATE","account_bank":"工商银行","account_number":"62*************78","verify_result":"AUDIT_SUCCESS","verify_finish_time":"2026-03-01T20:05:00+08:00"}`
)

func wholeApplyment(t *testing.T) (wx.Applyment, string) {
	t.Helper()
	text, err := os.ReadFile("testdata/applyment.json")
	if err != nil {
		t.Fatal(err)
	}
	var a wx.Applyment
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.DisallowUnknownFields()
	if err := d.Decode(&a); err != nil {
		t.Fatal(err)
	}
	return a, string(text)
}

// unsealed decrypts what must be encrypted, wherever it stands, with the key that the request names.
func unsealed(t *testing.T, p *platform, r request) string {
	t.Helper()
	var body any
	if err := json.Unmarshal([]byte(r.body), &body); err != nil {
		t.Fatal(err)
	}
	found := 0
	var walk func(v any) any
	walk = func(v any) any {
		switch v := v.(type) {
		case map[string]any:
			for name, x := range v {
				if !slices.Contains(sealedFields, name) {
					v[name] = walk(x)
					continue
				}
				plain, err := utils.DecryptOAEP(x.(string), p.keys[r.serial])
				if err != nil {
					t.Errorf("%s is not encrypted with %s: %v", name, r.serial, err)
				}
				v[name] = plain
				found++
			}
		case []any:
			for i := range v {
				v[i] = walk(v[i])
			}
		}
		return v
	}
	out, err := json.Marshal(walk(body))
	if err != nil || found == 0 {
		t.Fatalf("%d encrypted fields, %v", found, err)
	}
	return string(out)
}

// TestApplymentGoesOutAsItCameIn: every field under its name, the sensitive ones encrypted, nothing that is empty.
func TestApplymentGoesOutAsItCameIn(t *testing.T) {
	for _, withKey := range []bool{true, false} {
		p := newPlatform(t)
		p.list(oldSerial, begin.Add(-day), begin.Add(day))
		p.answer = func(request) (int, string) { return 200, `{"applyment_id":2000001}` }
		g := p.gateway(merchantOf(providerID, withKey))
		whole, text := wholeApplyment(t)
		bare := wx.Applyment{BusinessCode: "b", ContactInfo: wx.ApplymentContact{ContactName: "张三"}, BankAccountInfo: wx.ApplymentAccount{AccountNumber: "6222"}}
		for _, a := range []wx.Applyment{whole, bare} {
			if id, err := g.SubmitApplyment(context.Background(), providerID, a); err != nil || id != 2000001 {
				t.Errorf("got %d, %v", id, err)
			}
		}
		seen := p.requests()
		if got := seen[0].method + " " + seen[0].uri; got != "POST /v3/applyment4sub/applyment/" || seen[0].mchid != providerID {
			t.Errorf("got %s by %s", got, seen[0].mchid)
		}
		if serial := map[bool]string{true: keyID, false: oldSerial}[withKey]; seen[0].serial != serial {
			t.Errorf("Wechatpay-Serial %s, want %s", seen[0].serial, serial)
		}
		sameJSON(t, "whole", unsealed(t, p, seen[0]), text)
		sameJSON(t, "bare", unsealed(t, p, seen[1]), `{"business_code":"b","contact_info":{"contact_name":"张三"},"bank_account_info":{"account_number":"6222"}}`)
	}
}

// TestApplymentIsNotShown prints, marshals and fails with an application in hand.
func TestApplymentIsNotShown(t *testing.T) {
	a, _ := wholeApplyment(t)
	marshalled, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	shown := []string{fmt.Sprintf("%v %+v %#v %s", a, a, a, a.ContactInfo), string(marshalled)}
	p := newPlatform(t)
	p.answer = func(request) (int, string) { return 400, `{"code":"PARAM_ERROR","message":"不可以"}` }
	g := p.gateway(merchantOf(providerID, true))
	_, err = g.SubmitApplyment(context.Background(), providerID, a)
	shown = append(shown, err.Error())
	p.spoil = func(request, *signed) bool { return true }
	_, err = g.SubmitApplyment(context.Background(), providerID, a)
	shown = append(shown, err.Error())
	for _, text := range shown {
		for _, secret := range []string{"李四 ", "110101199003070011", "110101199003070022", "13900000001", "admin@example.com", "6222020000000000001", "E12345678", "王五"} {
			if strings.Contains(text, secret) {
				t.Errorf("%q is shown in %.200s", secret, text)
			}
		}
	}
}

func TestSubmitIsNotRepeated(t *testing.T) {
	p := newPlatform(t)
	p.answer = func(request) (int, string) { return 200, `{"applyment_id":1}` }
	p.spoil = func(_ request, a *signed) bool {
		a.header["Wechatpay-Signature"] = "WECHATPAY/SIGNTEST/" + a.header["Wechatpay-Signature"]
		return false
	}
	g, ctx := p.gateway(merchantOf(providerID, true)), context.Background()
	if _, err := g.SubmitApplyment(ctx, providerID, wx.Applyment{BusinessCode: "b"}); !errors.Is(err, wx.ErrForged) {
		t.Errorf("got %v", err)
	}
	if _, err := g.ModifySettlement(ctx, providerID, "1900000999", wx.SettlementChange{}); !errors.Is(err, wx.ErrForged) {
		t.Errorf("got %v", err)
	}
	if n := len(p.requests()); n != 2 {
		t.Errorf("%d calls", n)
	}
}

func TestApplymentQueries(t *testing.T) {
	p := newPlatform(t)
	p.answer = func(r request) (int, string) {
		if strings.Contains(r.uri, "applyment_id") {
			return 200, applymentFinished
		}
		return 200, applymentRejected
	}
	g, ctx := p.gateway(merchantOf(providerID, true)), context.Background()
	rejected := wx.ApplymentStatement{
		BusinessCode: "1900000100_10000", ApplymentID: 2000001, SignURL: "https://pay.example/sign", State: wx.ApplymentRejected, Message: "已驳回",
		Rejections: []wx.ApplymentRejection{{Field: "id_card_copy", FieldName: "身份证人像面", Reason: "不清晰"}},
	}
	if got, err := g.QueryApplyment(ctx, providerID, "1900000100_10000"); err != nil || !reflect.DeepEqual(got, rejected) {
		t.Errorf("got %+v, %v", got, err)
	}
	finished := wx.ApplymentStatement{BusinessCode: "1900000100_10000", ApplymentID: 2000001, SubMerchantID: "1900000999", State: wx.ApplymentFinished, Message: "已完成"}
	if got, err := g.QueryApplymentByID(ctx, providerID, 2000001); err != nil || !reflect.DeepEqual(got, finished) {
		t.Errorf("got %+v, %v", got, err)
	}
	for i, want := range []string{"business_code/1900000100_10000", "applyment_id/2000001"} {
		if got := p.requests()[i]; got.method+" "+got.uri != "GET /v3/applyment4sub/applyment/"+want || got.body != "" {
			t.Errorf("got %+v", got)
		}
	}
	if _, err := g.QueryApplyment(ctx, providerID, "other"); !errors.Is(err, wx.ErrForged) {
		t.Errorf("another application: got %v", err)
	}
	if _, err := g.QueryApplymentByID(ctx, providerID, 7); !errors.Is(err, wx.ErrForged) {
		t.Errorf("another number: got %v", err)
	}
}

func TestApplymentAnswersThatAreNotBelieved(t *testing.T) {
	for name, c := range map[string]struct {
		answer string
		want   error
	}{
		"no number":                {strings.Replace(applymentRejected, `"applyment_id":2000001,`, "", 1), wx.ErrBusy},
		"a strange state":          {strings.Replace(applymentRejected, "REJECTED", "LOST", 1), wx.ErrBusy},
		"finished without a mchid": {strings.Replace(applymentFinished, `"sub_mchid":"1900000999",`, "", 1), wx.ErrBusy},
		"a long sign_url":          {strings.Replace(applymentRejected, "pay.example", strings.Repeat("x", 4096), 1), wx.ErrBusy},
		"not JSON":                 {"busy", wx.ErrForged},
	} {
		p := newPlatform(t)
		p.answer = func(request) (int, string) { return 200, c.answer }
		if _, err := p.gateway(merchantOf(providerID, true)).QueryApplyment(context.Background(), providerID, "1900000100_10000"); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestApplymentRefusals(t *testing.T) {
	ctx := context.Background()
	for _, c := range []struct {
		status                        int
		code, message                 string
		submit, query, change, modify error
	}{
		{400, "PARAM_ERROR", "未能找到申请单", wx.ErrRejected, wx.ErrApplymentUnknown, wx.ErrRejected, wx.ErrRejected},
		{400, "APPLYMENT_NOTEXIST", "申请单不存在", wx.ErrRejected, wx.ErrApplymentUnknown, wx.ErrRejected, wx.ErrRejected},
		{404, "RESOURCE_NOT_EXISTS", "x", wx.ErrRejected, wx.ErrApplymentUnknown, wx.ErrApplicationUnknown, wx.ErrRejected},
		{400, "PROCESSING", "存在流程进行中的申请单，请检查是否重入", wx.ErrApplymentUnderWay, wx.ErrRejected, wx.ErrRejected, wx.ErrRejected},
		{400, "PARAM_ERROR", "x", wx.ErrRejected, wx.ErrRejected, wx.ErrRejected, wx.ErrRejected},
		{403, "NO_AUTH", "暂无权限", wx.ErrRejected, wx.ErrRejected, wx.ErrRejected, wx.ErrRejected},
		{429, "RATE_LIMITED", "x", wx.ErrRateLimited, wx.ErrRateLimited, wx.ErrRateLimited, wx.ErrRateLimited},
		{500, "SYSTEM_ERROR", "x", wx.ErrBusy, wx.ErrBusy, wx.ErrBusy, wx.ErrBusy},
	} {
		p := newPlatform(t)
		p.answer = func(request) (int, string) {
			return c.status, `{"code":"` + c.code + `","message":"` + c.message + `"}`
		}
		g := p.gateway(merchantOf(providerID, true))
		_, submit := g.SubmitApplyment(ctx, providerID, wx.Applyment{BusinessCode: "b"})
		_, query := g.QueryApplyment(ctx, providerID, "b")
		_, change := g.QuerySettlementChange(ctx, providerID, "1900000999", "1")
		_, modify := g.ModifySettlement(ctx, providerID, "1900000999", wx.SettlementChange{})
		for i, err := range []error{submit, query, change, modify} {
			if want := []error{c.submit, c.query, c.change, c.modify}[i]; !errors.Is(err, want) || model.AsError(err).Upstream == nil {
				t.Errorf("%s %s, call %d: got %v, want %v", c.code, c.message, i, err, want)
			}
		}
	}
}

func TestSettlementRequests(t *testing.T) {
	p := newPlatform(t)
	p.answer = func(r request) (int, string) {
		switch {
		case strings.HasSuffix(r.uri, "/settlement"):
			return 200, accountShown
		case strings.Contains(r.uri, "/application/"):
			return 200, changeShown
		}
		return 200, `{"application_no":"102329389"}`
	}
	g, ctx := p.gateway(merchantOf(providerID, true)), context.Background()
	no, err := g.ModifySettlement(ctx, providerID, "1900000999", wx.SettlementChange{
		AccountType: "ACCOUNT_TYPE_PRIVATE", AccountName: "张三", AccountBank: "工商银行", BankAddressCode: "110000", BankName: "x", BankBranchID: "1", AccountNumber: "6222",
	})
	if err != nil || no != "102329389" {
		t.Errorf("got %s, %v", no, err)
	}
	account, err := g.QuerySettlement(ctx, providerID, "1900000999")
	if err != nil || account.Result != "VERIFY_FAIL" || account.AccountNumber != "62*************78" || account.FailReason != "户名有误" {
		t.Errorf("got %+v, %v", account, err)
	}
	change, err := g.QuerySettlementChange(ctx, providerID, "1900000999", no)
	if err != nil || change.Result != "AUDIT_SUCCESS" || change.FinishedAt.Unix() != 1772366700 || change.AccountName != "张*" {
		t.Errorf("got %+v, %v", change, err)
	}
	seen := p.requests()
	const at = "/v3/apply4sub/sub_merchants/1900000999/"
	for i, want := range []string{"POST " + at + "modify-settlement", "GET " + at + "settlement", "GET " + at + "application/102329389"} {
		if got := seen[i].method + " " + seen[i].uri; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	sameJSON(t, "modify", unsealed(t, p, seen[0]), `{"modify_mode":"MODIFY_MODE_ASYNC","account_type":"ACCOUNT_TYPE_PRIVATE","account_name":"张三","account_bank":"工商银行",`+
		`"bank_address_code":"110000","bank_name":"x","bank_branch_id":"1","account_number":"6222"}`)
	p.answer = func(request) (int, string) { return 204, "" }
	if no, err := g.ModifySettlement(ctx, providerID, "1900000999", wx.SettlementChange{}); err != nil || no != "" {
		t.Errorf("without a number: got %q, %v", no, err)
	}
}
