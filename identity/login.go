package identity

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"wxhub/model"
	"wxhub/wx"
)

// sessionKeyTTL is how long a session_key is kept. WeChat does not say how long one
// lives; a stale one is found out when it is used.
const sessionKeyTTL = 30 * 24 * time.Hour

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
	app, ok := s.apps[appID]
	if !ok || app.Kind != model.MiniProgram {
		return Login{}, model.InvalidField("app_id", "is not a mini-program configured here")
	}
	answer, err := s.MiniPrograms.Code2Session(ctx, appID, code)
	if err != nil {
		return Login{}, err
	}
	person, created, err := s.recognise(ctx, app, answer)
	if err != nil {
		return Login{}, err
	}
	if err := s.Sessions.SaveSessionKey(ctx, appID, answer.OpenID, answer.SessionKey, sessionKeyTTL); err != nil {
		return Login{}, err
	}
	token, err := s.openSession(ctx, person.User.ID, appID, answer.OpenID)
	return Login{Token: token, ExpiresIn: s.SessionTTL, NewUser: created, Person: person}, err
}

// recognise finds or makes the user behind an openid that WeChat vouches for.
func (s *Service) recognise(ctx context.Context, app App, answer wx.MiniSession) (Person, bool, error) {
	identity, err := s.Store.Identity(ctx, app.ID, answer.OpenID)
	if errors.Is(err, model.ErrNotFound) {
		identity, err = s.claim(ctx, app, answer)
	}
	if err != nil {
		return Person{}, false, err
	}
	if identity, err = s.learnUnionID(ctx, identity, answer.UnionID); err != nil {
		return Person{}, false, err
	}
	created, err := s.ensureUser(ctx, identity)
	if err != nil {
		return Person{}, false, err
	}
	p, err := s.Person(ctx, identity.UserID)
	return p, created, err
}

// claim takes the identity for a new user. When another login of the same person
// was faster, theirs is returned.
func (s *Service) claim(ctx context.Context, app App, answer wx.MiniSession) (model.Identity, error) {
	userID, err := s.IDs.New()
	if err != nil {
		return model.Identity{}, err
	}
	stored, _, err := s.Store.ClaimIdentity(ctx, model.Identity{
		AppID: app.ID, OpenID: answer.OpenID, UserID: userID, Kind: app.Kind,
		OpenPlatform: app.OpenPlatform, UnionID: answer.UnionID, CreatedAt: s.now(),
	})
	return stored, err
}

// learnUnionID records a UnionID that arrived later than its identity. It returns
// the identity as it then stands.
func (s *Service) learnUnionID(ctx context.Context, i model.Identity, unionID string) (model.Identity, error) {
	if unionID == "" || i.UnionID == unionID {
		return i, nil
	}
	stored, err := s.Store.SetUnionID(ctx, i.AppID, i.OpenID, unionID)
	if err == nil && stored.UnionID != unionID {
		s.Log.WarnContext(ctx, "an openid reports another unionid than before; the first one is kept",
			"user_id", i.UserID, "app_id", i.AppID)
	}
	return stored, err
}

// ensureUser makes the user record of an identity unless it is there, with the
// event that tells of it. It reports whether this call made it.
func (s *Service) ensureUser(ctx context.Context, i model.Identity) (bool, error) {
	_, err := s.Store.User(ctx, i.UserID)
	if !errors.Is(err, model.ErrNotFound) {
		return false, err
	}
	u := model.User{ID: i.UserID, CreatedAt: i.CreatedAt}
	id, err := s.IDs.New()
	if err != nil {
		return false, err
	}
	data, err := json.Marshal(View(Person{User: u, Identities: []model.Identity{i}}))
	if err != nil {
		return false, err
	}
	u.Outbox = []model.Event{{
		ID: "evt_" + id, Type: model.EventUserCreated, Subject: u.ID, Data: data, CreatedAt: s.now(),
	}}
	return s.Store.InsertUser(ctx, u)
}
