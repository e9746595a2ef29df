package pay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"wxhub/model"
	"wxhub/wx"
)

// carryOutTransfer asks WeChat Pay for a transfer that is stored, and records its answer. It may be
// done again and again: the number stays the same.
func (s *Service) carryOutTransfer(ctx context.Context, t model.Transfer) (model.Transfer, error) {
	asked := wx.Transfer{
		MerchantID: t.MerchantID, AppID: t.AppID, OutBillNo: t.ID, OpenID: t.OpenID, UserName: model.Secret(t.UserName), Amount: t.Amount,
		SceneID: t.SceneID, Remark: t.Remark, Perception: t.Perception, NotifyURL: t.NotifyURL,
	}
	for _, info := range t.Reports {
		asked.Reports = append(asked.Reports, wx.TransferReport(info))
	}
	state, err := s.Bills.Transfer(ctx, asked)
	if err == nil {
		return s.settleTransfer(ctx, state)
	}
	if unknown(err) {
		return t, err
	}
	// An earlier try may have got through with its answer lost, and refusals are not always
	// signed: before the money counts as still here, the number is asked about.
	state, failure := s.Bills.QueryTransfer(ctx, t.MerchantID, t.ID)
	switch {
	case failure == nil:
		return s.settleTransfer(ctx, state)
	case !errors.Is(failure, wx.ErrTransferUnknown):
		return t, wx.ErrBusy.Because(errors.Join(err, failure))
	}
	changed, failure := s.updateTransfer(ctx, t.ID, func(t *model.Transfer) error {
		if t.Status != model.TransferCreated {
			return errNothingToDo
		}
		if err := moveTransfer(t, model.TransferRefused); err != nil {
			return err
		}
		t.LastError = refusalText(err)
		return s.endTransfer(t, model.EventTransferFailed, t.LastError)
	})
	if failure != nil {
		return t, failure
	}
	return changed, err
}

// settleTransfer applies what WeChat Pay says about one transfer, whether it answered a call or
// sent a notification: the only way to succeeded.
func (s *Service) settleTransfer(ctx context.Context, state wx.TransferState) (model.Transfer, error) {
	to, known := transferStates[state.Status]
	if !known {
		return model.Transfer{}, errUnknownTransfer
	}
	var told func()
	t, err := s.updateTransfer(ctx, state.OutBillNo, func(t *model.Transfer) error {
		told = func() {}
		if err := matchTransfer(*t, state); err != nil {
			return err
		}
		if t.Status == to && (state.PackageInfo == "" || t.PackageInfo == state.PackageInfo) {
			return errNothingToDo // a repetition
		}
		if t.Status != to && !movableTransfer(t.Status, to) { // older news than what we have
			return errNothingToDo
		}
		told = func() { s.tellTransfer(ctx, *t) }
		return s.moveTransfer(t, to, state)
	})
	switch {
	case errors.Is(err, errNoTransfer):
		return t, errUnknownTransfer
	case errors.Is(err, errMismatch):
		s.Log.ErrorContext(ctx, "WeChat Pay's statement does not match the transfer", "transfer_id", state.OutBillNo, "error", err.Error())
	case err == nil:
		told()
	}
	return t, err
}

// matchTransfer refuses a statement that is not about exactly this transfer.
func matchTransfer(t model.Transfer, state wx.TransferState) error {
	var differs string
	switch {
	case state.MerchantID != t.MerchantID:
		differs = "mch_id"
	case state.Amount != 0 && state.Amount != t.Amount:
		differs = fmt.Sprintf("transfer_amount (%d, ours is %d)", state.Amount, t.Amount)
	case state.OpenID != "" && state.OpenID != t.OpenID:
		differs = "openid"
	case t.TransferBillNo != "" && state.TransferBillNo != t.TransferBillNo:
		differs = "transfer_bill_no"
	}
	if differs == "" {
		return nil
	}
	return errMismatch.Because(fmt.Errorf("transfer %s: %s", t.ID, differs))
}

// moveTransfer changes the transfer's status and everything that follows from it.
func (s *Service) moveTransfer(t *model.Transfer, to model.TransferStatus, state wx.TransferState) error {
	t.TransferBillNo, t.UserName = state.TransferBillNo, ""
	if state.PackageInfo != "" {
		t.PackageInfo = state.PackageInfo
	}
	if t.Status == to {
		return nil
	}
	if err := moveTransfer(t, to); err != nil {
		return err
	}
	t.LastError = state.FailReason
	switch to {
	case model.TransferSucceeded:
		return s.endTransfer(t, model.EventTransferSucceeded, "")
	case model.TransferFailed, model.TransferCancelled:
		return s.endTransfer(t, model.EventTransferFailed, state.FailReason)
	}
	if t.CheckAt.IsZero() { // it was refused, so we thought
		t.CheckAt = s.nextTransferCheck(*t)
	}
	s.noteTransfer(t, string(to), "")
	return nil
}

// endTransfer lets a transfer rest, and tells of its end.
func (s *Service) endTransfer(t *model.Transfer, e model.EventType, note string) error {
	t.FinishedAt, t.CheckAt, t.UserName, t.PackageInfo = s.now(), time.Time{}, "", ""
	s.noteTransfer(t, string(t.Status), note)
	id, err := s.IDs.New()
	if err != nil {
		return err
	}
	data, err := json.Marshal(ViewTransfer(*t))
	if err != nil {
		return err
	}
	t.Outbox = append(t.Outbox, model.Event{ID: "evt_" + id, Type: e, Subject: t.ID, Data: data, CreatedAt: s.now()})
	return nil
}

// tellTransfer logs what happened. Who got the money is not said.
func (s *Service) tellTransfer(ctx context.Context, t model.Transfer) {
	log := s.Log.With("transfer_id", t.ID, "amount_fen", int64(t.Amount))
	if t.Status == model.TransferFailed {
		log.WarnContext(ctx, "a transfer failed: the money did not move", "fail_reason", t.LastError)
		return
	}
	log.InfoContext(ctx, "transfer "+string(t.Status))
}

// chaseTransfer goes on with a transfer that is not at its end: one that WeChat Pay may not have
// is asked for again under its number, one that it has is asked about.
func (s *Service) chaseTransfer(ctx context.Context, t model.Transfer) (model.Transfer, error) {
	switch {
	case t.Status == model.TransferCreated:
		return s.carryOutTransfer(ctx, t)
	case movingTransfer(t.Status):
		state, err := s.Bills.QueryTransfer(ctx, t.MerchantID, t.ID)
		if err != nil {
			return t, err
		}
		t, err = s.settleTransfer(ctx, state)
		if errors.Is(err, errMismatch) { // not the caller's fault
			err = wx.ErrRejected.Because(err)
		}
		return t, err
	}
	return t, nil
}

// SweepTransfers looks after the transfers whose time has come. It returns how many it looked
// at. Several processes may sweep at once: a transfer is taken by moving its CheckAt,
// which one of them wins. When WeChat Pay asks to slow down, the rest waits.
func (s *Service) SweepTransfers(ctx context.Context) (int, error) {
	due, err := s.Transfers.DueTransfers(ctx, s.now(), sweepBatch)
	if err != nil {
		return 0, err
	}
	taken := 0
	for _, t := range due {
		if ctx.Err() != nil {
			break
		}
		t.CheckAt = s.nextTransferCheck(t)
		if !movingTransfer(t.Status) {
			t.CheckAt = time.Time{}
		}
		err := s.Transfers.ReplaceTransfer(ctx, t)
		if errors.Is(err, model.ErrStale) {
			continue // somebody else took it, or it just changed
		}
		if err != nil {
			return taken, err
		}
		taken++
		t.Version++
		if _, err := s.chaseTransfer(ctx, t); err != nil && ctx.Err() == nil {
			s.Log.WarnContext(ctx, "a transfer could not be looked after; the sweep will come back to it", "transfer_id", t.ID, "error", err.Error())
			if errors.Is(err, wx.ErrRateLimited) {
				return 0, nil
			}
		}
	}
	return taken, ctx.Err()
}
