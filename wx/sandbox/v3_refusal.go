package sandbox

import (
	"fmt"
	"net/http"
)

// Refusal is an error answer of APIv3. Internal is the numeric code at the end of the Request-ID header.
type Refusal struct {
	Status   int
	Code     string
	Message  string
	Internal int
	Detail   any // optional, the body's detail object
}

func (r *Refusal) Error() string {
	return fmt.Sprintf("%d %s: %s", r.Status, r.Code, r.Message)
}

// fieldDetail is the detail object of a parameter error.
type fieldDetail struct {
	Field    string `json:"field,omitempty"`
	Value    any    `json:"value,omitempty"`
	Issue    string `json:"issue,omitempty"`
	Location string `json:"location,omitempty"`
}

// Internal codes of the platform's troubleshooting manual.
const (
	internalParamInvalid   = 268435461
	internalParamRange     = 268435464
	internalExtraParam     = 270924358
	internalSignError      = 268443699
	internalOrderNotExist  = 268512771
	internalAppIDMchID     = 268445527
	internalMchMismatch    = 268447843
	internalOpenIDRequired = 268501013
	internalNoRelation     = 268443701
	internalSubMissing     = 268443704
	internalSubIsSelf      = 268443705
	internalSubMismatch    = 268447845
	internalTooFrequent    = 268447840
	internalSystemError    = 268435456 // not in the manual: a guess
)

func paramError(internal int, message string, detail any) *Refusal {
	return &Refusal{Status: http.StatusBadRequest, Code: "PARAM_ERROR", Message: message, Internal: internal, Detail: detail}
}

func invalidRequest(internal int, message string, detail any) *Refusal {
	return &Refusal{Status: http.StatusBadRequest, Code: "INVALID_REQUEST", Message: message, Internal: internal, Detail: detail}
}

func signError(message string, detail any) *Refusal {
	return &Refusal{Status: http.StatusUnauthorized, Code: "SIGN_ERROR", Message: message, Internal: internalSignError, Detail: detail}
}

func resourceNotExists(message string) *Refusal {
	return &Refusal{Status: http.StatusNotFound, Code: "RESOURCE_NOT_EXISTS", Message: message, Internal: internalOrderNotExist}
}

func orderNotExist() *Refusal {
	return &Refusal{Status: http.StatusNotFound, Code: "ORDER_NOT_EXIST", Message: "订单不存在", Internal: internalOrderNotExist}
}

func mchNotExists() *Refusal {
	return &Refusal{Status: http.StatusBadRequest, Code: "MCH_NOT_EXISTS", Message: "商户号不存在", Internal: internalMchMismatch}
}

func subMchNotMatch() *Refusal {
	return paramError(internalSubMismatch, "子商户号和订单信息不匹配", nil)
}

func appIDMchIDNotMatch() *Refusal {
	return &Refusal{Status: http.StatusBadRequest, Code: "APPID_MCHID_NOT_MATCH", Message: "appid和mch_id不匹配，请检查后再试", Internal: internalAppIDMchID}
}

func frequencyLimited() *Refusal {
	return &Refusal{Status: http.StatusTooManyRequests, Code: "FREQUENCY_LIMITED", Message: "请求频率超过限制", Internal: internalTooFrequent}
}

func notEnough() *Refusal {
	return &Refusal{Status: http.StatusForbidden, Code: "NOT_ENOUGH", Message: "基本账户余额不足，请充值后重新发起", Internal: internalSystemError}
}

func sharingNotEnough(message string) *Refusal {
	return &Refusal{Status: http.StatusForbidden, Code: "NOT_ENOUGH", Message: message, Internal: internalSystemError}
}

func ruleLimit(message string) *Refusal {
	return &Refusal{Status: http.StatusForbidden, Code: "RULE_LIMIT", Message: message, Internal: internalParamInvalid}
}

func systemError() *Refusal {
	return &Refusal{Status: http.StatusInternalServerError, Code: "SYSTEM_ERROR", Message: "系统异常，请稍后重试", Internal: internalSystemError}
}
