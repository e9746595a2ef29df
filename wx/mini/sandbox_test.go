package mini_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"testing"

	"wxhub/model"
	"wxhub/wx"
	"wxhub/wx/mini"
	"wxhub/wx/sandbox"
	"wxhub/wx/token"
	"wxhub/wx/transport"
)

// tokens are fetched once and when they went bad, without sharing them.
type tokens struct {
	platform token.Platform
	app      token.App
	value    model.Secret
}

func (s *tokens) Token(ctx context.Context, _ string, kind model.TokenKind) (model.Token, error) {
	if s.value != "" {
		return model.Token{Value: s.value}, nil
	}
	return s.Replace(ctx, "", kind, "")
}

func (s *tokens) Replace(ctx context.Context, _ string, kind model.TokenKind, bad model.Secret) (model.Token, error) {
	value, _, err := s.platform.Fetch(ctx, s.app, kind, "", bad != "")
	s.value = value
	return model.Token{Value: value}, err
}

// The other side of the wire judges the signatures, and takes a token away.
func TestSessionKeysAtTheSandbox(t *testing.T) {
	platform, err := sandbox.New(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(platform.Handler())
	t.Cleanup(func() {
		server.Close()
		_ = platform.Close()
	})
	client, err := transport.NewClient(transport.Hosts{"api.weixin.qq.com": server.URL})
	if err != nil {
		t.Fatal(err)
	}
	app := platform.Credentials().Apps[0]
	secret := model.Secret(app.Secret)
	source := &tokens{platform: token.Platform{Client: client}, app: token.App{ID: app.ID, Secret: secret}}
	m := mini.New(client, map[string]model.Secret{app.ID: secret}, source)

	person, err := platform.CreateUser("person")
	if err != nil {
		t.Fatal(err)
	}
	code, err := platform.LoginCode(app.ID, person.ID)
	if err != nil {
		t.Fatal(err)
	}
	session, err := m.Code2Session(t.Context(), app.ID, code)
	if err != nil {
		t.Fatal(err)
	}
	check := func(key model.Secret, want bool) {
		t.Helper()
		if good, err := m.CheckSession(t.Context(), app.ID, session.OpenID, key); err != nil || good != want {
			t.Fatalf("got %v, %v", good, err)
		}
	}
	check(session.SessionKey, true)
	if err := platform.RevokeTokens(app.ID, false); err != nil {
		t.Fatal(err)
	}
	fresh, err := m.ResetSessionKey(t.Context(), app.ID, session.OpenID, session.SessionKey)
	if err != nil {
		t.Fatal(err)
	}
	check(session.SessionKey, false)
	check(fresh, true)
	if _, err := m.ResetSessionKey(t.Context(), app.ID, session.OpenID, session.SessionKey); !errors.Is(err, wx.ErrSessionKeyStale) {
		t.Errorf("got %v", err)
	}
	if _, err := m.CheckSession(t.Context(), app.ID, "oNobody", fresh); !errors.Is(err, wx.ErrOpenIDUnknown) {
		t.Errorf("got %v", err)
	}
	if _, err := m.Code2Session(t.Context(), app.ID, code); !errors.Is(err, wx.ErrCodeUsed) {
		t.Errorf("got %v", err)
	}
}
