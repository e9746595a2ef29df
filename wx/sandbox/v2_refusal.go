package sandbox

import "errors"

// v2Error is an error answer of APIv2. recall is set by reverse alone: whether the call is worth repeating.
type v2Error struct {
	code, text string
	recall     string
	anonymous  bool // return_code FAIL, unsigned: the caller was not identified
}

func (e *v2Error) Error() string { return e.code + ": " + e.text }

// unheard is the answer to a caller that was not identified.
func unheard(code, text string) *v2Error { return &v2Error{code: code, text: text, anonymous: true} }

func v2SystemError() *v2Error {
	return &v2Error{code: "SYSTEMERROR", text: "系统超时", recall: "Y"}
}

// v2Codes are the codes of APIv3 that are spelled differently here.
var v2Codes = map[string]string{
	"SYSTEM_ERROR":     "SYSTEMERROR",
	"BANK_ERROR":       "BANKERROR",
	"NOT_ENOUGH":       "NOTENOUGH",
	"NO_AUTH":          "NOAUTH",
	"AUTH_CODE_EXPIRE": "AUTHCODEEXPIRE",
	"ORDER_CLOSED":     "ORDERCLOSED",
	"ORDER_REVERSED":   "ORDERREVERSED",
	"ORDER_NOT_EXIST":  "ORDERNOTEXIST",
	"MCH_NOT_EXISTS":   "MCHID_NOT_EXIST",
}

// v2ErrorOf spells a refusal of the book for APIv2.
func v2ErrorOf(err error) *v2Error {
	var own *v2Error
	if errors.As(err, &own) {
		return own
	}
	var refused *Refusal
	if !errors.As(err, &refused) {
		return v2SystemError()
	}
	code, spelled := v2Codes[refused.Code]
	if !spelled {
		code = refused.Code
	}
	return &v2Error{code: code, text: refused.Message}
}
