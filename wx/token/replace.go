package token

import (
	"context"
	"errors"
	"time"

	"wxhub/model"
	"wxhub/wx"
)

// Replace is for a caller whom WeChat told that a token is bad (40001, 40014, 42001).
// It returns a token that is not that one: the present one when bad has been replaced
// meanwhile, else a new one. However many callers report the same token, it is
// replaced once.
//
// Errors: as for Token, and wx.ErrForceQuota when WeChat insists on the bad token and
// today's forced refreshes are used up.
func (k *Keeper) Replace(ctx context.Context, appID string, kind model.TokenKind, bad model.Secret) (model.Token, error) {
	a, ok := k.apps[appID]
	if !ok {
		return model.Token{}, wx.ErrAppUnknown
	}
	key := model.TokenKey{AppID: appID, Kind: kind}
	return k.once(ctx, "replace\x00"+bad.Reveal(), key, func(ctx context.Context) (model.Token, error) {
		return k.replace(ctx, a, key, bad)
	})
}

func (k *Keeper) replace(ctx context.Context, a app, key model.TokenKey, bad model.Secret) (model.Token, error) {
	for {
		t, found, err := k.shared(ctx, a, key)
		if err != nil {
			return model.Token{}, err // without the shelf nobody can say what is current
		}
		if found && t.Value != bad {
			return t, nil
		}
		if err := errors.Join(k.standing(ctx, a, key), k.pause(key)); err != nil {
			return model.Token{}, err
		}
		t, done, err := k.supersede(ctx, a, key, bad)
		if done {
			return t, err
		}
		select {
		case <-ctx.Done():
			return model.Token{}, wx.ErrTimeout.Because(ctx.Err())
		case <-time.After(reread):
		}
	}
}

// supersede replaces bad under the lock; done is false when somebody else has it.
func (k *Keeper) supersede(ctx context.Context, a app, key model.TokenKey, bad model.Secret) (t model.Token, done bool, err error) {
	until := time.Now().Add(lease - leaseMargin)
	fence, release, err := k.Shelf.LockToken(ctx, key, lease)
	if errors.Is(err, model.ErrExists) {
		return t, false, nil
	}
	if err != nil {
		return t, true, err
	}
	defer release(context.WithoutCancel(ctx))
	ctx, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	if t, found, err := k.shared(ctx, a, key); err == nil && found && t.Value != bad {
		return t, true, nil
	}
	t, err = k.ask(ctx, a, key, false)
	if err == nil && t.Value == bad && key.Kind == model.AccessToken && !a.Classic {
		t, err = k.force(ctx, a, key)
	}
	if err != nil {
		return t, true, k.remember(ctx, a, key, err)
	}
	return k.store(ctx, a, key, t, fence), true, nil
}

// force makes WeChat replace its token, within WeChat's daily allowance.
func (k *Keeper) force(ctx context.Context, a app, key model.TokenKey) (model.Token, error) {
	used, err := k.Shelf.CountForced(ctx, key, k.Now().In(chinaTime).Format(time.DateOnly))
	if err != nil {
		return model.Token{}, err
	}
	k.Metrics.Forced(key, used)
	if used > forcedPerDay {
		return model.Token{}, wx.ErrForceQuota
	}
	return k.ask(ctx, a, key, true)
}

// chinaTime is the zone whose midnight renews WeChat's quotas.
var chinaTime = time.FixedZone("UTC+8", 8*60*60)
