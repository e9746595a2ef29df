// Package wxpay speaks WeChat Pay APIv3 for every configured merchant, direct or service
// provider: prepay by JSAPI, Native, H5 and App, of one order or of several together, payers'
// codes and their reversal, query, close, refund, the signature that a client needs to invoke a
// payment, bills, applications of sub merchants, and the opening of notifications. Calls go
// through wechatpay-go, which signs the request and asks back here about the answer.
//
// # Verification
//
// Answers and notifications pass one function (verify.go) with one verifier per merchant.
// The Wechatpay-Serial of a message chooses the key: the WeChat Pay public key under its own
// id, and a platform certificate under any other serial. The two live side by side, since
// WeChat Pay moves a merchant from certificates to the public key over days, message by
// message, and may move it back. certificates.go keeps the certificates while they are
// valid; one that is not known is looked for once, and at most once a minute; what stays
// unknown is refused. download.go tells why the first certificate can be trusted.
// A merchant with a public key asks for no certificates unless WeChat Pay uses one.
//
// A bill is the one thing that is not signed. The answer that brings the link to it is, and it holds the
// SHA1 of the file: the file is put aside, and shown to nobody until that is compared (bill_file.go).
//
// # What is done here and not left to the SDK (FIELD-NOTES §4.2)
//
//   - its hosts are constants: package transport sends the call where the
//     configuration says;
//   - its certificate downloader cannot be stopped, and does not start for a merchant
//     without certificates or while WeChat Pay is away;
//   - a 2xx answer whose signature does not verify is asked for once more, since
//     WeChat Pay probes its merchants with deliberate wrong signatures; all calls
//     here may be repeated safely, and those that may not are not: what charges a code
//     (PayCode), hands an application in (SubmitApplyment) or changes an account (ModifySettlement);
//   - a signature does not cover what was asked: an answer about another payment or
//     refund is refused;
//   - its notification handler panics on a nonce that is not 12 bytes, puts the
//     whole request into its errors and reads without limit. Notifications are
//     therefore opened in notification.go with the SDK's verifier alone;
//   - its pointer structs stay inside; callers see the types of package wx.
package wxpay
