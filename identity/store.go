package identity

import (
	"context"
	"time"

	"wxhub/model"
)

// Store keeps users and identities. It is the truth: every rule of uniqueness is
// the primary key of one record, no call needs a multi-document transaction.
// Every method may also return model.ErrUnavailable.
type Store interface {
	// ClaimIdentity inserts the identity unless (AppID, OpenID) is taken. It returns
	// the record that stands, and whether this call made it.
	ClaimIdentity(ctx context.Context, i model.Identity) (stored model.Identity, created bool, err error)
	// Identity returns one identity, or model.ErrNotFound.
	Identity(ctx context.Context, appID, openID string) (model.Identity, error)
	// SetUnionID records a UnionID on an identity that has none. It returns the
	// record that stands: a stored UnionID is never overwritten. model.ErrNotFound.
	SetUnionID(ctx context.Context, appID, openID, unionID string) (model.Identity, error)
	// IdentitiesOf returns the identities of one user, oldest first (ties by AppID, OpenID); none is no error.
	IdentitiesOf(ctx context.Context, userID string) ([]model.Identity, error)
	// InsertUser inserts the user (Version 1) unless the id is taken; false when it was.
	InsertUser(ctx context.Context, u model.User) (created bool, err error)
	// User returns one user, or model.ErrNotFound.
	User(ctx context.Context, id string) (model.User, error)
}

// Sessions keeps session tokens (as hashes) and WeChat session keys in Redis.
// Losing them costs a new login and nothing else.
type Sessions interface {
	// SaveSession stores a session under the hash of its token for ttl.
	SaveSession(ctx context.Context, tokenHash string, s model.Session, ttl time.Duration) error
	// Session returns the session of a token hash, or model.ErrNotFound.
	Session(ctx context.Context, tokenHash string) (model.Session, error)
	// DeleteSession forgets it; forgetting twice is no error.
	DeleteSession(ctx context.Context, tokenHash string) error
	// SaveSessionKey keeps WeChat's session_key of one person in one app for ttl.
	SaveSessionKey(ctx context.Context, appID, openID string, key model.Secret, ttl time.Duration) error
	// SessionKey returns it, or model.ErrNotFound.
	SessionKey(ctx context.Context, appID, openID string) (model.Secret, error)
}
