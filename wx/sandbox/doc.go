// Package sandbox is the WeChat platform on your machine: the logins of mini-programs, official accounts, websites and
// mobile apps, phone numbers, followers, message push, access tokens WeChat Pay APIv3 and, for payment codes, APIv2, answered at the platform's own paths with the platform's own fields, limits, errors and signatures.
//
// # What it owns
//
// One Platform holds a whole little world: apps, merchants with their keys and sub merchants, users with an openid per app and a
// unionid per open platform, login codes and sessions, access tokens and tickets, orders, refunds, the notifications they cause, the
// clock, the faults that were ordered, and a log of everything that came in and went out.
//
// # How it works
//
// Platform.Handler answers the three endpoints of the real platform on one address, and the control API below
// /sandbox/. Platform.Control answers only the latter. Every control operation is also a Go method. A call to
// /v3/… passes one gateway (v3_gateway.go), which logs it, picks a fault, verifies the request signature, runs
// the endpoint and signs the answer. A call to api.weixin.qq.com passes a second, simpler one (wx_gateway.go),
// one to APIv2, in XML, a third (v2_gateway.go), which charges the same codes on the same book. The pages
// of open.weixin.qq.com (open_page.go) take a browser's cookies for the phone; their forms post below /sandbox/phone/.
// Notifications and pushed messages leave through a worker that keeps WeChat's retry schedules on the platform's clock.
// GET /sandbox/ is a phone in a browser (phone/, phone_page.go): its screens are read from PhoneState and use the control API; pages of
// others stand in its web view (package webview).
//
// The world keeps apps and merchants as they were born; what an owner changes in the console while the platform runs (the
// open platform, the push URL, a migration) lies over it in console.go.
//
// How it signs for a merchant, with a public key, with platform certificates or with both, is the changing half of the
// merchant (verification.go). Orders and refunds are one book under one lock (book.go), which Ledger reads as of one moment.
// A payment code is shown with PayCode, charged (charge.go), and may wait for AnswerPassword; it lives in the same book.
// A combined order is a head that the phone pays, and sub orders that stand in the book like any other (combine.go).
// Bills are written from it (bill.go), and are as wrong as SpoilBill ordered.
//
// The platform is hostile on purpose: it refuses what WeChat refuses, and faults make it lose answers, repeat
// and corrupt notifications, and send signature probes. Ids, openids and random faults derive from a seed.
//
// # What it leaves
//
// It imports nothing of this module and no WeChat SDK, so that it is a second, independent reading of the
// protocol and can judge the first. State lives in memory and dies with the process. DIVERGENCES.md tells where
// it differs from the real platform, what is a guess, and what is not simulated.
package sandbox
