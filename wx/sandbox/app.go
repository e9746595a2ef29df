package sandbox

import (
	"errors"
	"fmt"

	"wxhub/wx/sandbox/wxcrypt"
)

// Kinds of apps.
const (
	KindMiniProgram     = "mini_program"
	KindOfficialAccount = "official_account"
	KindWebsite         = "website"
	KindMobileApp       = "mobile_app"
)

// Modes and formats of message push.
const (
	PushPlain      = "plain"
	PushCompatible = "compatible" // plain and encrypted in one body
	PushSafe       = "safe"
	PushXML        = "xml"
	PushJSON       = "json" // mini-programs only
)

// App is an application registered with the platform.
type App struct {
	ID           string // wx and 16 hex digits
	Kind         string // one of the Kind constants
	Name         string
	Secret       string
	OpenPlatform string   // the open-platform account it is bound to; empty: none, so no unionid
	AuthDomains  []string // hosts that redirect_uri of a web login may have (网页授权域名); empty: any

	Token      string // of message push
	AESKey     string // EncodingAESKey, 43 characters; needed unless PushMode is plain
	PushURL    string // empty: nothing is pushed. Set here it is not checked; SetPush checks as WeChat does
	PushMode   string // one of plain, compatible and safe; empty: plain
	PushFormat string // xml or json; empty: xml
}

// ErrPush: the settings of message push contradict each other.
var ErrPush = errors.New("mode is plain, compatible or safe, format is xml, or json for a mini-program; a URL needs the app's Token, a mode other than plain its AESKey")

// checkPush judges the settings of message push, without asking the receiver.
func (a *App) checkPush() error {
	if a.PushMode == "" {
		a.PushMode = PushPlain
	}
	if a.PushFormat == "" {
		a.PushFormat = PushXML
	}
	switch {
	case a.PushMode != PushPlain && a.PushMode != PushCompatible && a.PushMode != PushSafe,
		a.PushFormat != PushXML && (a.PushFormat != PushJSON || a.Kind != KindMiniProgram),
		a.PushURL != "" && a.Token == "":
		return ErrPush
	}
	if a.PushMode == PushPlain && a.AESKey == "" {
		return nil
	}
	if _, err := wxcrypt.Key(a.AESKey); err != nil {
		return fmt.Errorf("%w: %w", ErrPush, err)
	}
	return nil
}

// originalID is the gh_ name of the account, the ToUserName of everything pushed.
func (a *App) originalID() string { return "gh_" + derived("original "+a.ID, 12) }
