package identity

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"

	"wxhub/model"
	"wxhub/wx"
)

// Redemptions lets all processes know which login codes are being redeemed and which
// were. redisstore.Store is one. Every method may also return model.ErrUnavailable.
type Redemptions interface {
	// BeginRedemption claims a code for lease. When it is taken, outcome is what
	// FinishRedemption stored, "" while the other attempt is under way.
	BeginRedemption(ctx context.Context, key string, lease time.Duration) (mine bool, outcome string, err error)
	// FinishRedemption stores the outcome for ttl.
	FinishRedemption(ctx context.Context, key, outcome string, ttl time.Duration) error
	// AbandonRedemption forgets the claim: whether the code was spent is not known.
	AbandonRedemption(ctx context.Context, key string) error
	// Redemption looks again; model.ErrNotFound when the claim was forgotten.
	Redemption(ctx context.Context, key string) (outcome string, done bool, err error)
}

const (
	// redeemLease is longer than WeChat may take to answer.
	redeemLease = 15 * time.Second
	// redeemedTTL is longer than any code lives (10 minutes at most).
	redeemedTTL = 15 * time.Minute
	// redeemPoll is how often somebody who waits for another's attempt looks.
	redeemPoll = 20 * time.Millisecond
)

// redemption is what a code stood for.
type redemption struct {
	OpenID   string `json:"open_id"`
	UnionID  string `json:"union_id,omitempty"`
	Snapshot bool   `json:"snapshot,omitempty"`
}

// redeem asks WeChat what a code stands for, once: attempts at the same time share the
// one answer, later ones get login_code_used without a call. A code that WeChat refused
// leaves no trace.
func (s *Service) redeem(ctx context.Context, appID, code string, ask func(context.Context) (redemption, error)) (redemption, error) {
	sum := sha256.Sum256([]byte(appID + "\x00" + code))
	key := hex.EncodeToString(sum[:])
	for {
		mine, outcome, err := s.Redemptions.BeginRedemption(ctx, key, redeemLease)
		switch {
		case err != nil:
			return redemption{}, err
		case outcome != "":
			return redemption{}, wx.ErrCodeUsed
		case mine:
			return s.redeemNow(ctx, key, ask)
		}
		r, err := s.await(ctx, key)
		if !errors.Is(err, model.ErrNotFound) { // else the other attempt failed
			return r, err
		}
	}
}

func (s *Service) redeemNow(ctx context.Context, key string, ask func(context.Context) (redemption, error)) (redemption, error) {
	// The code is being spent: that the client hangs up must not lose the answer.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), redeemLease)
	defer cancel()
	r, err := ask(ctx)
	if err != nil {
		if failure := s.Redemptions.AbandonRedemption(ctx, key); failure != nil {
			s.Log.WarnContext(ctx, "a failed redemption could not be abandoned; it ends by itself", "error", failure.Error())
		}
		return r, err
	}
	text, err := json.Marshal(r)
	if err != nil {
		return r, err
	}
	return r, s.Redemptions.FinishRedemption(ctx, key, string(text), redeemedTTL)
}

// await waits for the attempt of another. Errors: model.ErrNotFound when it failed.
func (s *Service) await(ctx context.Context, key string) (r redemption, err error) {
	ctx, cancel := context.WithTimeout(ctx, redeemLease)
	defer cancel()
	for {
		outcome, done, err := s.Redemptions.Redemption(ctx, key)
		if err != nil {
			return r, err
		}
		if done {
			err := json.Unmarshal([]byte(outcome), &r)
			return r, err
		}
		select {
		case <-ctx.Done():
			return r, wx.ErrTimeout
		case <-time.After(redeemPoll):
		}
	}
}
