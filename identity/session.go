package identity

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"strings"

	"wxhub/model"
)

// TokenPrefix marks a session token, so that one found in the wrong place is known for what it is.
const TokenPrefix = "wxs_"

const tokenBytes = 32

// ErrNoSession: the token speaks for nobody; a new login mends it.
var ErrNoSession = model.NewError(model.KindUnauthenticated, "session_invalid", "the session is unknown or has expired; log in again")

func (s *Service) openSession(ctx context.Context, userID, appID, openID string) (string, error) {
	raw := make([]byte, tokenBytes)
	if _, err := io.ReadFull(s.Entropy, raw); err != nil {
		return "", err
	}
	token := TokenPrefix + base64.RawURLEncoding.EncodeToString(raw)
	session := model.Session{
		UserID: userID, AppID: appID, OpenID: openID, ExpiresAt: s.now().Add(s.SessionTTL),
	}
	return token, s.Sessions.SaveSession(ctx, tokenHash(token), session, s.SessionTTL)
}

// Authenticate returns the session that a token speaks for. Its UserID is the survivor
// when the user was merged since; an erased user has no session.
//
// Errors: session_invalid, unavailable.
func (s *Service) Authenticate(ctx context.Context, token string) (model.Session, error) {
	if !strings.HasPrefix(token, TokenPrefix) || len(token) > 128 {
		return model.Session{}, ErrNoSession
	}
	session, err := s.Sessions.Session(ctx, tokenHash(token))
	if errors.Is(err, model.ErrNotFound) {
		return session, ErrNoSession
	}
	if err != nil {
		return session, err
	}
	if !s.now().Before(session.ExpiresAt) {
		return model.Session{}, ErrNoSession
	}
	r, err := s.known(ctx, session.UserID)
	if errors.Is(err, errNoUser) || r.erased() { // the store was replaced, Redis was not
		return model.Session{}, ErrNoSession
	}
	session.UserID = r.ID
	return session, err
}

// Logout ends a session everywhere. Ending it twice is no error.
func (s *Service) Logout(ctx context.Context, token string) error {
	return s.Sessions.DeleteSession(ctx, tokenHash(token))
}

// tokenHash is what is stored of a token: a leaked Redis dump logs nobody in. A
// plain hash is enough, because the token itself has 256 bits.
func tokenHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
