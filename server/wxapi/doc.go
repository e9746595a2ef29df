// Package wxapi is the drop-in face: WeChat's own API below /v1/wxapi/{app_id}, for
// programs that use a WeChat SDK and should not hold the appsecret. Such a program
// changes its base URL and gives its wxhub API key where the SDK wants the appsecret.
//
//   - cgi-bin/token, cgi-bin/stable_token and cgi-bin/ticket/getticket are answered
//     from the keeper, in WeChat's shape. A forced refresh is not passed on: it would
//     take the token away from everybody else.
//   - Every other path on the allow-list is forwarded with the present access token
//     filled in, and repeated once when WeChat calls that one bad.
//
// A caller is known by its API key (Authorization: Bearer, or the parameter secret),
// or by an access token that was handed to it here. Errors have WeChat's shape too:
// what WeChat refused with HTTP 200, as WeChat does, and what wxhub refused (a wrong key,
// a path that is not allowed) with the status that says so.
package wxapi
