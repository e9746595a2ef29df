package model

import "time"

// User is a person as wxhub knows them: one id, reached through identities.
type User struct {
	ID        string
	Phone     string // E.164 without '+', "" when unknown; personal data
	CreatedAt time.Time
	Outbox    []Event // events not yet handed to the webhook deliveries
	Version   int64
}

// AppKind is which door an app is.
type AppKind string

// The four doors to a person.
const (
	MiniProgram     AppKind = "mini_program"
	OfficialAccount AppKind = "official_account"
	Website         AppKind = "website"
	MobileApp       AppKind = "mobile_app"
)

// Identity is one person in one app. (AppID, OpenID) is unique: it belongs to
// exactly one user. UnionID is scoped by OpenPlatform (an open-platform account):
// equal strings under two accounts are not the same person. "" means not known.
type Identity struct {
	AppID        string
	OpenID       string
	UserID       string
	Kind         AppKind
	OpenPlatform string
	UnionID      string
	CreatedAt    time.Time
}

// Session is who a session token speaks for. It lives in Redis: losing it costs a
// new login and nothing else.
type Session struct {
	UserID    string
	AppID     string // the app the person logged in through
	OpenID    string
	ExpiresAt time.Time
}
