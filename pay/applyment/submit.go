package applyment

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"regexp"
	"time"

	"wxhub/model"
	"wxhub/pay"
	"wxhub/wx"
)

var codeShape = regexp.MustCompile(`^[0-9A-Za-z_]{1,124}$`)

// Submit hands an application in. The business_code is stored before WeChat Pay hears of it; one that is absent is
// made, of the Idempotency-Key when there is one. An application that is rejected, editing, unsubmitted or canceled is
// submitted again by the same call. When WeChat Pay's answer is not known the application stands as created, and is
// asked about.
//
// With an Idempotency-Key the same request returns the same application. Without, one that is under way is
// applyment_under_way: nothing is submitted twice, and nothing that was corrected is passed over in silence.
//
// Errors: invalid_input, applyment_under_way, idempotency_conflict; those of wx/wxpay.Gateway.SubmitApplyment when WeChat
// Pay refuses for good: then it has to be submitted again.
func (s *Service) Submit(ctx context.Context, merchantID string, r wx.Applyment, key pay.IdempotencyKey) (model.Applyment, error) {
	if err := s.provider(merchantID); err != nil {
		return model.Applyment{}, err
	}
	wanted, err := s.newApplyment(merchantID, r, key)
	if err != nil {
		return wanted, err
	}
	r.BusinessCode = wanted.BusinessCode
	a, claimed, err := s.claim(ctx, wanted)
	if err != nil || claimed == isAnswer {
		return a, err
	}
	return s.handIn(ctx, a, r, claimed == isAgain)
}

// What a request is to the application that stands in the store.
type claimed int

const (
	isAnswer claimed = iota // a repetition, answered by what stands
	isNew                   // to be submitted
	isAgain                 // a repetition to be submitted again, for WeChat Pay may not have it
)

func (s *Service) newApplyment(merchantID string, r wx.Applyment, key pay.IdempotencyKey) (model.Applyment, error) {
	now := s.now()
	a := model.Applyment{
		MerchantID: merchantID, BusinessCode: r.BusinessCode, ShortName: r.BusinessInfo.MerchantShortname,
		Status: model.ApplymentCreated, CreatedAt: now, SubmittedAt: now, ChangedAt: now,
	}
	if key.Key != "" {
		sum := sha256.Sum256([]byte(key.Scope + "\x00" + key.Key))
		a.RequestKey = hex.EncodeToString(sum[:])
		mac := hmac.New(sha256.New, []byte(key.Key))
		digest(mac, r)
		a.BodyHash = hex.EncodeToString(mac.Sum(nil))
	}
	if a.BusinessCode == "" {
		id := a.RequestKey
		if id == "" {
			var err error
			if id, err = s.IDs.New(); err != nil {
				return a, err
			}
		}
		a.BusinessCode = merchantID + "_" + id[:min(len(id), 32)]
	}
	if !codeShape.MatchString(a.BusinessCode) {
		return a, model.InvalidField("business_code", "must be 1 to 124 digits, letters and _")
	}
	a.ID, a.CheckAt = model.ApplymentID(merchantID, a.BusinessCode), s.nextCheck(a)
	a.History = []model.Step{{At: now, What: string(model.ApplymentCreated)}}
	return a, nil
}

// claim makes the application, or takes one that waits for us. It may ask WeChat Pay what became of an earlier
// submission.
func (s *Service) claim(ctx context.Context, wanted model.Applyment) (a model.Applyment, _ claimed, err error) {
	created, err := s.Store.AddApplyment(ctx, wanted)
	if created {
		wanted.Version = 1
		return wanted, isNew, nil
	}
	if err == nil {
		a, err = s.stored(ctx, wanted.ID)
	}
	if err != nil {
		return a, isAnswer, err
	}
	same := wanted.RequestKey != "" && a.RequestKey == wanted.RequestKey
	if same && a.BodyHash != wanted.BodyHash {
		return model.Applyment{}, isAnswer, errIdempotency
	}
	if a.Status == model.ApplymentCreated { // the answer was lost, or another process waits for it
		if a, err = s.ask(ctx, a); err != nil {
			return a, isAnswer, err
		}
	}
	switch {
	case same && a.Status != model.ApplymentCreated && a.Status != model.ApplymentUnsubmitted && a.Status != model.ApplymentEditing:
		return a, isAnswer, nil // the answer to a repeated request
	case a.Status != model.ApplymentCreated && !resubmittable(a.Status):
		return a, isAnswer, errUnderWay
	}
	a, err = s.take(ctx, a, wanted)
	if same {
		return a, isAgain, err
	}
	return a, isNew, err
}

// take turns what stands into a new submission, if nobody else did meanwhile.
func (s *Service) take(ctx context.Context, a, wanted model.Applyment) (model.Applyment, error) {
	if a.Status != model.ApplymentCreated {
		if err := s.enter(&a, model.ApplymentCreated, "submitted again"); err != nil {
			return a, err
		}
	}
	// Later than before, for it tells one submission from another.
	if wanted.SubmittedAt = s.now(); !wanted.SubmittedAt.After(a.SubmittedAt) {
		wanted.SubmittedAt = a.SubmittedAt.Add(time.Millisecond)
	}
	a.SubmittedAt, a.RequestKey, a.BodyHash, a.ShortName = wanted.SubmittedAt, wanted.RequestKey, wanted.BodyHash, wanted.ShortName
	a.LastError, a.CheckAt = "", s.nextCheck(a)
	err := s.Store.ReplaceApplyment(ctx, a)
	if errors.Is(err, model.ErrStale) {
		return a, errUnderWay // somebody else was faster
	}
	a.Version++
	return a, err
}

// handIn submits what is stored as created, and records the answer. again says that this very request was submitted
// before, so that WeChat Pay may have it.
func (s *Service) handIn(ctx context.Context, a model.Applyment, r wx.Applyment, again bool) (model.Applyment, error) {
	id, err := s.WeChat.SubmitApplyment(ctx, a.MerchantID, r)
	switch {
	case err == nil:
		return s.accepted(ctx, a, id)
	case unknown(err):
		s.Log.WarnContext(ctx, "it is not known whether WeChat Pay has an application; it is asked about", "business_code", a.BusinessCode, "error", err.Error())
		return a, nil
	}
	// An earlier try may have got through with its answer lost, and refusals are not always signed: before the
	// application counts as not there, it is asked about.
	state, failure := s.WeChat.QueryApplyment(ctx, a.MerchantID, a.BusinessCode)
	switch {
	case errors.Is(failure, wx.ErrApplymentUnknown):
		return s.refused(ctx, a, model.ApplymentUnsubmitted, err)
	case failure != nil:
		return a, wx.ErrBusy.Because(errors.Join(err, failure))
	case resubmittable(states[state.State]):
		if a, failure = s.settle(ctx, a, state); failure != nil {
			return a, failure
		}
		return s.refused(ctx, a, a.Status, err)
	}
	if a, failure = s.settle(ctx, a, state); failure == nil && !again {
		failure = errUnderWay // with what somebody else sent
	}
	return a, failure
}

// accepted records that WeChat Pay has it, and asks at once for what it says.
func (s *Service) accepted(ctx context.Context, a model.Applyment, id int64) (model.Applyment, error) {
	a, err := s.update(ctx, a.ID, func(now *model.Applyment) error {
		if stale(*now, a) {
			return errNothingToDo
		}
		now.ApplymentID, now.Rejections, now.SubMerchantID = id, nil, ""
		return s.enter(now, model.ApplymentAuditing, "")
	})
	if err != nil {
		return a, err
	}
	if asked, err := s.ask(ctx, a); err == nil {
		return asked, nil
	}
	return a, nil // the sweep asks again
}

// refused records why WeChat Pay did not take it, and returns that.
func (s *Service) refused(ctx context.Context, a model.Applyment, to model.ApplymentStatus, why error) (model.Applyment, error) {
	after, err := s.update(ctx, a.ID, func(now *model.Applyment) error {
		if stale(*now, a) {
			return errNothingToDo
		}
		now.LastError = refusalText(why)
		if now.Status == to {
			return nil
		}
		return s.enter(now, to, now.LastError)
	})
	if err != nil {
		return after, err
	}
	return after, why
}

// refusalText is WeChat Pay's own word.
func refusalText(err error) string {
	if u := model.AsError(err).Upstream; u != nil {
		return u.Code + ": " + u.Message
	}
	return model.AsError(err).Message
}
