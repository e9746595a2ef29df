package wx

import (
	"net/url"
	"time"

	"wxhub/model"
)

// Grant is who an OAuth code stands for: official account, website or mobile app
// (PROTOCOL §6.3). The tokens that came with it are not kept.
type Grant struct {
	OpenID   string
	UnionID  string // "" under snsapi_base, or when the app is bound to no open platform
	Snapshot bool   // a virtual user of WeChat's snapshot pages: never an identity
}

// Phone is a phone number that WeChat vouches for (PROTOCOL §6.2). Personal data.
type Phone struct {
	Number string // WeChat's phoneNumber: bare in mainland China, with the country's code elsewhere
}

// Follower is what an official account learns of an openid (PROTOCOL §6.4).
type Follower struct {
	OpenID     string
	Subscribed bool // false: WeChat told nothing else
	UnionID    string
}

// Followers is one page of an official account's followers, at most 10,000.
type Followers struct {
	Total   int
	OpenIDs []string
	Next    string // give it to get the next page; any openid of the list works; "" after the last
}

// Moved is what an account migration made of an old openid. NewOpenID is "" when WeChat
// has none for it.
type Moved struct {
	OldOpenID string
	NewOpenID string
}

// Delivery is one request of WeChat's to the message callback, as it came.
type Delivery struct {
	Query       url.Values
	ContentType string
	Body        []byte
}

// Push is a verified message or event that WeChat pushed to an app (PROTOCOL §6.6).
type Push struct {
	AppID      string
	ToUser     string // the account's original id
	FromUser   string // the openid
	CreateTime int64  // unix seconds, WeChat's
	MsgType    string // text, image, … or event
	MsgID      string // of messages; events have none
	Event      string
	EventKey   string
	Ticket     string
	Content    string // of text messages
	// Revocation events name the person in fields of their own.
	OpenID     string
	UnionID    string
	RevokeInfo string
	Fields     map[string]string // every scalar field at the top, under WeChat's names
}

// LoginSite is an app that people log in to by OAuth in a browser or a mobile app.
type LoginSite struct {
	AppID  string
	Kind   model.AppKind
	Secret model.Secret
}

// PushSettings are what an app's message push is verified with. Token "" means that
// the app has none. AESKey "" means plain mode; otherwise only encrypted bodies count.
type PushSettings struct {
	AppID  string
	Token  model.Secret
	AESKey model.Secret // EncodingAESKey, 43 characters
	Now    func() time.Time
}

// Person is whom the message is from, or about.
func (p Push) Person() model.IdentityKey {
	openID := p.FromUser
	if p.OpenID != "" {
		openID = p.OpenID
	}
	return model.IdentityKey{AppID: p.AppID, OpenID: openID}
}
