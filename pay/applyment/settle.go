package applyment

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"wxhub/model"
	"wxhub/wx"
)

// neverLater is when WeChat Pay cannot get a submission any more: it refuses requests that are five minutes old.
const neverLater = 6 * time.Minute

// stale reports whether an application is no more as it was when WeChat Pay was asked about it.
func stale(now, asked model.Applyment) bool {
	return now.Status != asked.Status || !now.SubmittedAt.Equal(asked.SubmittedAt)
}

// ask asks WeChat Pay about an application, and applies what it says.
func (s *Service) ask(ctx context.Context, a model.Applyment) (model.Applyment, error) {
	state, err := s.WeChat.QueryApplyment(ctx, a.MerchantID, a.BusinessCode)
	fresh := a.Status == model.ApplymentCreated && s.now().Sub(a.SubmittedAt) < neverLater
	switch {
	case errors.Is(err, wx.ErrApplymentUnknown) && a.Status == model.ApplymentUnsubmitted, errors.Is(err, wx.ErrApplymentUnknown) && fresh:
		return a, nil // what was submitted may still be on its way
	case errors.Is(err, wx.ErrApplymentUnknown) && a.Status == model.ApplymentCreated:
		return s.update(ctx, a.ID, func(now *model.Applyment) error {
			if stale(*now, a) {
				return errNothingToDo
			}
			now.LastError = "WeChat Pay never got it"
			return s.enter(now, model.ApplymentUnsubmitted, now.LastError)
		})
	case err != nil:
		return a, err
	case fresh && a.ApplymentID == state.ApplymentID && resubmittable(states[state.State]):
		return a, nil // it may be said of what was submitted before
	}
	return s.settle(ctx, a, state)
}

// settle applies what WeChat Pay says about an application that was asked about.
func (s *Service) settle(ctx context.Context, asked model.Applyment, state wx.ApplymentStatement) (model.Applyment, error) {
	to, known := states[state.State]
	if !known {
		return asked, wx.ErrRejected.Because(errMismatch)
	}
	var moved bool
	a, err := s.update(ctx, asked.ID, func(a *model.Applyment) error {
		moved = false
		if stale(*a, asked) {
			return errNothingToDo
		}
		if err := match(*a, state); err != nil {
			return err
		}
		before := *a
		a.ApplymentID, a.SubMerchantID, a.SignURL, a.Message, a.Rejections = state.ApplymentID, state.SubMerchantID, state.SignURL, state.Message, nil
		for _, x := range state.Rejections {
			a.Rejections = append(a.Rejections, model.ApplymentRejection(x))
		}
		if a.Status == to {
			if same(before, *a) {
				return errNothingToDo
			}
			return nil
		}
		moved = true
		return s.enter(a, to, "")
	})
	switch {
	case errors.Is(err, errMismatch):
		s.Log.ErrorContext(ctx, "WeChat Pay's statement does not match the application", "business_code", asked.BusinessCode, "error", err.Error())
		return a, wx.ErrRejected.Because(err) // not the caller's fault
	case err == nil && moved:
		s.Log.InfoContext(ctx, "application "+string(to), "business_code", a.BusinessCode, "sub_merchant_id", a.SubMerchantID)
	}
	return a, err
}

func same(a, b model.Applyment) bool { return reflect.DeepEqual(a, b) }

// match refuses a statement that is not about exactly this application. What was canceled and is submitted again
// gets another number of WeChat Pay's.
func match(a model.Applyment, state wx.ApplymentStatement) error {
	var differs string
	switch {
	case state.BusinessCode != a.BusinessCode:
		differs = "business_code"
	case pending(a.Status) && a.Status != model.ApplymentCreated && a.ApplymentID != 0 && state.ApplymentID != a.ApplymentID:
		differs = "applyment_id"
	}
	if differs == "" {
		return nil
	}
	return errMismatch.Because(fmt.Errorf("application %s: %s", a.BusinessCode, differs))
}

// sweepBatch is how many are looked at in one sweep, at most.
const sweepBatch = 100

// Sweep asks about the applications whose time has come, and returns how many those were. Several processes may sweep
// at once: an application is taken by moving its CheckAt, which one of them wins. When WeChat Pay asks to slow down,
// the rest waits.
func (s *Service) Sweep(ctx context.Context) (int, error) {
	due, err := s.Store.DueApplyments(ctx, s.now(), sweepBatch)
	if err != nil {
		return 0, err
	}
	taken := 0
	for _, a := range due {
		if ctx.Err() != nil {
			break
		}
		a.CheckAt = s.nextCheck(a)
		err := s.Store.ReplaceApplyment(ctx, a)
		if errors.Is(err, model.ErrStale) {
			continue // somebody else took it, or it just changed
		}
		if err != nil {
			return taken, err
		}
		taken++
		a.Version++
		if !pending(a.Status) {
			continue
		}
		if _, err := s.ask(ctx, a); err != nil && ctx.Err() == nil {
			s.Log.WarnContext(ctx, "an application could not be asked about; the sweep will come back to it", "business_code", a.BusinessCode, "error", err.Error())
			if errors.Is(err, wx.ErrRateLimited) {
				return 0, nil
			}
		}
	}
	return taken, ctx.Err()
}
