// Package wx is the border to WeChat: the plain types in which the rest of wxhub
// speaks of WeChat, and the errors that WeChat's answers become.
//
// The subpackages are the only code that knows WeChat's SDKs: mini (mini-program
// login, through silenceper/wechat) and wxpay (WeChat Pay APIv3, through
// wechatpay-go), both over transport, which decides where a call goes, how long
// it may take and how much it may answer. No SDK type leaves them.
//
// wx/sandbox is something else: the other side of the wire, sharing no code with
// this one.
package wx
