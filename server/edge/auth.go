package edge

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"wxhub/model"
)

// Scope limits what an API key may do.
type Scope string

// The scopes of the contract.
const (
	ScopeOrders Scope = "orders"
	ScopeUsers  Scope = "users"
	ScopeTokens Scope = "tokens"
	// ScopeTransfers pays money out.
	ScopeTransfers Scope = "transfers"
	// ScopeMerchants makes sub merchants, and says where their money goes.
	ScopeMerchants Scope = "merchants"
)

// Key is a business backend's API key.
type Key struct {
	Name   string
	Secret model.Secret
	Scopes []Scope
}

// Sessions recognises session tokens. identity.Service is one. Errors:
// session_invalid, unavailable.
type Sessions interface {
	Authenticate(ctx context.Context, token string) (model.Session, error)
}

// Caller is who a request comes from: a user with a session, or a backend with a key.
type Caller struct {
	Session model.Session // set for a user
	Token   string        // the session token, for logout
	KeyName string        // set for a backend
}

// IsUser reports whether the caller is a user.
func (c Caller) IsUser() bool { return c.KeyName == "" }

// Auth recognises callers.
type Auth struct {
	sessions Sessions
	keys     []hashedKey
	origin   string
}

type hashedKey struct {
	Key
	sum [sha256.Size]byte
}

// NewAuth makes an Auth. publicURL is where browsers see wxhub.
func NewAuth(sessions Sessions, keys []Key, publicURL string) *Auth {
	a := &Auth{sessions: sessions, origin: OriginOf(publicURL)}
	for _, k := range keys {
		a.keys = append(a.keys, hashedKey{k, sha256.Sum256([]byte(k.Secret.Reveal()))})
	}
	return a
}

const (
	schemeSession = "session"
	schemeKey     = "api_key"
)

// User, Backend and UserOrBackend are the security requirements of operations.
func User() []map[string][]string { return []map[string][]string{{schemeSession: {}}} }

// Backend requires an API key with a scope.
func Backend(s Scope) []map[string][]string { return []map[string][]string{{schemeKey: {string(s)}}} }

// UserOrBackend takes either.
func UserOrBackend(s Scope) []map[string][]string { return append(User(), Backend(s)...) }

type callerKey struct{}

// CallerOf returns the caller of an operation that declares a security requirement.
func CallerOf(ctx context.Context) Caller {
	c, _ := ctx.Value(callerKey{}).(Caller)
	return c
}

// require enforces what an operation declares, before anything of the request is read.
func (a *Auth) require(api huma.API) func(huma.Context, func(huma.Context)) {
	return func(c huma.Context, next func(huma.Context)) {
		if len(c.Operation().Security) == 0 {
			next(c)
			return
		}
		caller, err := a.caller(c.Context(), authorization(c), c.Operation().Security)
		if err == nil {
			err = a.sameOrigin(c)
		}
		if err != nil {
			refuse(api, c, err)
			return
		}
		if r, ok := c.Context().Value(requestKey{}).(*request); ok {
			r.caller = "user"
			if !caller.IsUser() {
				r.caller = "key:" + caller.KeyName
			}
		}
		next(huma.WithValue(c, callerKey{}, caller))
	}
}

func (a *Auth) caller(ctx context.Context, header string, allowed []map[string][]string) (Caller, error) {
	scheme, token, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return Caller{}, errUnauthenticated
	}
	if key, ok := a.key(token); ok {
		return Caller{KeyName: key.Name}, permit(key, allowed)
	}
	session, err := a.sessions.Authenticate(ctx, token)
	if err != nil {
		return Caller{}, err
	}
	for _, way := range allowed {
		if _, ok := way[schemeSession]; ok {
			return Caller{Session: session, Token: token}, nil
		}
	}
	return Caller{}, model.NewError(model.KindForbidden, "api_key_required", "this call is for business backends: use an API key")
}

// key looks at every key, so that the time taken tells nothing.
func (a *Auth) key(token string) (found hashedKey, ok bool) {
	sum := sha256.Sum256([]byte(token))
	for _, k := range a.keys {
		if subtle.ConstantTimeCompare(sum[:], k.sum[:]) == 1 {
			found, ok = k, true
		}
	}
	return found, ok
}

func permit(k hashedKey, allowed []map[string][]string) error {
	for _, way := range allowed {
		if scopes, ok := way[schemeKey]; ok {
			if slices.Contains(k.Scopes, Scope(scopes[0])) {
				return nil
			}
			return model.NewError(model.KindForbidden, "scope_missing", "this API key lacks the scope %q", scopes[0])
		}
	}
	return model.NewError(model.KindForbidden, "session_required", "this call is for users: use a session token")
}

// Backend recognises a business backend outside of huma: it returns the name of the
// API key in an Authorization header. Errors: unauthenticated, scope_missing.
func (a *Auth) Backend(ctx context.Context, header string, s Scope) (string, error) {
	c, err := a.caller(ctx, header, Backend(s))
	return c.KeyName, err
}

// HasKey reports whether there is a key of this name with the scope.
func (a *Auth) HasKey(name string, s Scope) bool {
	return slices.ContainsFunc(a.keys, func(k hashedKey) bool { return k.Name == name && slices.Contains(k.Scopes, s) })
}
