package token

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"wxhub/model"
	"wxhub/wx"
)

// Renew renews every token in use that is about to end. A token is in use once
// somebody has asked for it: an app that only logs people in never costs a call. It
// is a background job: any number of processes may run it. It returns how many tokens
// it got from WeChat.
func (k *Keeper) Renew(ctx context.Context) (int, error) {
	renewed := 0
	var errs []error
	for _, a := range k.apps {
		for _, kind := range model.TokenKinds {
			did, err := k.renew(ctx, a, model.TokenKey{AppID: a.ID, Kind: kind})
			if did {
				renewed++
			}
			errs = append(errs, err)
		}
	}
	return renewed, errors.Join(errs...)
}

func (k *Keeper) renew(ctx context.Context, a app, key model.TokenKey) (did bool, err error) {
	now := k.Now()
	fresh := func(t model.Token) bool { return t.ExpiresAt.Sub(now) > notice(t) }
	t, found, _ := k.shared(ctx, a, key) // a shelf that is away leaves the local copy to look at
	if local, ok := k.local.Load(key); ok && !found {
		t, found = local.(model.Token), true
	}
	if !found || fresh(t) {
		return false, nil
	}
	if k.pause(key) != nil || errors.Is(k.standing(ctx, a, key), wx.ErrTokenRefused) {
		return false, nil // it was told when it happened
	}
	got, done, err := k.lead(ctx, a, key, fresh)
	return done && err == nil && got.FetchedAt.After(t.FetchedAt), err
}

// notice is how long before its end a token is renewed: a quarter of its life, at
// most ahead. The jitter spreads the processes, so that they do not all look for the
// lock in the same second.
func notice(t model.Token) time.Duration {
	n := min(ahead, t.ExpiresAt.Sub(t.FetchedAt)/4)
	return n - time.Duration(rand.Int64N(int64(n/10)+1)) //nolint:gosec // not a secret
}

// Watch keeps the local copies in step with what other processes store, until ctx
// ends. Without it a copy is right until it ends, but a replaced token is noticed late.
func (k *Keeper) Watch(ctx context.Context) {
	for key := range k.Shelf.TokenChanges(ctx) {
		if key == (model.TokenKey{}) {
			k.local.Range(func(key, _ any) bool {
				k.reload(ctx, key.(model.TokenKey))
				return true
			})
			continue
		}
		k.reload(ctx, key)
	}
}

// reload takes over what is on the shelf. A shelf that is away or empty leaves the
// local copy as it is: it is still good.
func (k *Keeper) reload(ctx context.Context, key model.TokenKey) {
	a, ok := k.apps[key.AppID]
	if !ok {
		return
	}
	if _, _, err := k.shared(ctx, a, key); err != nil && ctx.Err() == nil {
		k.Log.WarnContext(ctx, "a changed token could not be read", "app_id", key.AppID, "error", err.Error())
	}
}
