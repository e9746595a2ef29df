package model

import "time"

// TokenKind is one of the credentials that WeChat gives an app for a while.
type TokenKind string

// The kinds that wxhub keeps.
const (
	AccessToken  TokenKind = "access_token"
	JSAPITicket  TokenKind = "jsapi_ticket"
	WxCardTicket TokenKind = "wx_card_ticket"
)

// TokenKinds lists all of them.
var TokenKinds = []TokenKind{AccessToken, JSAPITicket, WxCardTicket}

// TokenKey names one token: whose it is and what for.
type TokenKey struct {
	AppID string
	Kind  TokenKind
}

// Token is a credential of an app as it is shared between processes. It lives in
// Redis: losing it costs one fetch.
type Token struct {
	Value     Secret
	FetchedAt time.Time
	ExpiresAt time.Time
	// Source is a fingerprint of the appsecret it was fetched with: after a change of
	// the secret the old token is nobody's.
	Source string
	// Fence grows with each holder of the refresh lock. A holder that lost its lease
	// and comes late cannot overwrite what a later one stored.
	Fence int64
}

// TokenFault is a refusal of WeChat that asking again at once would not mend.
type TokenFault struct {
	Code    string // errcode
	Message string // errmsg
	Source  string // fingerprint of the appsecret that was refused
	Until   time.Time
}
