// Package wxpay speaks WeChat Pay APIv3 for every configured merchant: JSAPI
// prepay, query, close, the signature that a client needs to invoke a payment,
// and the opening of notifications. Calls go through wechatpay-go, which signs
// the request and verifies the answer with the WeChat Pay public key.
//
// What is done here and not left to the SDK (FIELD-NOTES §4.2):
//   - its hosts are constants: package transport sends the call where the
//     configuration says;
//   - a 2xx answer whose signature does not verify is asked for once more, since
//     WeChat Pay probes its merchants with deliberate wrong signatures; all calls
//     here may be repeated safely;
//   - its notification handler panics on a nonce that is not 12 bytes, puts the
//     whole request into its errors and reads without limit. Notifications are
//     therefore opened in notification.go with the SDK's verifier alone;
//   - its pointer structs stay inside; callers see the types of package wx.
package wxpay
