package identity

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	"wxhub/model"
	"wxhub/wx"
)

// MiniPrograms redeems login codes at WeChat. wx/mini.Client is one; the errors
// are those listed there.
type MiniPrograms interface {
	Code2Session(ctx context.Context, appID, code string) (wx.MiniSession, error)
}

// App is one configured app.
type App struct {
	ID           string
	Kind         model.AppKind
	OpenPlatform string // the open-platform account that the app is bound to; "" when none
}

// Options are what a Service is made of.
type Options struct {
	Store        Store
	Sessions     Sessions
	MiniPrograms MiniPrograms
	Apps         []App
	SessionTTL   time.Duration
	Now          func() time.Time
	IDs          model.IDs
	Entropy      io.Reader // crypto/rand in production; session tokens are made of it
	Log          *slog.Logger
}

// Service is the identity side of wxhub, safe for concurrent use by many processes.
type Service struct {
	Options
	apps map[string]App
}

// New makes a service.
func New(o Options) *Service {
	s := &Service{Options: o, apps: map[string]App{}}
	for _, a := range o.Apps {
		s.apps[a.ID] = a
	}
	return s
}

// Person is a user with their identities, oldest first.
type Person struct {
	User       model.User
	Identities []model.Identity
}

var (
	errNoUser   = model.NewError(model.KindNotFound, "user_not_found", "there is no such user")
	errNoOpenID = model.NewError(model.KindInvalid, "payer_has_no_openid", "the user never logged in through this app, so WeChat Pay cannot charge them in it")
)

// Person returns one user. Errors: user_not_found.
func (s *Service) Person(ctx context.Context, userID string) (Person, error) {
	if err := s.CheckUser(ctx, userID); err != nil {
		return Person{}, err
	}
	u, err := s.Store.User(ctx, userID)
	if err != nil {
		return Person{}, err
	}
	ids, err := s.Store.IdentitiesOf(ctx, userID)
	return Person{User: u, Identities: ids}, err
}

// CheckUser returns user_not_found when there is no such user.
func (s *Service) CheckUser(ctx context.Context, userID string) error {
	if !model.ValidID(userID) {
		return errNoUser
	}
	_, err := s.Store.User(ctx, userID)
	if errors.Is(err, model.ErrNotFound) {
		return errNoUser
	}
	return err
}

// OpenID returns the openid of a user in an app.
//
// Errors: payer_has_no_openid.
func (s *Service) OpenID(ctx context.Context, userID, appID string) (string, error) {
	ids, err := s.Store.IdentitiesOf(ctx, userID)
	if err != nil {
		return "", err
	}
	for _, i := range ids {
		if i.AppID == appID {
			return i.OpenID, nil
		}
	}
	return "", errNoOpenID
}

func (s *Service) now() time.Time { return model.Instant(s.Now()) }
