package wx

import "wxhub/model"

// Errors of the message push (PROTOCOL §6.6). WeChat sends again whatever is not
// answered with 200, so none of them loses a message.
var (
	// ErrPushForged: the signature is not WeChat's, or one of its parts is missing.
	ErrPushForged = model.NewError(model.KindForbidden, "push_unverified", "the push is not verifiably from WeChat")
	// ErrPushStale: signed more than five minutes ago, or ahead.
	ErrPushStale = model.NewError(model.KindForbidden, "push_stale", "the push was signed too long ago, or the clock of this machine is wrong")
	// ErrPushDowngrade: an app in safe mode was sent a body that is not encrypted.
	ErrPushDowngrade = model.NewError(model.KindForbidden, "push_not_encrypted", "an aes_key is configured for this app, so only encrypted pushes are believed; choose the safe mode in WeChat's console")
	// ErrPushEncrypted: the body is encrypted and the app has no key.
	ErrPushEncrypted = model.NewError(model.KindForbidden, "push_encrypted", "the push is encrypted; configure the EncodingAESKey of WeChat's console as this app's aes_key")
	// ErrPushMalformed: verified or not, it cannot be read as a push.
	ErrPushMalformed = model.NewError(model.KindMalformed, "push_malformed", "the push could not be read")
	// ErrAppUnknown: no such app is configured, or not for this.
	ErrAppUnknown = model.NewError(model.KindNotFound, "app_unknown", "no such app is configured here")
)
