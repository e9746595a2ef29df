package wx

import (
	"context"
	"errors"
	"net"

	"wxhub/model"
)

// Errors that WeChat's answers become. Adapters return copies with the upstream's
// own words in Upstream; callers compare with errors.Is.
var (
	// ErrCodeInvalid: the login code is unknown or expired (40029).
	ErrCodeInvalid = model.NewError(model.KindInvalid, "login_code_invalid", "the login code is not valid or has expired; begin the login again and send the new code")
	// ErrCodeUsed: the login code was used before (40163).
	ErrCodeUsed = model.NewError(model.KindConflict, "login_code_used", "the login code was used already; begin the login again")
	// ErrUserBlocked: WeChat blocks this login as risky (40226).
	ErrUserBlocked = model.NewError(model.KindForbidden, "login_blocked", "WeChat blocks this login as high-risk")
	// ErrRateLimited: WeChat asks to slow down (45011, FREQUENCY_LIMITED).
	ErrRateLimited = model.NewError(model.KindTooMany, "wechat_rate_limited", "WeChat asks to slow down; try again shortly")
	// ErrRejected: WeChat refused for a reason the caller cannot mend.
	ErrRejected = model.NewError(model.KindUpstream, "wechat_rejected", "WeChat refused the call")
	// ErrBusy: WeChat has a fault of its own; the same call may be repeated.
	ErrBusy = model.NewError(model.KindUpstream, "wechat_unavailable", "WeChat failed to answer properly; try again")
	// ErrTimeout: WeChat was silent; whether it acted is not known.
	ErrTimeout = model.NewError(model.KindUpstreamTimeout, "wechat_timeout", "WeChat did not answer in time; try again")
	// ErrForged: the answer carried no valid signature of WeChat Pay.
	ErrForged = model.NewError(model.KindUpstream, "wechat_answer_unverified", "the answer of WeChat Pay could not be verified")

	// ErrTradeUnknown: WeChat Pay has no such out_trade_no.
	ErrTradeUnknown = model.NewError(model.KindUpstream, "wechat_order_unknown", "WeChat Pay does not know this order number")
	// ErrTradePaid: the out_trade_no is paid.
	ErrTradePaid = model.NewError(model.KindConflict, "wechat_order_paid", "this payment is paid already")
	// ErrTradeClosed: the out_trade_no is closed or expired.
	ErrTradeClosed = model.NewError(model.KindConflict, "wechat_order_closed", "this payment is closed at WeChat Pay")
	// ErrTradeDiffers: the out_trade_no was used with other parameters.
	ErrTradeDiffers = model.NewError(model.KindConflict, "wechat_order_differs", "WeChat Pay holds this number with other parameters")

	// ErrNotificationForged: a notification failed verification (signature, serial, freshness or a missing header).
	ErrNotificationForged = model.NewError(model.KindUnauthenticated, "notification_unverified", "the notification is not verifiably from WeChat Pay")
	// ErrNotificationProbe: one of WeChat Pay's deliberate wrong signatures (PROTOCOL §1.5).
	ErrNotificationProbe = model.NewError(model.KindUnauthenticated, "notification_probe", "signature probe refused")
	// ErrNotificationMalformed: verified, yet not a notification this version can read.
	ErrNotificationMalformed = model.NewError(model.KindInvalid, "notification_malformed", "the notification could not be read")
	// ErrMerchantUnknown: no such merchant is configured.
	ErrMerchantUnknown = model.NewError(model.KindNotFound, "merchant_unknown", "no such merchant is configured here")
)

// Refused makes a copy of base that carries WeChat's own words.
func Refused(base *model.Error, u model.Upstream) *model.Error {
	e := *base
	e.Upstream = &u
	return &e
}

// Silent turns a transport failure into ErrTimeout or ErrBusy. The cause must be
// free of URLs, which can hold an appsecret (see transport.Cause).
func Silent(cause error) *model.Error {
	var ne net.Error
	if errors.Is(cause, context.DeadlineExceeded) || errors.Is(cause, context.Canceled) ||
		(errors.As(cause, &ne) && ne.Timeout()) {
		return ErrTimeout.Because(cause)
	}
	return ErrBusy.Because(cause)
}
