// Package h5 serves the pages that payers see (CONTRACT §4): the lead-in page of a collect
// code, the cashier and result of an order, the poster to print, and the files by which
// WeChat checks a domain.
//
// How it works. SceneOf decides from the User-Agent how somebody can pay. Inside WeChat they
// are logged in silently by the merchant's official account and pay by WeixinJSBridge; in a
// phone's browser a link leads to WeChat Pay's H5 page, with our origin as Referer; on a
// desktop a QR code is shown. Pages are rendered here; the script only takes the taps, calls
// POST /pay/{id}/prepay, and asks GET /pay/{id}/state whether the page is out of date. What
// the client says about a payment never counts: a page claims success only when the order
// in the store says so.
//
// Safety. A strict Content-Security-Policy: no inline script or style, nothing from another
// host. Pages are not stored; static files have their hash in the name. Changes are taken
// from our own origin only.
//
// What it leaves to whom: amounts, limits and who may pay are package pay's; logging in is
// server/login's.
package h5
