package identity

import (
	"context"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"io"
	"time"

	"wxhub/model"
)

// StateTTL is how long a login in a browser may take.
const StateTTL = 10 * time.Minute

// States keeps the logins that wait for WeChat to send a browser back. redisstore.Store
// is one. Every method may also return model.ErrUnavailable.
type States interface {
	// SaveState stores a login under the hash of its state parameter for ttl.
	SaveState(ctx context.Context, hash string, s model.LoginState, ttl time.Duration) error
	// State returns the login, or model.ErrNotFound.
	State(ctx context.Context, hash string) (model.LoginState, error)
	// UseState marks it used for ttl, and reports whether the first to do so named the
	// same reason.
	UseState(ctx context.Context, hash, reason string, ttl time.Duration) (bool, error)
}

var (
	// ErrState: the state parameter is not one of ours, or not of this browser, or used.
	ErrState = model.NewError(model.KindMalformed, "state_invalid", "this login was not begun in this browser, is finished already, or took more than 10 minutes; begin again")
	// ErrDenied: the person did not agree.
	ErrDenied = model.NewError(model.KindForbidden, "login_denied", "the login was cancelled in WeChat")
)

// The scopes that a browser login can ask for (PROTOCOL §6.3).
const (
	ScopeBase     = "snsapi_base"     // silent: the openid only
	ScopeUserInfo = "snsapi_userinfo" // the person agrees; the UnionID comes along
	ScopeLogin    = "snsapi_login"    // of websites
)

// BrowserLogin is a login that begins in a browser.
type BrowserLogin struct {
	AppID    string
	Kind     model.AppKind // OfficialAccount or Website
	Scope    string        // of an official account; "" is ScopeBase
	ReturnTo string        // path on our own origin, checked by the caller
	Browser  string        // what the browser's cookie says; only the same browser can finish
}

// StartLogin returns the URL of WeChat's that the browser must go to. redirectURI is
// where WeChat sends it back.
//
// Errors: invalid_input, unavailable.
func (s *Service) StartLogin(ctx context.Context, b BrowserLogin, redirectURI string) (string, error) {
	what := "an official account"
	if b.Kind == model.Website {
		what, b.Scope = "a website", ScopeLogin
	} else if b.Scope == "" {
		b.Scope = ScopeBase
	}
	if _, err := s.app(b.AppID, b.Kind, what); err != nil {
		return "", err
	}
	raw := make([]byte, tokenBytes)
	if _, err := io.ReadFull(s.Entropy, raw); err != nil {
		return "", err
	}
	state := hex.EncodeToString(raw)
	err := s.States.SaveState(ctx, tokenHash(state), model.LoginState{
		AppID: b.AppID, Browser: tokenHash(b.Browser), ReturnTo: b.ReturnTo, Scope: b.Scope,
	}, StateTTL)
	if err != nil {
		return "", err
	}
	return s.Sites.LoginURL(b.AppID, redirectURI, b.Scope, state), nil
}

// FinishLogin logs in whom WeChat sent back, and returns where their browser wanted to
// go, which it also does when the login failed at WeChat. WeChat is known to send a browser back twice at once: both attempts share one
// redemption. Later ones, and other codes, are refused.
//
// Errors: state_invalid, login_denied, login_code_used, snapshot_user; those of
// wx/oauth.Client.Redeem; unavailable.
func (s *Service) FinishLogin(ctx context.Context, kind model.AppKind, state, browser, code string) (Login, string, error) {
	if len(state) != 2*tokenBytes || browser == "" {
		return Login{}, "", ErrState
	}
	waiting, err := s.States.State(ctx, tokenHash(state))
	if errors.Is(err, model.ErrNotFound) {
		return Login{}, "", ErrState
	}
	if err != nil {
		return Login{}, "", err
	}
	app := s.apps[waiting.AppID]
	if app.Kind != kind || subtle.ConstantTimeCompare([]byte(waiting.Browser), []byte(tokenHash(browser))) != 1 {
		return Login{}, "", ErrState // nobody else's browser can use the state up either
	}
	once, err := s.States.UseState(ctx, tokenHash(state), tokenHash(code), 2*StateTTL)
	if err != nil {
		return Login{}, "", err
	}
	if !once {
		return Login{}, "", ErrState
	}
	if code == "" {
		return Login{}, waiting.ReturnTo, ErrDenied
	}
	l, err := s.loginByGrant(ctx, app, code)
	return l, waiting.ReturnTo, err
}
