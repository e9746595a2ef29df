package token

import (
	"context"
	"errors"
	"time"

	"wxhub/model"
	"wxhub/wx"
)

// obtain finds a token on the shelf, or fetches it under the lock, or waits for the
// process that does.
func (k *Keeper) obtain(ctx context.Context, a app, key model.TokenKey) (model.Token, error) {
	for {
		t, found, err := k.shared(ctx, a, key)
		if found {
			return t, nil
		}
		if err == nil {
			err = k.standing(ctx, a, key)
		}
		if err == nil {
			err = k.pause(key)
		}
		if errors.Is(err, model.ErrUnavailable) {
			return k.alone(ctx, a, key)
		}
		if err != nil {
			return model.Token{}, err
		}
		t, done, err := k.lead(ctx, a, key, func(t model.Token) bool { return true })
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

// lead takes the lock and fetches, unless the shelf then holds a token that is
// enough. done is false when somebody else has the lock.
func (k *Keeper) lead(ctx context.Context, a app, key model.TokenKey, enough func(model.Token) bool) (t model.Token, done bool, err error) {
	until := time.Now().Add(lease - leaseMargin)
	fence, release, err := k.Shelf.LockToken(ctx, key, lease)
	switch {
	case errors.Is(err, model.ErrExists):
		return t, false, nil
	case errors.Is(err, model.ErrUnavailable):
		t, err = k.alone(ctx, a, key)
		return t, true, err
	case err != nil:
		return t, true, err
	}
	defer release(context.WithoutCancel(ctx))
	ctx, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	if t, found, err := k.shared(ctx, a, key); err == nil && found && enough(t) {
		return t, true, nil
	}
	t, err = k.fetch(ctx, a, key, fence)
	return t, true, err
}

// fetch asks WeChat and shares the answer. The caller holds the lock.
func (k *Keeper) fetch(ctx context.Context, a app, key model.TokenKey, fence int64) (model.Token, error) {
	t, err := k.ask(ctx, a, key, false)
	if err != nil {
		return t, k.remember(ctx, a, key, err)
	}
	return k.store(ctx, a, key, t, fence), nil
}

// store shares a fetched token and makes it the local copy. When our lease ran out
// meanwhile, the successor's token is returned.
func (k *Keeper) store(ctx context.Context, a app, key model.TokenKey, t model.Token, fence int64) model.Token {
	t.Fence = fence
	err := k.Shelf.SaveToken(ctx, key, t)
	if errors.Is(err, model.ErrStale) {
		if theirs, found, err := k.shared(ctx, a, key); err == nil && found {
			return theirs
		}
	} else if err != nil {
		k.Log.WarnContext(ctx, "a token could not be shared; this process keeps it to itself", "app_id", key.AppID, "kind", string(key.Kind), "error", err.Error())
	}
	k.keep(key, t)
	return t
}

// ask is one call to WeChat.
func (k *Keeper) ask(ctx context.Context, a app, key model.TokenKey, force bool) (model.Token, error) {
	var access model.Token
	if key.Kind != model.AccessToken {
		var err error
		if access, err = k.Token(ctx, key.AppID, model.AccessToken); err != nil {
			return model.Token{}, err
		}
	}
	began := k.Now()
	value, life, err := k.Source.Fetch(ctx, a.App, key.Kind, access.Value, force)
	k.Metrics.Fetched(key, err)
	if key.Kind != model.AccessToken && staleAccessToken(err) {
		if access, err = k.Replace(ctx, key.AppID, model.AccessToken, access.Value); err != nil {
			return model.Token{}, err
		}
		began = k.Now()
		value, life, err = k.Source.Fetch(ctx, a.App, key.Kind, access.Value, false)
		k.Metrics.Fetched(key, err)
	}
	if err != nil {
		return model.Token{}, err
	}
	k.Log.InfoContext(ctx, "token fetched", "app_id", key.AppID, "kind", string(key.Kind), "forced", force, "lives_s", int(life.Seconds()))
	return model.Token{
		Value: value, Source: a.source,
		FetchedAt: model.Instant(began), ExpiresAt: model.Instant(began.Add(life)),
	}, nil
}

// staleAccessToken reports whether WeChat refused a call because of the access token
// that it carried.
func staleAccessToken(err error) bool {
	if err == nil {
		return false
	}
	u := model.AsError(err).Upstream
	return u != nil && (u.Code == "40001" || u.Code == "40014" || u.Code == "42001")
}

// alone is for a process that has no shelf: the local copy was not usable, so WeChat
// is asked. stable_token gives every process the same token.
func (k *Keeper) alone(ctx context.Context, a app, key model.TokenKey) (model.Token, error) {
	if err := k.pause(key); err != nil {
		return model.Token{}, err
	}
	k.Log.WarnContext(ctx, "Redis is away; asking WeChat without the lock", "app_id", key.AppID, "kind", string(key.Kind))
	t, err := k.ask(ctx, a, key, false)
	if err != nil {
		return t, k.remember(ctx, a, key, err)
	}
	k.keep(key, t)
	return t, nil
}

// standing returns the refusal that still holds for every process, if any.
func (k *Keeper) standing(ctx context.Context, a app, key model.TokenKey) error {
	f, err := k.Shelf.TokenFault(ctx, key)
	if errors.Is(err, model.ErrNotFound) {
		return nil
	}
	if err == nil && f.Source == a.source && k.Now().Before(f.Until) {
		return wx.TokenRefused(f.Code, f.Message)
	}
	return err
}

// failure is the last failure of this process, and how long it is not tried again.
type failure struct {
	err   error
	until time.Time
}

// pause returns the failure that this process should not repeat yet, if any.
func (k *Keeper) pause(key model.TokenKey) error {
	f, ok := k.failures.Load(key)
	if ok && k.Now().Before(f.(failure).until) {
		return f.(failure).err
	}
	return nil
}

// remember keeps a failure from being repeated: a terminal one for FaultPause and for
// every process, any other for a moment and for this process.
func (k *Keeper) remember(ctx context.Context, a app, key model.TokenKey, err error) error {
	if !errors.Is(err, wx.ErrTokenRefused) {
		k.failures.Store(key, failure{err, k.Now().Add(retryPause)})
		return err
	}
	u, until := model.AsError(err).Upstream, model.Instant(k.Now().Add(FaultPause))
	k.failures.Store(key, failure{err, until})
	f := model.TokenFault{Code: u.Code, Message: u.Message, Source: a.source, Until: until}
	if err := k.Shelf.SaveTokenFault(ctx, key, f); err != nil {
		k.Log.WarnContext(ctx, "a refusal of WeChat could not be shared", "app_id", key.AppID, "error", err.Error())
	}
	k.Log.ErrorContext(ctx, "WeChat refuses to give a token", "app_id", key.AppID, "kind", string(key.Kind), "error", err.Error())
	return err
}
