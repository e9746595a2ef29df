package sandbox

import "fmt"

// Errcodes of api.weixin.qq.com.
const (
	codeSystem          = -1
	codeInvalidToken    = 40001 // wrong or replaced
	codeGrantType       = 40002
	codeOpenID          = 40003
	codeInvalidAppID    = 40013
	codeMalformedToken  = 40014
	codeInvalidCode     = 40029
	codeRefreshToken    = 40030
	codeListSize        = 40032
	codeInvalidURL      = 40066
	codeArgs            = 40097
	codeInvalidSecret   = 40125
	codeUsedCode        = 40163
	codeIPNotAllowed    = 40164
	codeTokenMissing    = 41001
	codeAppIDMissing    = 41002
	codeSecretMissing   = 41004
	codeRefreshMissing  = 41003
	codeJSCodeMissing   = 41008
	codeOpenIDMissing   = 41009
	codeTokenExpired    = 42001
	codeRefreshExpired  = 42002
	codeRequireGet      = 43001
	codeRequirePost     = 43002
	codeQuota           = 45009
	codeTooFrequent     = 45011
	codeData            = 47001
	codeUnauthorized    = 48001
	codeTokenForbidden  = 50004
	codeSessionMismatch = 87009
	codeNotBound        = 89002
	codeOrderInvalid    = 89300

	codeNoPayment    = 10060001
	codeShippedTwice = 10060003
	codeNotShippable = 10060004
	codeLogistics    = 10060005
	codeSameShipping = 10060023
	codeUploadTime   = 268485216
	codeDelivery     = 268485224
)

// wxError is the error body of api.weixin.qq.com, sent with HTTP 200.
type wxError struct {
	ErrCode int    `json:"errcode"`
	ErrMsg  string `json:"errmsg"`
}

func (e *wxError) Error() string { return fmt.Sprintf("errcode %d: %s", e.ErrCode, e.ErrMsg) }

func wxSystemError() *wxError { return &wxError{codeSystem, "system error"} }

// wxOK is the answer of calls that return nothing.
type wxOK struct {
	ErrCode int    `json:"errcode"`
	ErrMsg  string `json:"errmsg"`
}

// appBySecret finds the app that a call names, as every endpoint that takes appid and secret does.
func (p *Platform) appBySecret(in *call, appID, secret string) (*App, *wxError) {
	in.appID = appID
	switch app := p.world.app(appID); {
	case appID == "":
		return nil, &wxError{codeAppIDMissing, "appid missing"}
	case secret == "":
		return nil, &wxError{codeSecretMissing, "appsecret missing"}
	case app == nil:
		return nil, &wxError{codeInvalidAppID, "invalid appid"}
	case app.Secret != secret:
		return nil, &wxError{codeInvalidSecret, "invalid appsecret, view more at http://t.cn/RAEkdVq"}
	default:
		return app, nil
	}
}
