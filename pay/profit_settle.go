package pay

import (
	"context"
	"errors"
	"fmt"

	"wxhub/model"
	"wxhub/wx"
)

// carryOutSharing asks WeChat Pay for a profit sharing that is stored, and records its answer.
// It may be done again and again: the number stays the same.
func (s *Service) carryOutSharing(ctx context.Context, o model.Order, x model.ProfitSharing) (model.Order, error) {
	asked := s.sharingOf(o, x)
	state, err := s.Profits.ShareProfit(ctx, asked)
	if err == nil {
		return s.settleSharing(ctx, o.ID, state)
	}
	if unknown(err) || errors.Is(err, wx.ErrProfitSharingTooEarly) {
		return o, wx.ErrBusy.Because(err)
	}
	// An earlier try may have got through with its answer lost, and refusals are not always
	// signed: before the money counts as still here, the number is asked about.
	state, failure := s.Profits.QueryProfitSharing(ctx, tradeOf(o, x.OutTradeNo), asked.TransactionID, x.ID)
	switch {
	case failure == nil:
		return s.settleSharing(ctx, o.ID, state)
	case !errors.Is(failure, wx.ErrProfitSharingUnknown):
		return o, wx.ErrBusy.Because(errors.Join(err, failure))
	}
	changed, failure := s.update(ctx, o.ID, func(o *model.Order) error {
		at := sharingByID(o, x.ID)
		if at.Status != model.ProfitSharingCreated {
			return errNothingToDo
		}
		at.LastError = refusalText(err)
		forgetNames(at)
		s.note(o, "profit_sharing_failed", x.ID, at.LastError)
		return moveSharing(at, model.ProfitSharingFailed)
	})
	if failure != nil {
		return o, failure
	}
	return changed, err
}

// refusalText is what WeChat Pay said against something.
func refusalText(err error) string {
	if u := model.AsError(err).Upstream; u != nil {
		return u.Code + ": " + u.Message
	}
	return model.AsError(err).Message
}

// forgetNames drops the names, which nothing needs once WeChat Pay has answered.
func forgetNames(x *model.ProfitSharing) {
	for i := range x.Receivers {
		x.Receivers[i].Name = ""
	}
}

// settleSharing applies what WeChat Pay says about one profit sharing: the only way to finished.
func (s *Service) settleSharing(ctx context.Context, orderID string, state wx.ProfitSharingState) (model.Order, error) {
	o, err := s.update(ctx, orderID, func(o *model.Order) error {
		x := sharingByID(o, state.OutOrderNo)
		if x == nil {
			return errUnknownPayment
		}
		to := model.ProfitSharingProcessing
		if state.Finished {
			to = model.ProfitSharingFinished
		}
		if x.Status == to && to == model.ProfitSharingFinished {
			return errNothingToDo
		}
		if err := matchSharing(*x, state); err != nil {
			return err
		}
		changed := takeResults(x, state)
		if x.Status == to || !movableSharing(x.Status, to) {
			if !changed {
				return errNothingToDo
			}
			return nil
		}
		x.OrderID, x.LastError = state.OrderID, ""
		forgetNames(x)
		if to == model.ProfitSharingFinished {
			x.FinishedAt = s.now()
		}
		s.note(o, "profit_sharing_"+string(to), x.ID, outcome(*x))
		return moveSharing(x, to)
	})
	if errors.Is(err, errMismatch) {
		s.Log.ErrorContext(ctx, "WeChat Pay's statement does not match the profit sharing", "profit_sharing_id", state.OutOrderNo, "error", err.Error())
		err = wx.ErrRejected.Because(err)
	}
	return o, err
}

// matchSharing refuses a statement that is not about exactly these parts. What WeChat Pay says
// besides of the merchant's own rest is no part of ours.
func matchSharing(x model.ProfitSharing, state wx.ProfitSharingState) error {
	if x.OrderID != "" && x.OrderID != state.OrderID {
		return errMismatch.Because(fmt.Errorf("profit sharing %s: order_id", x.ID))
	}
	for _, r := range x.Receivers {
		p := partOf(state, r)
		switch {
		case p == nil && state.Finished:
			return errMismatch.Because(fmt.Errorf("profit sharing %s: a receiver is missing", x.ID))
		case p != nil && p.Amount != r.Amount:
			return errMismatch.Because(fmt.Errorf("profit sharing %s: amount %d, ours is %d", x.ID, p.Amount, r.Amount))
		case p != nil && state.Finished && p.Result == wx.ProfitPending:
			return errMismatch.Because(fmt.Errorf("profit sharing %s: finished with a part that is pending", x.ID))
		}
	}
	return nil
}

func partOf(state wx.ProfitSharingState, r model.ProfitReceiver) *wx.ProfitPartState {
	for i, p := range state.Parts {
		if p.Type == r.Type && p.Account == r.Account {
			return &state.Parts[i]
		}
	}
	return nil
}

var profitResults = map[wx.ProfitResult]model.ProfitResult{
	wx.ProfitPending: model.ProfitPending, wx.ProfitSuccess: model.ProfitSuccess, wx.ProfitClosed: model.ProfitClosed,
}

// takeResults writes down what became of each part; a part that has come to its end stays.
func takeResults(x *model.ProfitSharing, state wx.ProfitSharingState) (changed bool) {
	for i := range x.Receivers {
		r := &x.Receivers[i]
		p := partOf(state, *r)
		if p == nil || r.Result != model.ProfitPending || profitResults[p.Result] == r.Result {
			continue
		}
		r.Result, r.FailReason, r.DetailID, changed = profitResults[p.Result], p.FailReason, p.DetailID, true
	}
	return changed
}

// outcome tells people how many parts arrived.
func outcome(x model.ProfitSharing) string {
	if len(x.Receivers) == 0 {
		return "the rest goes to the merchant"
	}
	arrived := 0
	for _, r := range x.Receivers {
		if r.Result == model.ProfitSuccess {
			arrived++
		}
	}
	return fmt.Sprintf("%d of %d parts arrived", arrived, len(x.Receivers))
}

// chaseProfits goes on with every profit sharing and return of an order that is not at its end.
func (s *Service) chaseProfits(ctx context.Context, o model.Order) error {
	var faults error
	for _, x := range o.ProfitSharings {
		_, err := s.chaseSharing(ctx, o, x)
		faults = errors.Join(faults, err)
		for _, r := range x.Returns {
			_, err := s.chaseReturn(ctx, o, x, r)
			faults = errors.Join(faults, err)
		}
	}
	return faults
}

// chaseSharing goes on with one: what WeChat Pay may not have is asked for again under its
// number, what it has is asked about.
func (s *Service) chaseSharing(ctx context.Context, o model.Order, x model.ProfitSharing) (model.Order, error) {
	switch {
	case x.Status == model.ProfitSharingCreated && s.shareable(o, x).After(s.now()):
	case x.Status == model.ProfitSharingCreated:
		return s.carryOutSharing(ctx, o, x)
	case x.Status == model.ProfitSharingProcessing:
		state, err := s.Profits.QueryProfitSharing(ctx, tradeOf(o, x.OutTradeNo), paymentByNumber(&o, x.OutTradeNo).TransactionID, x.ID)
		if err != nil {
			return o, err
		}
		return s.settleSharing(ctx, o.ID, state)
	}
	return o, nil
}
