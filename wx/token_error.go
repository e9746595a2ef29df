package wx

import (
	"regexp"

	"wxhub/model"
)

// ErrTokenRefused: WeChat will not give this app a token, and asking again would not
// mend it. The copy that TokenRefused makes names the remedy.
var ErrTokenRefused = model.NewError(model.KindUpstream, "wechat_token_refused", "WeChat refuses to give a token for this app")

// ErrForceQuota: today's forced refreshes are used up, so WeChat is not asked.
var ErrForceQuota = model.NewError(model.KindTooMany, "token_force_quota", "WeChat allows 20 forced refreshes a day and they are used up; find out who keeps invalidating this app's token")

var ipInMessage = regexp.MustCompile(`invalid ip ([0-9a-fA-F.:]+)`)

// TokenRefused is ErrTokenRefused with WeChat's words and what to do about it.
func TokenRefused(code, message string) *model.Error {
	e := Refused(ErrTokenRefused, model.Upstream{Service: "wechat", Code: code, Message: message})
	e.Message += ": " + remedy(code, message)
	return e
}

func remedy(code, message string) string {
	switch code {
	case "40164":
		address := "this machine's public address"
		if m := ipInMessage.FindStringSubmatch(message); m != nil {
			address = m[1]
		}
		return "add " + address + " to the app's IP white list (40164)"
	case "40001", "40125":
		return "the appsecret in the configuration is not the app's (" + code + ")"
	case "40013", "41002":
		return "the appid is wrong (" + code + ")"
	case "45009":
		return "the call quota is used up; it is renewed at midnight in China, or clear it in WeChat's console (45009)"
	case "40243":
		return "the appsecret is frozen; unfreeze it in WeChat's console (40243)"
	case "50004", "50007":
		return "the account is not allowed to call this, or is frozen (" + code + ")"
	case "89503", "89506", "89507":
		return "the administrator must confirm this machine's address in WeChat (" + code + ")"
	}
	return "errcode " + code
}
