package identity

import (
	"context"
	"errors"
	"time"

	"wxhub/model"
)

// sessionKeyTTL is how long a session_key is kept. WeChat does not say how long one
// lives; a stale one is found out when it is used.
const sessionKeyTTL = 30 * 24 * time.Hour

// ErrSnapshot: WeChat shows the page to a virtual user.
var ErrSnapshot = model.NewError(model.KindForbidden, "snapshot_user", "WeChat shows this page in snapshot mode, where nobody can log in; tap 使用完整服务 (use the full service) and try again")

// Login is a fresh session. Token is shown once and not stored.
type Login struct {
	Token     string
	ExpiresIn time.Duration
	NewUser   bool
	Person    Person
}

// LoginMiniProgram redeems the code of wx.login and logs its owner in.
//
// Errors: those of wx/mini.Client.Code2Session; unavailable when the store or
// Redis is away. A code that WeChat accepted is spent even when an error follows.
func (s *Service) LoginMiniProgram(ctx context.Context, appID, code string) (Login, error) {
	app, err := s.app(appID, model.MiniProgram, "a mini-program")
	if err != nil {
		return Login{}, err
	}
	r, err := s.redeem(ctx, appID, code, func(ctx context.Context) (redemption, error) {
		answer, err := s.MiniPrograms.Code2Session(ctx, appID, code)
		if err != nil {
			return redemption{}, err
		}
		err = s.Sessions.SaveSessionKey(ctx, appID, answer.OpenID, answer.SessionKey, sessionKeyTTL)
		return redemption{OpenID: answer.OpenID, UnionID: answer.UnionID}, err
	})
	if err != nil {
		return Login{}, err
	}
	return s.logIn(ctx, app, r)
}

// LoginMobileApp redeems the code that WeChat gave a mobile app, and logs its owner in.
//
// Errors: those of wx/oauth.Client.Redeem; unavailable.
func (s *Service) LoginMobileApp(ctx context.Context, appID, code string) (Login, error) {
	app, err := s.app(appID, model.MobileApp, "a mobile app")
	if err != nil {
		return Login{}, err
	}
	return s.loginByGrant(ctx, app, code)
}

// loginByGrant redeems an OAuth code and logs its owner in.
func (s *Service) loginByGrant(ctx context.Context, app App, code string) (Login, error) {
	r, err := s.redeem(ctx, app.ID, code, func(ctx context.Context) (redemption, error) {
		g, err := s.Sites.Redeem(ctx, app.ID, code)
		return redemption{OpenID: g.OpenID, UnionID: g.UnionID, Snapshot: g.Snapshot}, err
	})
	if err != nil {
		return Login{}, err
	}
	return s.logIn(ctx, app, r)
}

// logIn opens a session for whom WeChat vouches for.
func (s *Service) logIn(ctx context.Context, app App, r redemption) (Login, error) {
	if r.Snapshot {
		return Login{}, ErrSnapshot
	}
	person, created, err := s.recognise(ctx, app, r.OpenID, r.UnionID)
	if err != nil {
		return Login{}, err
	}
	token, err := s.openSession(ctx, person.User.ID, app.ID, r.OpenID)
	return Login{Token: token, ExpiresIn: s.SessionTTL, NewUser: created, Person: person}, err
}

// recognise finds or makes the user behind an openid. It reports whether this call made them.
func (s *Service) recognise(ctx context.Context, app App, openID, unionID string) (Person, bool, error) {
	for {
		i, err := s.arrive(ctx, app, openID, unionID)
		if err != nil {
			return Person{}, false, err
		}
		r, created, err := s.announce(ctx, i.UserID)
		if err != nil {
			return Person{}, false, err
		}
		if r.erased() { // just now; they begin anew
			continue
		}
		p, err := s.person(ctx, r.User)
		return p, created, err
	}
}

// Meet records what WeChat tells about an openid outside of a login (it follows, it
// paid), so that the person is known when they come. Nobody is made a user by it.
//
// Errors: invalid_input when the app is not configured; unavailable.
func (s *Service) Meet(ctx context.Context, k model.IdentityKey, unionID string) error {
	app, ok := s.apps[k.AppID]
	if !ok {
		return model.InvalidField("app_id", "is not configured here")
	}
	_, err := s.arrive(ctx, app, k.OpenID, unionID)
	return err
}

// Find returns the user of an openid. Errors: user_not_found.
func (s *Service) Find(ctx context.Context, k model.IdentityKey) (Person, error) {
	i, err := s.Store.Identity(ctx, k)
	if errors.Is(err, model.ErrNotFound) {
		return Person{}, errNoUser
	}
	if err != nil {
		return Person{}, err
	}
	return s.Person(ctx, i.UserID)
}

// OpenIDs returns openids that are known in an app, in order, after the given one.
func (s *Service) OpenIDs(ctx context.Context, appID, after string, limit int) ([]string, error) {
	list, err := s.Store.IdentitiesIn(ctx, appID, after, limit)
	var openIDs []string
	for _, i := range list {
		openIDs = append(openIDs, i.OpenID)
	}
	return openIDs, err
}

// UnionIDKnown reports whether an openid has its UnionID on record.
func (s *Service) UnionIDKnown(ctx context.Context, k model.IdentityKey) (bool, error) {
	i, err := s.Store.Identity(ctx, k)
	if errors.Is(err, model.ErrNotFound) {
		return false, nil
	}
	return i.UnionID != "", err
}
