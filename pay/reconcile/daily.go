package reconcile

import (
	"context"
	"errors"
	"time"

	"wxhub/model"
	"wxhub/wx"
)

const (
	// lease is how long one process has a statement for itself: more than a run takes.
	lease = time.Hour
	// notReadyPause is what WeChat Pay wants between two questions for a bill that it is making.
	notReadyPause = 30 * time.Minute
	// failurePause is the pause after another failure.
	failurePause = 10 * time.Minute
	dueBatch     = 10
)

// Daily compares the day before, once the time of day has come that Options say, for every merchant, and
// goes on with what failed before. What is to be done stands in the store, as a
// statement that is not done: several processes may call it, at any time and again after a
// crash, and each day is compared by one of them. It returns how many it did.
func (s *Service) Daily(ctx context.Context) (int, error) {
	if s.At == "" {
		return 0, nil
	}
	if err := s.plan(ctx); err != nil {
		return 0, err
	}
	due, err := s.Store.DueStatements(ctx, s.now(), dueBatch)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, st := range due {
		st.Attempts++
		st.DueAt, st.StartedAt = s.now().Add(lease), s.now()
		err := s.Store.ReplaceStatement(ctx, st)
		if errors.Is(err, model.ErrStale) {
			continue // another process has it
		}
		if err != nil {
			return n, err
		}
		st.Version++
		if err := s.carryOut(ctx, st); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// plan adds a statement of yesterday for each merchant that has none.
func (s *Service) plan(ctx context.Context) error {
	now := s.now()
	at, err := time.ParseInLocation("15:04", s.At, China)
	if err != nil {
		return err
	}
	local := now.In(China)
	if local.Hour()*60+local.Minute() < at.Hour()*60+at.Minute() {
		return nil
	}
	date := DayOf(now).Before().String()
	for _, a := range s.Accounts {
		id := StatementID(a.MerchantID, "", date)
		if _, err := s.Store.Statement(ctx, id); !errors.Is(err, model.ErrNotFound) {
			if err != nil {
				return err
			}
			continue
		}
		_, err := s.Store.AddStatement(ctx, model.Statement{
			ID: id, MerchantID: a.MerchantID, Date: date, Status: model.StatementPending, DueAt: now,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// carryOut makes one statement. Its failure is put into the statement, with the time of the next try.
func (s *Service) carryOut(ctx context.Context, st model.Statement) error {
	done, failure := s.Run(ctx, Request{MerchantID: st.MerchantID, SubMerchantID: st.SubMerchantID, Date: st.Date})
	if failure == nil {
		s.tell(ctx, done)
		return nil
	}
	if ctx.Err() != nil { // this process stops: the next one need not wait for the end of the lease
		st.DueAt = s.now()
		return errors.Join(ctx.Err(), s.Store.ReplaceStatement(context.WithoutCancel(ctx), st))
	}
	st.LastError, st.DueAt = failure.Error(), s.now().Add(failurePause)
	code := model.CodeOf(failure)
	switch {
	case errors.Is(failure, wx.ErrBillNotReady):
		st.DueAt = s.now().Add(notReadyPause)
		s.Log.InfoContext(ctx, "the bill is not ready yet; it is asked for again", "merchant_id", st.MerchantID, "date", st.Date)
	case code == "invalid_input" || errors.Is(failure, wx.ErrMerchantUnknown): // no later try would do better
		st.Status, st.FinishedAt = model.StatementDone, s.now()
		s.Log.ErrorContext(ctx, "a day cannot be compared with WeChat Pay's bill", "merchant_id", st.MerchantID, "date", st.Date, "error", st.LastError)
	default:
		s.Log.WarnContext(ctx, "a day could not be compared with WeChat Pay's bill; it is tried again",
			"merchant_id", st.MerchantID, "date", st.Date, "attempt", st.Attempts, "error", st.LastError)
	}
	if err := s.Store.ReplaceStatement(ctx, st); err != nil && !errors.Is(err, model.ErrStale) {
		return err
	}
	return nil
}

// tell logs what was found, loudly when somebody must look.
func (s *Service) tell(ctx context.Context, st model.Statement) {
	log := s.Log.With("merchant_id", st.MerchantID, "sub_merchant_id", st.SubMerchantID, "date", st.Date, "rows", st.Rows)
	if st.Open > 0 {
		for _, kind := range model.DifferenceKinds {
			if n := st.Differences[kind]; n > 0 {
				log = log.With(string(kind), n)
			}
		}
		log.ErrorContext(ctx, "WeChat Pay's bill and our orders differ; look at: wxhub differences list", "open", st.Open)
		return
	}
	log.InfoContext(ctx, "WeChat Pay's bill and our orders agree")
}
