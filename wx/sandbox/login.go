package sandbox

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// codeLife is how long a login code can be exchanged, on the platform's clock.
const codeLife = 5 * time.Minute

// Errors of LoginCode.
var (
	ErrNoApp   = errors.New("no such app; GET /sandbox/credentials lists them")
	ErrAppKind = errors.New("an app of this kind has no such thing: wx.login, phone numbers and encryptedData belong to a mini-program, OAuth codes to the other kinds, followers to an official account")
)

// loginCode is what wx.login gives.
type loginCode struct {
	user User
	app  string
	made time.Time
	used bool
}

// logins are the codes and the session keys of all users. A session key belongs to an openid.
type logins struct {
	clock *clock
	ids   *idMaker

	mu       sync.Mutex
	codes    map[string]*loginCode
	sessions map[string]string
	calls    map[string][]time.Time // of jscode2session in the last minute, by openid
}

// LoginCode is a login on the user's phone: the code that wx.login gives in a mini-program, for one exchange within 5
// minutes of the platform's clock; for the other kinds of apps it is OAuthCode with the kind's first scope.
// user is an id or a name. It returns ErrNoApp or ErrNoUser.
func (p *Platform) LoginCode(appID, user string) (string, error) {
	app, found := p.console.app(appID)
	if found && app.Kind != KindMiniProgram {
		return p.OAuthCode(appID, user, "")
	}
	u, app, err := p.onPhone(appID, user, KindMiniProgram)
	if err != nil {
		return "", err
	}
	return p.logins.issue(u, app.ID), nil
}

// onPhone finds a user and an app that must be of one of the kinds. No kinds: any.
func (p *Platform) onPhone(appID, user string, kinds ...string) (User, App, error) {
	u, err := p.FindUser(user)
	if err != nil {
		return User{}, App{}, err
	}
	app, found := p.console.app(appID)
	switch {
	case !found:
		return User{}, App{}, fmt.Errorf("%q: %w", appID, ErrNoApp)
	case len(kinds) > 0 && !slices.Contains(kinds, app.Kind):
		return User{}, App{}, fmt.Errorf("%s is a %s: %w", appID, app.Kind, ErrAppKind)
	}
	return u, app, nil
}

func (l *logins) issue(u User, appID string) string {
	code := l.ids.loginCode()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.codes[code] = &loginCode{user: u, app: appID, made: l.clock.now()}
	return code
}

// exchange uses a code up and rotates the user's session key.
func (l *logins) exchange(code, appID string, b *Behaviour) (User, string, *wxError) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c, found := l.codes[code]
	switch now := l.clock.now(); {
	case !found || c.app != appID:
		return User{}, "", &wxError{codeInvalidCode, "invalid code"}
	case c.used:
		return User{}, "", &wxError{codeUsedCode, "code been used"}
	case now.Sub(c.made) >= codeLife:
		return User{}, "", &wxError{b.ExpiredCode, "invalid code"}
	case !l.allowed(c.user.OpenIDs[appID], now, b.LoginsPerMinute):
		return User{}, "", &wxError{codeTooFrequent, "api minute-quota reach limit  mustslower  retry next minute"}
	}
	c.used = true
	return c.user, l.rotate(c.user.OpenIDs[appID]), nil
}

// allowed counts a call against the user's limit per minute.
func (l *logins) allowed(openID string, now time.Time, perMinute int) bool {
	if perMinute == 0 {
		return true
	}
	var recent []time.Time
	for _, at := range l.calls[openID] {
		if now.Sub(at) < time.Minute {
			recent = append(recent, at)
		}
	}
	if len(recent) >= perMinute {
		return false
	}
	l.calls[openID] = append(recent, now)
	return true
}

// rotate gives the openid a new session key. The lock is held.
func (l *logins) rotate(openID string) string {
	key := l.ids.sessionKey()
	l.sessions[openID] = key
	return key
}
