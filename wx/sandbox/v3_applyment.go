package sandbox

import (
	"fmt"
	"net/http"
	"strconv"
)

func applymentEndpoints() []v3Endpoint {
	const at, sub = "/v3/applyment4sub/applyment/", "/v3/apply4sub/sub_merchants/{sub_mchid}/"
	return []v3Endpoint{
		{http.MethodPost, at, (*Platform).submitApplyment},
		{http.MethodGet, at + "business_code/{business_code}", (*Platform).queryApplyment},
		{http.MethodGet, at + "applyment_id/{applyment_id}", (*Platform).queryApplyment},
		{http.MethodPost, sub + "modify-settlement", (*Platform).modifySettlement},
		{http.MethodGet, sub + "settlement", (*Platform).querySettlement},
		{http.MethodGet, sub + "application/{application_no}", (*Platform).querySettlementChange},
		{http.MethodPost, mediaImagePath, (*Platform).uploadMedia},
		{http.MethodPost, mediaVideoPath, (*Platform).uploadMedia},
	}
}

// applymentAnswer is the answer to a submission.
type applymentAnswer struct {
	ApplymentID int64 `json:"applyment_id"`
}

// applymentState is an application as queries show it.
type applymentState struct {
	BusinessCode string        `json:"business_code"`
	ApplymentID  int64         `json:"applyment_id"`
	SubMchID     string        `json:"sub_mchid,omitempty"`
	SignURL      string        `json:"sign_url,omitempty"`
	State        string        `json:"applyment_state"`
	Message      string        `json:"applyment_state_msg"`
	AuditDetail  []AuditDetail `json:"audit_detail,omitempty"`
}

func (p *Platform) submitApplyment(in *v3Call) (any, error) {
	if !in.merchant.partner() {
		return nil, noAuth("暂无权限，请确认后再试", 0)
	}
	object, refused := parseObject(in.body, applymentFields())
	if refused != nil {
		return nil, refused
	}
	f := form(object)
	if refused := checkApplyment(f); refused != nil {
		return nil, refused
	}
	if refused := p.inspect(in, object, applymentFields(), ""); refused != nil {
		return nil, refused
	}
	account := f.part("bank_account_info")
	number, refused := p.opened(in, "/bank_account_info/account_number", account.text("account_number"))
	if refused != nil {
		return nil, refused
	}
	name, refused := p.opened(in, "/bank_account_info/account_name", account.text("account_name"))
	if refused != nil {
		return nil, refused
	}
	kind := accountPrivate
	if account.text("bank_account_type") == accountCorporate {
		kind = accountBusiness
	}
	a, refused := p.applyments.place(Applyment{
		MchID: in.merchant.ID, BusinessCode: f.text("business_code"), ShortName: f.part("business_info").text("merchant_shortname"), appIDs: ownApps(f),
		account: bankAccount{kind: kind, bank: account.text("account_bank"), name: account.text("bank_name"), branch: account.text("bank_branch_id"), holder: name, number: number},
	})
	if refused != nil {
		return nil, refused
	}
	return applymentAnswer{a.ApplymentID}, nil
}

// ownApps are the app ids that the sales name as the merchant's own.
func ownApps(f form) (out []string) {
	sales := f.part("business_info", "sales_info")
	for _, at := range [][2]string{
		{"biz_store_info", "biz_sub_appid"}, {"mp_info", "mp_sub_appid"}, {"mini_program_info", "mini_program_sub_appid"}, {"app_info", "app_sub_appid"}, {"web_info", "web_appid"},
	} {
		if id := sales.part(at[0]).text(at[1]); id != "" {
			out = append(out, id)
		}
	}
	return out
}

func (p *Platform) queryApplyment(in *v3Call) (any, error) {
	a, found := p.applyments.find(func(a *Applyment) bool {
		return a.MchID == in.merchant.ID && (a.BusinessCode == in.path["business_code"] || strconv.FormatInt(a.ApplymentID, 10) == in.path["applyment_id"])
	})
	if !found {
		return nil, refusal(p.behaviour.UnknownApplyment)
	}
	out := applymentState{BusinessCode: a.BusinessCode, ApplymentID: a.ApplymentID, State: a.State, Message: a.stateMessage(), AuditDetail: a.AuditDetail}
	if a.showsSub() {
		out.SubMchID = a.SubMchID
	}
	if a.State != ApplymentEditing && a.State != ApplymentCanceled && a.State != ApplymentFinished {
		out.SignURL = a.SignURL
	}
	return out, nil
}

// inspect opens what must be encrypted and looks for what must have been uploaded.
func (p *Platform) inspect(in *v3Call, object map[string]any, fields []field, at string) *Refusal {
	for _, f := range fields {
		value, given := object[f.name]
		if !given {
			continue
		}
		values, isList := value.([]any)
		if !isList {
			values = []any{value}
		}
		for i, v := range values {
			path := at + "/" + f.name
			if isList {
				path += fmt.Sprintf("/%d", i)
			}
			if refused := p.inspectOne(in, f, v, path); refused != nil {
				return refused
			}
		}
	}
	return nil
}

func (p *Platform) inspectOne(in *v3Call, f field, value any, path string) *Refusal {
	if inner, ok := value.(map[string]any); ok {
		return p.inspect(in, inner, f.fields, path)
	}
	text, _ := value.(string)
	switch {
	case f.sealed != nil:
		plain, refused := p.opened(in, path, text)
		if refused == nil && !f.sealed.MatchString(plain) {
			refused = paramError(internalParamInvalid, f.label+"格式错误，请检查后再试", detailOf(path, "bad format"))
		}
		return refused
	case f.media != "" && !p.media.has(in.merchant.ID, f.media, text):
		return paramError(internalParamInvalid, f.label+"的MediaID无效，请重新上传", detailOf(path, "unknown media_id"))
	}
	return nil
}
