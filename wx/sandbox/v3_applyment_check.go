package sandbox

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Words of an application on which other fields depend.
const (
	holderLegal       = "LEGAL"
	holderSuper       = "SUPER"
	idCard            = "IDENTIFICATION_TYPE_IDCARD"
	passport          = "IDENTIFICATION_TYPE_OVERSEA_PASSPORT" // has no back
	subjectIndividual = "SUBJECT_TYPE_INDIVIDUAL"
	subjectEnterprise = "SUBJECT_TYPE_ENTERPRISE"
	accountCorporate  = "BANK_ACCOUNT_TYPE_CORPORATE"
	accountPersonal   = "BANK_ACCOUNT_TYPE_PERSONAL"
	forLong           = "长期"
)

// salesScenes are the scenes, the part that each needs, and in it the app ids of which one is needed.
var salesScenes = []struct {
	scene, part string
	eitherOf    []string
}{
	{"SALES_SCENES_STORE", "biz_store_info", nil},
	{"SALES_SCENES_MP", "mp_info", []string{"mp_appid", "mp_sub_appid"}},
	{"SALES_SCENES_MINI_PROGRAM", "mini_program_info", []string{"mini_program_appid", "mini_program_sub_appid"}},
	{"SALES_SCENES_APP", "app_info", []string{"app_appid", "app_sub_appid"}},
	{"SALES_SCENES_WEB", "web_info", nil},
	{"SALES_SCENES_WEWORK", "wework_info", nil},
}

var businessCode = regexp.MustCompile(`^[0-9A-Za-z_]{1,124}$`)

// form reads a parsed application: a part of it, or a text in a part. What is absent is empty.
type form map[string]any

func (f form) part(path ...string) form {
	for _, name := range path {
		f, _ = f[name].(map[string]any)
	}
	return f
}

func (f form) text(name string) string {
	text, _ := f[name].(string)
	return text
}

// lacks refuses when a field of a part is missing.
func (f form) lacks(at string, names ...string) *Refusal {
	for _, name := range names {
		if _, given := f[name]; !given {
			return missingField(at + "/" + name)
		}
	}
	return nil
}

func missingField(path string) *Refusal {
	return paramError(internalParamInvalid, "输入源“/body"+path+"”必填性规则校验失败，此字段为必填项", detailOf(path, "missing"))
}

// checkApplyment holds what the fields demand of each other.
func checkApplyment(f form) *Refusal {
	if !businessCode.MatchString(f.text("business_code")) {
		return paramError(internalParamInvalid, "业务申请编号只能由数字、字母或下划线组成", detailOf("/business_code", "bad characters"))
	}
	for _, check := range []func(form) *Refusal{checkContact, checkSubject, checkIdentity, checkOwners, checkScenes, checkAccount} {
		if refused := check(f); refused != nil {
			return refused
		}
	}
	return checkPeriods(f, "")
}

func checkContact(f form) *Refusal {
	contact := f.part("contact_info")
	if contact.text("contact_type") != holderSuper {
		return nil
	}
	wanted := []string{"contact_id_doc_type", "contact_id_number", "contact_id_doc_copy", "contact_period_begin", "contact_period_end", "business_authorization_letter"}
	if contact.text("contact_id_doc_type") != passport {
		wanted = append(wanted, "contact_id_doc_copy_back")
	}
	return contact.lacks("/contact_info", wanted...)
}

func checkSubject(f form) *Refusal {
	subject := f.part("subject_info")
	switch subject.text("subject_type") {
	case subjectIndividual, subjectEnterprise:
		return subject.lacks("/subject_info", "business_license_info")
	}
	if refused := subject.lacks("/subject_info", "certificate_info"); refused != nil {
		return refused
	}
	if subject["finance_institution"] == true {
		return subject.lacks("/subject_info", "finance_institution_info")
	}
	return nil
}

func checkIdentity(f form) *Refusal {
	const at = "/subject_info/identity_info"
	identity := f.part("subject_info", "identity_info")
	if identity.text("id_holder_type") == holderSuper { // a government's deputy
		return identity.lacks(at, "authorize_letter_copy")
	}
	paper, address := "id_doc_info", "id_doc_address"
	if kind := identity.text("id_doc_type"); kind == idCard || kind == "" {
		paper, address = "id_card_info", "id_card_address"
	}
	if refused := identity.lacks(at, "id_doc_type", paper); refused != nil {
		return refused
	}
	if paper == "id_doc_info" && identity.text("id_doc_type") != passport {
		if refused := identity.part(paper).lacks(at+"/"+paper, "id_doc_copy_back"); refused != nil {
			return refused
		}
	}
	if f.part("subject_info").text("subject_type") == subjectEnterprise {
		return identity.part(paper).lacks(at+"/"+paper, address)
	}
	return nil
}

func checkOwners(f form) *Refusal {
	subject := f.part("subject_info")
	if subject.text("subject_type") != subjectEnterprise {
		return nil
	}
	if refused := subject.part("identity_info").lacks("/subject_info/identity_info", "owner"); refused != nil {
		return refused
	}
	owners, _ := subject["ubo_info_list"].([]any)
	if subject.part("identity_info")["owner"] == false && len(owners) == 0 {
		return missingField("/subject_info/ubo_info_list")
	}
	return nil
}

func checkScenes(f form) *Refusal {
	const at = "/business_info/sales_info"
	sales := f.part("business_info", "sales_info")
	named, _ := sales["sales_scenes_type"].([]any)
	if len(named) == 0 {
		return missingField(at + "/sales_scenes_type")
	}
	for _, s := range salesScenes {
		for _, scene := range named {
			if scene != s.scene {
				continue
			}
			if refused := sales.lacks(at, s.part); refused != nil {
				return refused
			}
			if given := sales.part(s.part); len(s.eitherOf) == 2 && (given.text(s.eitherOf[0]) == "") == (given.text(s.eitherOf[1]) == "") {
				return paramError(internalParamInvalid, s.eitherOf[0]+"与"+s.eitherOf[1]+"二选一必填", detailOf(at+"/"+s.part, "either of the two"))
			}
		}
	}
	return nil
}

func checkAccount(f form) *Refusal {
	if f.part("subject_info").text("subject_type") != subjectIndividual && f.part("bank_account_info").text("bank_account_type") != accountCorporate {
		return paramError(internalParamInvalid, "该主体类型只能使用对公银行账户", detailOf("/bank_account_info/bank_account_type", "not for this subject"))
	}
	return nil
}

// checkPeriods wants every pair of …period_begin and …period_end to be dates in order.
func checkPeriods(f form, at string) *Refusal {
	for name, value := range f {
		if list, ok := value.([]any); ok {
			for i, item := range list {
				if one, ok := item.(map[string]any); ok {
					if refused := checkPeriods(one, fmt.Sprintf("%s/%s/%d", at, name, i)); refused != nil {
						return refused
					}
				}
			}
		}
		if inner, ok := value.(map[string]any); ok {
			if refused := checkPeriods(inner, at+"/"+name); refused != nil {
				return refused
			}
		}
		end, isEnd := strings.CutSuffix(name, "period_end")
		if isEnd && !period(f.text(end+"period_begin"), f.text(name)) {
			return paramError(internalParamInvalid, "有效期格式错误，或结束时间不晚于开始时间", detailOf(at+"/"+name, "bad period"))
		}
	}
	return nil
}

func period(begin, end string) bool {
	from, err := time.Parse(time.DateOnly, begin)
	if err != nil {
		return false
	}
	until, err := time.Parse(time.DateOnly, end)
	return end == forLong || err == nil && until.After(from)
}
