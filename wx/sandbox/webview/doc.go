// Package webview shows pages of others in a frame of the sandbox's phone, as WeChat's web view does.
//
// # How it works
//
// Each site that a phone opens gets an origin of its own: a listener on a free port of this machine that forwards
// everything to the site, on the same paths. So the page's relative links, its policy of 'self', its storage and its
// server-sent events are those of the real page, and the browser itself decides which Referer it sends. On the way there the request
// gets the phone's User-Agent, an address of a mobile network, the phone's own cookies, which never reach the browser, and
// Origin and Referer as the site expects them. On the way back Location leads to the view of the next site; X-Frame-Options and
// frame-ancestors name the phone instead of nobody; and the bridge (bridge.js) is put in front of every other script,
// with which the page reaches WeChat, and the phone learns what is shown. A link that leaves the site goes through
// /.wxsandbox/go, which is a redirect, so that the Referer stays right.
//
// # What it leaves
//
// It knows nothing of users, payments or WeChat: the sandbox does. It is no proxy for strangers: a request must name the
// view's own host, and only the phone may frame it. Where it differs from a real web view stands in DIVERGENCES.md.
package webview
