package token

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"wxhub/model"
	"wxhub/wx"
)

// Shelf is where processes share tokens. redisstore.Store is one. Every method may
// return model.ErrUnavailable.
type Shelf interface {
	// Token returns the stored token, or model.ErrNotFound.
	Token(ctx context.Context, k model.TokenKey) (model.Token, error)
	// SaveToken stores t until it expires and tells the other processes, unless one
	// with a higher Fence is stored: then model.ErrStale.
	SaveToken(ctx context.Context, k model.TokenKey, t model.Token) error
	// TokenFault returns the refusal that holds at present, or model.ErrNotFound.
	TokenFault(ctx context.Context, k model.TokenKey) (model.TokenFault, error)
	// SaveTokenFault stores a refusal until it is over.
	SaveTokenFault(ctx context.Context, k model.TokenKey, f model.TokenFault) error
	// LockToken takes the refresh lock for at most lease, or returns model.ErrExists
	// when it is held. fence is larger than that of every holder before; release
	// gives the lock back if it is still ours.
	LockToken(ctx context.Context, k model.TokenKey, lease time.Duration) (fence int64, release func(context.Context), err error)
	// CountForced counts one forced refresh of the day and returns the count.
	CountForced(ctx context.Context, k model.TokenKey, day string) (int64, error)
	// RememberHolder notes for ttl that a token, known by its hash, was handed to holder.
	RememberHolder(ctx context.Context, appID, tokenHash, holder string, ttl time.Duration) error
	// Holders returns to whom it was handed; to nobody is no error.
	Holders(ctx context.Context, appID, tokenHash string) ([]string, error)
	// TokenChanges sends the key of every token that is stored, by any process, until
	// ctx ends. The zero key means that some may have been missed.
	TokenChanges(ctx context.Context) <-chan model.TokenKey
}

// Source asks WeChat. Platform is one. Errors: wx.ErrTokenRefused (terminal),
// wx.ErrRateLimited, wx.ErrBusy, wx.ErrTimeout.
type Source interface {
	// Fetch returns a token and how long it lives. accessToken is needed for tickets;
	// force makes WeChat replace the present access token at once.
	Fetch(ctx context.Context, a App, kind model.TokenKind, accessToken model.Secret, force bool) (model.Secret, time.Duration, error)
}

// App is an app whose tokens are kept.
type App struct {
	ID     string
	Secret model.Secret
	// Classic takes access tokens from /cgi-bin/token, where every fetch replaces the
	// token of everybody else. Only for apps that cannot use stable_token.
	Classic bool
}

// Options are what a Keeper is made of.
type Options struct {
	Apps    []App
	Shelf   Shelf
	Source  Source
	Now     func() time.Time
	Log     *slog.Logger
	Metrics Metrics // nil: none
}

const (
	// lease is how long the holder of the refresh lock has; a call takes at most
	// transport.Timeout. What the holder asks of WeChat ends a little before it, so that
	// it never asks beside its successor.
	lease, leaseMargin = 8 * time.Second, time.Second
	// reread is how often a waiter looks whether the holder is done.
	reread = 25 * time.Millisecond
	// ahead is how long before its end a token is renewed: WeChat gives a new stable
	// token in the last five minutes, and keeps the old one good until its end.
	ahead = 5 * time.Minute
	// retryPause is how long a failure that may mend itself is not repeated.
	retryPause = time.Second
	// FaultPause is how long a terminal refusal is believed.
	FaultPause = time.Minute
	// forcedPerDay is WeChat's limit of forced refreshes (PROTOCOL §6.1).
	forcedPerDay = 20
)

// Keeper keeps tokens. It is safe for concurrent use.
type Keeper struct {
	Options
	apps     map[string]app
	local    sync.Map // model.TokenKey → model.Token
	failures sync.Map // model.TokenKey → failure
	flight   singleflight.Group
}

type app struct {
	App
	source string
}

// New makes a keeper.
func New(o Options) *Keeper {
	if o.Metrics == nil {
		o.Metrics = noMetrics{}
	}
	k := &Keeper{Options: o, apps: map[string]app{}}
	for _, a := range o.Apps {
		k.apps[a.ID] = app{a, fingerprint(a)}
	}
	return k
}

// fingerprint changes with the secret and tells nothing of it.
func fingerprint(a App) string {
	sum := sha256.Sum256([]byte(a.ID + "\x00" + a.Secret.Reveal()))
	return hex.EncodeToString(sum[:8])
}

// Token returns a token that is good now, from the local copy when there is one.
//
// Errors: wx.ErrAppUnknown; wx.ErrTokenRefused with WeChat's words and the remedy;
// wx.ErrBusy, wx.ErrTimeout when WeChat is away and no token is left.
func (k *Keeper) Token(ctx context.Context, appID string, kind model.TokenKind) (model.Token, error) {
	key := model.TokenKey{AppID: appID, Kind: kind}
	if t, ok := k.local.Load(key); ok {
		if t := t.(model.Token); k.Now().Before(t.ExpiresAt) {
			return t, nil
		}
	}
	a, ok := k.apps[appID]
	if !ok {
		return model.Token{}, wx.ErrAppUnknown
	}
	return k.once(ctx, "get", key, func(ctx context.Context) (model.Token, error) { return k.obtain(ctx, a, key) })
}

// once lets the callers of this process share one effort. It goes on when the caller
// who began it gives up, for those who wait with it.
func (k *Keeper) once(ctx context.Context, what string, key model.TokenKey, do func(context.Context) (model.Token, error)) (model.Token, error) {
	ch := k.flight.DoChan(what+"\x00"+key.AppID+"\x00"+string(key.Kind), func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*lease)
		defer cancel()
		return do(ctx)
	})
	select {
	case r := <-ch:
		return r.Val.(model.Token), r.Err
	case <-ctx.Done():
		return model.Token{}, wx.ErrTimeout.Because(ctx.Err())
	}
}

// usable reports whether t was fetched with today's secret and is not over.
func (k *Keeper) usable(a app, t model.Token) bool {
	return t.Source == a.source && k.Now().Before(t.ExpiresAt)
}

// shared looks into the shelf. found is false when there is nothing usable.
func (k *Keeper) shared(ctx context.Context, a app, key model.TokenKey) (t model.Token, found bool, err error) {
	t, err = k.Shelf.Token(ctx, key)
	if errors.Is(err, model.ErrNotFound) {
		return t, false, nil
	}
	if err != nil || !k.usable(a, t) {
		return t, false, err
	}
	k.keep(key, t)
	return t, true, nil
}

// keep makes t the local copy, unless a later one is there.
func (k *Keeper) keep(key model.TokenKey, t model.Token) {
	for {
		old, loaded := k.local.LoadOrStore(key, t)
		if !loaded {
			return
		}
		if later(old.(model.Token), t) || k.local.CompareAndSwap(key, old, t) {
			return
		}
	}
}

// later reports whether a was fetched after b. The fence says so however the clocks of
// the processes differ; a token that was fetched without the lock has none.
func later(a, b model.Token) bool {
	if a.Fence != 0 && b.Fence != 0 {
		return a.Fence > b.Fence
	}
	return a.FetchedAt.After(b.FetchedAt)
}

// Peek returns the token that is shared at present without asking WeChat, or
// model.ErrNotFound.
func (k *Keeper) Peek(ctx context.Context, key model.TokenKey) (model.Token, error) {
	a, ok := k.apps[key.AppID]
	if !ok {
		return model.Token{}, wx.ErrAppUnknown
	}
	t, found, err := k.shared(ctx, a, key)
	if err == nil && !found {
		err = model.ErrNotFound
	}
	return t, err
}

// Local calls visit for every token that this process holds.
func (k *Keeper) Local(visit func(model.TokenKey, model.Token)) {
	k.local.Range(func(key, t any) bool {
		visit(key.(model.TokenKey), t.(model.Token))
		return true
	})
}
