package wx

import "wxhub/model"

// Errors of the calls that tell who a person is, beyond those of error.go.
var (
	// ErrPhoneCodeInvalid: the code of the phone button is unknown or expired (40029).
	ErrPhoneCodeInvalid = model.NewError(model.KindInvalid, "phone_code_invalid", "the phone code is not valid or has expired; it is the code of the getPhoneNumber button, not of wx.login: let the person tap again and send the new code")
	// ErrPhoneCodeUsed: the code of the phone button was used before (40163).
	ErrPhoneCodeUsed = model.NewError(model.KindConflict, "phone_code_used", "the phone code was used already; let the person tap the getPhoneNumber button again")
	// ErrSessionKeyStale: the data was encrypted or signed under another session key.
	ErrSessionKeyStale = model.NewError(model.KindConflict, "session_key_stale", "the session key has changed; call wx.login again and repeat with fresh data")
	// ErrOpenIDUnknown: WeChat does not know the openid in this app (40003).
	ErrOpenIDUnknown = model.NewError(model.KindInvalid, "openid_unknown", "WeChat does not know this openid in this app")
	// ErrNotPaidLately: no payment of the person's, made within five minutes, is known (89300).
	ErrNotPaidLately = model.NewError(model.KindConflict, "not_paid_lately", "WeChat knows no payment of this person from the last five minutes")
)
