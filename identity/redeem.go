package identity

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
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

// redemption is what became of a code.
type redemption struct {
	OpenID   string `json:"open_id,omitempty"`
	UnionID  string `json:"union_id,omitempty"`
	Snapshot bool   `json:"snapshot,omitempty"`
	Refused  string `json:"refused,omitempty"` // code of the error with which WeChat refused for good
}

// final are the refusals that asking again would not change.
var final = []*model.Error{wx.ErrCodeInvalid, wx.ErrCodeUsed, wx.ErrUserBlocked}

// redeem asks WeChat what a code stands for, once: attempts at the same time share the
// one answer, later ones get login_code_used without a call.
func (s *Service) redeem(ctx context.Context, appID, code string, ask func(context.Context) (redemption, error)) (redemption, error) {
	sum := sha256.Sum256([]byte(appID + "\x00" + code))
	key := hex.EncodeToString(sum[:])
	mine, outcome, err := s.Redemptions.BeginRedemption(ctx, key, redeemLease)
	switch {
	case err != nil:
		return redemption{}, err
	case outcome != "":
		r, err := read(outcome)
		if err == nil {
			err = wx.ErrCodeUsed
		}
		return r, err
	case !mine:
		return s.await(ctx, key)
	}
	// The code is being spent: that the client hangs up must not lose the answer.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), redeemLease)
	defer cancel()
	r, err := ask(ctx)
	if at := slices.IndexFunc(final, func(f *model.Error) bool { return errors.Is(err, f) }); at >= 0 {
		r = redemption{Refused: final[at].Code}
	} else if err != nil {
		return r, errors.Join(err, s.Redemptions.AbandonRedemption(ctx, key))
	}
	text, failure := json.Marshal(r)
	if failure == nil {
		failure = s.Redemptions.FinishRedemption(ctx, key, string(text), redeemedTTL)
	}
	return r, errors.Join(err, failure)
}

// await waits for the attempt of another.
func (s *Service) await(ctx context.Context, key string) (redemption, error) {
	ctx, cancel := context.WithTimeout(ctx, redeemLease)
	defer cancel()
	for {
		outcome, done, err := s.Redemptions.Redemption(ctx, key)
		switch {
		case errors.Is(err, model.ErrNotFound):
			return redemption{}, wx.ErrBusy
		case err != nil:
			return redemption{}, err
		case done:
			return read(outcome)
		}
		select {
		case <-ctx.Done():
			return redemption{}, wx.ErrTimeout
		case <-time.After(redeemPoll):
		}
	}
}

// read understands an outcome: what the code stood for, or the error it led to.
func read(outcome string) (r redemption, err error) {
	if err := json.Unmarshal([]byte(outcome), &r); err != nil {
		return r, wx.ErrCodeUsed.Because(err)
	}
	for _, f := range final {
		if f.Code == r.Refused {
			return r, f
		}
	}
	return r, nil
}
