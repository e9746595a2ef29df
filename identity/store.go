package identity

import (
	"context"
	"time"

	"wxhub/model"
)

// Store keeps users, identities, UnionIDs and conflicts. It is the truth: every rule
// of uniqueness is the primary key of one record and every change is conditional on
// the version that was read, so no call needs a multi-document transaction. Every
// method may also return model.ErrUnavailable.
type Store interface {
	Identities
	Users
	Unions
	Conflicts
}

// Identities keeps (app, openid) pairs.
type Identities interface {
	// ClaimIdentity inserts the identity with Version 1 unless (AppID, OpenID) is taken.
	// It returns the record that stands, and whether this call made it.
	ClaimIdentity(ctx context.Context, i model.Identity) (stored model.Identity, created bool, err error)
	// Identity returns one identity, or model.ErrNotFound.
	Identity(ctx context.Context, k model.IdentityKey) (model.Identity, error)
	// ReplaceIdentity stores i as Version i.Version+1 when the stored version and user are
	// still those of i; else model.ErrStale, or model.ErrNotFound when there is none. A key
	// that was deleted and taken again begins at Version 1; its user tells the two apart.
	ReplaceIdentity(ctx context.Context, i model.Identity) error
	// DeleteIdentity removes the record when the stored version and user are still those
	// of i; else model.ErrStale. When there is none, that is no error.
	DeleteIdentity(ctx context.Context, i model.Identity) error
	// IdentitiesOf returns the identities of these users, oldest first (ties by AppID,
	// OpenID); none is no error.
	IdentitiesOf(ctx context.Context, userIDs ...string) ([]model.Identity, error)
	// IdentitiesIn returns identities of one app with an OpenID after the given one, in
	// the order of OpenID.
	IdentitiesIn(ctx context.Context, appID, afterOpenID string, limit int) ([]model.Identity, error)
	// LinkingIdentities returns identities with Linking set, oldest first.
	LinkingIdentities(ctx context.Context, limit int) ([]model.Identity, error)
}

// Users keeps users. They are never deleted.
type Users interface {
	// InsertUser inserts the user (Version 1) unless the id is taken; false when it was.
	InsertUser(ctx context.Context, u model.User) (created bool, err error)
	// User returns one user, or model.ErrNotFound.
	User(ctx context.Context, id string) (model.User, error)
	// ReplaceUser stores u as Version u.Version+1 when the stored version is still
	// u.Version; else model.ErrStale, or model.ErrNotFound.
	ReplaceUser(ctx context.Context, u model.User) error
	// MergedInto returns the users whose MergedInto is one of ids, in the order of ID.
	MergedInto(ctx context.Context, ids ...string) ([]model.User, error)
	// ListUsers returns users of their own (MergedInto is empty), newest id first, with
	// an id before beforeID unless that is empty.
	ListUsers(ctx context.Context, beforeID string, limit int) ([]model.User, error)
	// UnsettledUsers returns users with Unsettled set.
	UnsettledUsers(ctx context.Context, limit int) ([]model.User, error)
}

// Unions keeps who holds a UnionID.
type Unions interface {
	// ClaimUnion inserts the record with Version 1 unless its key is taken. It returns
	// the record that stands, and whether this call made it.
	ClaimUnion(ctx context.Context, u model.Union) (stored model.Union, created bool, err error)
	// Union returns one record, or model.ErrNotFound.
	Union(ctx context.Context, k model.UnionKey) (model.Union, error)
	// ReplaceUnion stores u as Version u.Version+1 when the stored version is still
	// u.Version; else model.ErrStale, or model.ErrNotFound.
	ReplaceUnion(ctx context.Context, u model.Union) error
	// UnionsOf returns the records that name one of these users.
	UnionsOf(ctx context.Context, userIDs ...string) ([]model.Union, error)
	// DeleteUnion removes the record when the stored version and user are still those of
	// u; else model.ErrStale. When there is none, that is no error.
	DeleteUnion(ctx context.Context, u model.Union) error
}

// Conflicts keeps what an operator must decide.
type Conflicts interface {
	// AddConflict stores c with Version 1 unless its ID is taken; false when it was.
	AddConflict(ctx context.Context, c model.Conflict) (created bool, err error)
	// Conflict returns one, or model.ErrNotFound.
	Conflict(ctx context.Context, id string) (model.Conflict, error)
	// ReplaceConflict stores c as Version c.Version+1 when the stored version is still
	// c.Version; else model.ErrStale, or model.ErrNotFound.
	ReplaceConflict(ctx context.Context, c model.Conflict) error
	// ListConflicts returns conflicts of one status, in the order of ID, after afterID.
	ListConflicts(ctx context.Context, s model.ConflictStatus, afterID string, limit int) ([]model.Conflict, error)
	// DeleteConflicts removes all conflicts of one identity.
	DeleteConflicts(ctx context.Context, k model.IdentityKey) error
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
	// DeleteSessionKey forgets it; forgetting twice is no error.
	DeleteSessionKey(ctx context.Context, appID, openID string) error
}
