// Package wx is the border to WeChat: the plain types in which the rest of wxhub
// speaks of WeChat, and the errors that WeChat's answers become.
//
// The subpackages are the only code that knows WeChat and its SDKs; no SDK type leaves
// them:
//
//   - mini, oauth and mp say who a person is: mini-program, official account, website,
//     mobile app. push opens what WeChat pushes.
//   - wxpay is WeChat Pay APIv3, through wechatpay-go; micropay charges payers' codes by
//     APIv2, for merchants who have them no other way.
//   - token keeps access tokens and tickets; api makes calls with them; forward makes the
//     calls of other programs.
//   - silenceper tames the SDK of that name for those who go through it. transport, under
//     all of them, decides where a call goes, how long it may take and how much it may
//     answer. flat reads WeChat's XML.
//
// wx/sandbox is something else: the other side of the wire, sharing no code with
// this one.
package wx
