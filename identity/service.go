package identity

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"time"

	"wxhub/model"
	"wxhub/wx"
)

// MiniPrograms speaks to WeChat for mini-programs. wx/mini.Client is one; the errors
// are those listed there.
type MiniPrograms interface {
	Code2Session(ctx context.Context, appID, code string) (wx.MiniSession, error)
	PhoneNumber(ctx context.Context, appID, code, openID string) (wx.Phone, error)
	CheckSession(ctx context.Context, appID, openID string, key model.Secret) (bool, error)
	ResetSessionKey(ctx context.Context, appID, openID string, key model.Secret) (model.Secret, error)
	Decrypt(key model.Secret, appID, encryptedData, iv string) (json.RawMessage, error)
	SignedBy(key model.Secret, rawData, signature string) bool
}

// Sites redeems OAuth codes of official accounts, websites and mobile apps.
// wx/oauth.Client is one; the errors are those listed there.
type Sites interface {
	// LoginURL is where a browser goes to log in; it does not call WeChat.
	LoginURL(appID, redirectURI, scope, state string) string
	Redeem(ctx context.Context, appID, code string) (wx.Grant, error)
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
	Redemptions  Redemptions
	States       States
	MiniPrograms MiniPrograms
	Sites        Sites
	Apps         []App
	SessionTTL   time.Duration
	Now          func() time.Time
	IDs          model.IDs
	Entropy      io.Reader // crypto/rand in production; session tokens are made of it
	Log          *slog.Logger
	OnEvent      func() // nil, or told when there is an event to deliver
}

// Service is the identity side of wxhub, safe for concurrent use by many processes.
type Service struct {
	Options
	apps map[string]App
}

// New makes a service.
func New(o Options) *Service {
	if o.OnEvent == nil {
		o.OnEvent = func() {}
	}
	s := &Service{Options: o, apps: map[string]App{}}
	for _, a := range o.Apps {
		s.apps[a.ID] = a
	}
	return s
}

// app returns a configured app of one kind, or invalid_input.
func (s *Service) app(id string, kind model.AppKind, what string) (App, error) {
	app, ok := s.apps[id]
	if !ok || app.Kind != kind {
		return App{}, model.InvalidField("app_id", "is not %s configured here", what)
	}
	return app, nil
}

// event makes an event about one user.
func (s *Service) event(kind model.EventType, subject string, about any) (model.Event, error) {
	data, err := json.Marshal(about)
	if err != nil {
		return model.Event{}, err
	}
	id, err := s.IDs.New()
	return model.Event{ID: "evt_" + id, Type: kind, Subject: subject, Data: data, CreatedAt: s.now()}, err
}

func (s *Service) now() time.Time { return model.Instant(s.Now()) }
