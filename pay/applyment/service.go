package applyment

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"time"

	"wxhub/model"
	"wxhub/wx"
)

// Options are what a Service is made of.
type Options struct {
	Store     Store
	WeChat    WeChatPay
	Providers []string // merchant numbers of the service providers
	// Every is how often an application is asked about at first; later ever more rarely.
	Every   time.Duration
	Now     func() time.Time
	IDs     model.IDs
	Log     *slog.Logger
	OnEvent func() // may be nil; called when an event has become durable, so that it is sent at once
}

// Service is safe for concurrent use by many processes on one store.
type Service struct{ Options }

// New makes a service.
func New(o Options) *Service { return &Service{o} }

// Errors of this package with a stable code.
var (
	errNone        = model.NewError(model.KindNotFound, "applyment_not_found", "there is no such application")
	errUnderWay    = model.NewError(model.KindConflict, "applyment_under_way", "the application is under way or finished: look at it, and submit it again only when it is rejected, editing, unsubmitted or canceled")
	errIdempotency = model.NewError(model.KindConflict, "idempotency_conflict", "this Idempotency-Key was used with another body")
	errMismatch    = model.NewError(model.KindInvalid, "applyment_mismatch", "WeChat Pay's statement does not match the application")
	errNoProvider  = model.InvalidField("merchant_id", "is not a service provider configured here")
)

func (s *Service) now() time.Time { return model.Instant(s.Now()) }

func (s *Service) provider(id string) error {
	if !slices.Contains(s.Providers, id) {
		return errNoProvider
	}
	return nil
}

// Find returns one application; fresh asks WeChat Pay first.
//
// Errors: applyment_not_found, invalid_input; with fresh those of wx/wxpay.Gateway.QueryApplyment.
func (s *Service) Find(ctx context.Context, merchantID, businessCode string, fresh bool) (model.Applyment, error) {
	if err := s.provider(merchantID); err != nil {
		return model.Applyment{}, err
	}
	if !codeShape.MatchString(businessCode) {
		return model.Applyment{}, errNone
	}
	a, err := s.stored(ctx, model.ApplymentID(merchantID, businessCode))
	if err != nil || !fresh || a.Status == model.ApplymentFinished {
		return a, err
	}
	return s.ask(ctx, a)
}

// List returns a page of a service provider's applications, in the order of their business_code.
func (s *Service) List(ctx context.Context, f model.ApplymentFilter) ([]model.Applyment, error) {
	if err := s.provider(f.MerchantID); err != nil {
		return nil, err
	}
	return s.Store.ListApplyments(ctx, f)
}

func (s *Service) stored(ctx context.Context, id string) (model.Applyment, error) {
	a, err := s.Store.Applyment(ctx, id)
	if errors.Is(err, model.ErrNotFound) {
		err = errNone
	}
	return a, err
}

const (
	maxConflicts = 200 // retries of one update; each means that another process succeeded
	maxHistory   = 100
)

// errNothingToDo ends an update without a write.
var errNothingToDo = errors.New("nothing to do")

// update changes one application: read, change, replace if it is still what was read, else again.
func (s *Service) update(ctx context.Context, id string, change func(*model.Applyment) error) (model.Applyment, error) {
	for range maxConflicts {
		a, err := s.stored(ctx, id)
		if err != nil {
			return a, err
		}
		switch err := change(&a); {
		case errors.Is(err, errNothingToDo):
			return a, nil
		case err != nil:
			return a, err
		}
		err = s.Store.ReplaceApplyment(ctx, a)
		if err == nil {
			a.Version++
			if len(a.Outbox) > 0 && s.OnEvent != nil {
				s.OnEvent()
			}
			return a, nil
		}
		if !errors.Is(err, model.ErrStale) {
			return a, err
		}
	}
	return model.Applyment{}, model.ErrStale
}

// enter changes the status and what follows from it: the history, the next look, the event.
func (s *Service) enter(a *model.Applyment, to model.ApplymentStatus, note string) error {
	if err := move(a, to); err != nil {
		return err
	}
	a.ChangedAt = s.now()
	a.CheckAt = s.nextCheck(*a)
	a.History = append(a.History, model.Step{At: s.now(), What: string(to), Note: note})
	if len(a.History) > maxHistory {
		a.History = append(a.History[:1:1], a.History[len(a.History)-maxHistory+1:]...)
	}
	if to == model.ApplymentCreated { // the backend's own doing
		return nil
	}
	id, err := s.IDs.New()
	if err != nil {
		return err
	}
	data, err := json.Marshal(ViewOf(*a))
	if err != nil {
		return err
	}
	a.Outbox = append(a.Outbox, model.Event{ID: "evt_" + id, Type: model.EventApplymentChanged, Subject: a.BusinessCode, Data: data, CreatedAt: s.now()})
	return nil
}

// nextCheck is when an application is asked about again: often at first, every few hours in the end, for people
// decide about it; never when it waits for us.
func (s *Service) nextCheck(a model.Applyment) time.Time {
	if !pending(a.Status) {
		return time.Time{}
	}
	now, pause := s.now(), s.Every
	switch age := now.Sub(a.ChangedAt); {
	case a.Status == model.ApplymentCreated || age < 10*time.Minute:
	case age < 24*time.Hour:
		pause *= 10
	case age < 7*24*time.Hour:
		pause *= 60
	default:
		pause *= 240
	}
	return now.Add(pause)
}

// unknown reports whether, after this error, it is not known what WeChat Pay did.
func unknown(err error) bool {
	for _, e := range []error{wx.ErrBusy, wx.ErrTimeout, wx.ErrForged, wx.ErrRateLimited, model.ErrUnavailable} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
