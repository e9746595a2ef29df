package model

import "time"

// User is a person as wxhub knows them: one id, reached through identities. A user
// whose MergedInto is set has become part of another: the id answers with that one.
type User struct {
	ID         string
	Phone      string    // as WeChat's phoneNumber: bare digits in mainland China, with the country's code elsewhere; personal data
	PhoneAt    time.Time // when WeChat vouched for Phone
	CreatedAt  time.Time // the time inside ID
	MergedInto string    // the user that this one became part of; "" for a user of its own
	Merges     []Merge   // the journal: each time this user was merged away, oldest first
	ErasedAt   time.Time // when personal data were erased; zero: never
	// Unsettled: erased here, perhaps not yet in the identities; or just made part of another,
	// who may have been erased at that moment. The repair job looks.
	Unsettled bool
	Outbox    []Event // events not yet handed to the webhook deliveries
	Version   int64
}

// MergeCause is why two users became one.
type MergeCause string

// The causes of a merge.
const (
	CauseUnionID   MergeCause = "union_id"  // WeChat reported one UnionID for both
	CauseOperator  MergeCause = "operator"  // an operator resolved a conflict
	CauseMigration MergeCause = "migration" // an account migration gave the person another openid
	CauseBirth     MergeCause = "birth"     // the id lost a race before anybody heard of it
)

// Merge is one entry of the journal, kept by the user that was merged away. What was
// before is in Loser and Survivor; afterwards the survivor had all of them.
type Merge struct {
	Into     string // the survivor, as it was then
	At       time.Time
	Cause    MergeCause
	By       IdentityKey // the identity whose arrival joined the two
	Union    UnionKey    // what joined them; empty unless it was a UnionID
	Loser    []IdentityKey
	Survivor []IdentityKey
	UndoneAt time.Time // when an operator took the merge back; zero: it stands
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

// IdentityKey names one person in one app.
type IdentityKey struct {
	AppID  string
	OpenID string
}

// UnionKey names one person in one open-platform account: equal UnionIDs under two
// accounts are not the same person.
type UnionKey struct {
	OpenPlatform string
	UnionID      string
}

// Identity is one person in one app. Its key is unique: it belongs to exactly one
// user. UserID never changes; the user it names may have been merged into another.
type Identity struct {
	AppID        string
	OpenID       string
	UserID       string
	Kind         AppKind
	OpenPlatform string
	UnionID      string      // "" when not known
	Linking      bool        // UnionID was recorded; whether its users were joined is not yet known
	MovedTo      IdentityKey // the openid that an account migration gave the person; this one stays an alias
	CreatedAt    time.Time
	Version      int64
}

// Key is the identity's key.
func (i Identity) Key() IdentityKey { return IdentityKey{i.AppID, i.OpenID} }

// Union is the key of the identity's UnionID; ok is false when there is nothing to
// compare: no UnionID, or no open-platform account to scope it.
func (i Identity) Union() (k UnionKey, ok bool) {
	return UnionKey{i.OpenPlatform, i.UnionID}, i.UnionID != "" && i.OpenPlatform != ""
}

// Union is who holds a UnionID: the first user that arrived with it.
type Union struct {
	OpenPlatform string
	UnionID      string
	UserID       string
	CreatedAt    time.Time
	Version      int64
}

// ConflictStatus is where a conflict stands.
type ConflictStatus string

// The statuses of a conflict.
const (
	ConflictOpen    ConflictStatus = "open"
	ConflictKept    ConflictStatus = "kept"    // the recorded UnionID stands
	ConflictAdopted ConflictStatus = "adopted" // the reported UnionID took its place
)

// Conflict is an openid that reported another UnionID than before. Nothing is merged
// until an operator says what is true.
type Conflict struct {
	ID           string // derived from the other fields, so that one conflict is one record
	AppID        string
	OpenID       string
	OpenPlatform string
	Recorded     string // the UnionID on record
	Reported     string // the UnionID that WeChat reported later
	UserID       string
	Status       ConflictStatus
	CreatedAt    time.Time
	ResolvedAt   time.Time
	Version      int64
}

// Session is who a session token speaks for. It lives in Redis: losing it costs a
// new login and nothing else.
type Session struct {
	UserID    string
	AppID     string // the app the person logged in through
	OpenID    string
	ExpiresAt time.Time
}

// LoginState is one login in a browser that waits for WeChat to send the browser back.
// It lives in Redis, under the hash of the OAuth state parameter, and is taken once.
type LoginState struct {
	AppID    string
	Browser  string // hash of the browser's cookie: another browser cannot finish the login
	ReturnTo string // path on our own origin
	Scope    string
}
