package sandbox

import (
	"sync"
	"time"
)

// phoneCode is what the button of a mini-program gives when the user shares the phone number.
type phoneCode struct {
	user User
	app  string
	made time.Time
	used bool
}

// phones are all phone codes.
type phones struct {
	clock *clock
	ids   *idMaker

	mu    sync.Mutex
	codes map[string]*phoneCode
}

// PhoneCode is the user's consent to share the phone number: a code for one getuserphonenumber within 5 minutes of the
// platform's clock. user is an id or a name. It returns ErrNoApp, ErrAppKind or ErrNoUser.
func (p *Platform) PhoneCode(appID, user string) (string, error) {
	u, app, err := p.onPhone(appID, user, KindMiniProgram)
	if err != nil {
		return "", err
	}
	code := p.ids.phoneCode()
	p.phones.mu.Lock()
	defer p.phones.mu.Unlock()
	p.phones.codes[code] = &phoneCode{user: u, app: app.ID, made: p.clock.now()}
	return code, nil
}

// exchange uses a code up. openID may be empty; given, it must be the sharer's.
func (f *phones) exchange(code, appID, openID string, b *Behaviour) (User, *wxError) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.codes[code]
	switch {
	case c == nil:
		return User{}, &wxError{codeInvalidCode, "invalid code"}
	case c.app != appID:
		return User{}, &wxError{codeInvalidAppID, "invalid appid"}
	case openID != "" && c.user.OpenIDs[appID] != openID:
		return User{}, &wxError{codeOpenID, "invalid openid"}
	case c.used:
		return User{}, &wxError{b.UsedPhoneCode, "code been used"}
	case f.clock.now().Sub(c.made) >= codeLife:
		return User{}, &wxError{codeInvalidCode, "invalid code"}
	}
	c.used = true
	return c.user, nil
}

func (f *phones) reset() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.codes = map[string]*phoneCode{}
}
