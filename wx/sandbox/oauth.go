package sandbox

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Scopes of OAuth.
const (
	scopeBase     = "snsapi_base"
	scopeUserInfo = "snsapi_userinfo"
	scopeLogin    = "snsapi_login"
)

const (
	qrCodeLife  = 10 * time.Minute // of a code from qrconnect; the others live codeLife
	refreshLife = 30 * 24 * time.Hour
)

// ErrScope: the kind of app has no such scope.
var ErrScope = errors.New("the scope is snsapi_base or snsapi_userinfo for an official account, snsapi_login for a website, snsapi_userinfo for a mobile app")

// scopesOf lists the scopes of a kind of app, the usual one first.
func scopesOf(kind string) []string {
	switch kind {
	case KindOfficialAccount:
		return []string{scopeBase, scopeUserInfo}
	case KindWebsite:
		return []string{scopeLogin}
	case KindMobileApp:
		return []string{scopeUserInfo}
	}
	return nil
}

// grant is what a user let an app know. A snapshot's openid is nobody's.
type grant struct {
	user     User
	app      string
	scope    string
	openID   string
	snapshot bool
}

type oauthCode struct {
	grant
	expires time.Time
	used    bool
}

// oauthToken is an access token or a refresh token.
type oauthToken struct {
	grant
	expires time.Time
	access  string // of a refresh token: the access token that it renews
}

// oauth is all codes and tokens of web and app logins. They are not the app's own access tokens.
type oauth struct {
	clock *clock
	ids   *idMaker

	mu      sync.Mutex
	codes   map[string]*oauthCode
	access  map[string]*oauthToken
	refresh map[string]*oauthToken
}

func newOAuth(c *clock, ids *idMaker) *oauth {
	out := &oauth{clock: c, ids: ids}
	out.reset()
	return out
}

// OAuthCode is the code that an official account's page, a website or a mobile app gets when the user logs in, without
// the pages. scope may be empty: the first of the app's kind. The code is for one exchange within 5 minutes, a
// website's within 10. It returns ErrNoApp, ErrAppKind, ErrNoUser or ErrScope.
func (p *Platform) OAuthCode(appID, user, scope string) (string, error) {
	u, app, err := p.onPhone(appID, user, KindOfficialAccount, KindWebsite, KindMobileApp)
	if err != nil {
		return "", err
	}
	scopes := scopesOf(app.Kind)
	if scope == "" {
		scope = scopes[0]
	}
	if !slices.Contains(scopes, scope) {
		return "", fmt.Errorf("%q for a %s: %w", scope, app.Kind, ErrScope)
	}
	return p.oauth.issue(p.granted(u, app, scope), lifeOf(app.Kind)), nil
}

// granted is what the user lets the app know now.
func (p *Platform) granted(u User, app App, scope string) grant {
	g := grant{user: u, app: app.ID, scope: scope, openID: u.OpenIDs[app.ID]}
	if p.consents.takeSnapshot(u.ID, app.ID) {
		g.snapshot, g.openID = true, p.ids.virtualOpenID(app.ID)
	}
	return g
}

func lifeOf(kind string) time.Duration {
	if kind == KindWebsite {
		return qrCodeLife
	}
	return codeLife
}

func (o *oauth) issue(g grant, life time.Duration) string {
	code := o.ids.loginCode()
	o.mu.Lock()
	defer o.mu.Unlock()
	o.codes[code] = &oauthCode{grant: g, expires: o.clock.now().Add(life)}
	return code
}

func (o *oauth) reset() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.codes, o.access, o.refresh = map[string]*oauthCode{}, map[string]*oauthToken{}, map[string]*oauthToken{}
}
