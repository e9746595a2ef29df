// Package applyment makes sub merchants (特约商户进件): a service provider hands somebody's application in, WeChat Pay's
// people look at it, and in the end there is a merchant number that payments can be taken for.
//
// # How an application lives
//
//	           accepted
//	created ──────────▶ auditing ─▶ to_be_confirmed ─▶ to_be_signed ─▶ signing ─▶ finished
//	   │ ▲ │ ▲             │    └─────────────────────────▲
//	   │ │ │ │             └─▶ rejected, editing ─▶ created: submitted again under the same business_code
//	   │ │ └─┴─ canceled: taken back, or a term was over
//	   └─┴─ unsubmitted: WeChat Pay refused it, or never got it
//
// transition.go is the only place that allows a change of status.
//
// # What makes it safe
//
//   - What is submitted is not kept: names, papers and accounts are encrypted by the adapter and forgotten here. What
//     is kept is the business_code, what WeChat Pay says about it, and when.
//   - The business_code is stored before WeChat Pay hears of it. WeChat Pay has one application for each, so submitting it
//     twice makes no second one.
//   - A submission whose answer is lost leaves the application created. It is asked about, never guessed: by the next
//     request with the same business_code, by a look at it with refresh, and by the sweep. WeChat Pay refuses a request
//     that is over five minutes old, so what it does not know six minutes later it will never get: unsubmitted.
//     Nothing here can submit it again then, for it is not kept; the backend does.
//   - A statement of WeChat Pay counts only while the application is as it was when it was asked about: what was said of
//     a rejected one does not end the submission after it.
//   - A change of status and the event that tells of it, applyment.changed, are one write.
//
// Bank accounts of sub merchants and uploads pass through: nothing of them is kept.
package applyment
