package pay

import (
	"context"
	"errors"
	"fmt"

	"wxhub/model"
	"wxhub/wx"
)

// ProfitReturnRequest is what a backend asks to take back.
type ProfitReturnRequest struct {
	MerchantID  string // who received the part
	Amount      model.Fen
	Description string
}

// ReturnProfit takes a part back from a merchant that received it, or some of it. It is in the
// store before WeChat Pay hears of it; an answer that is not known is carried on with by
// the sweep, always under the same number.
//
// Errors: profit_sharing_not_found, profit_return_exceeds_part, too_many_profit_returns,
// idempotency_conflict, invalid_input; those of wx/wxpay.Gateway.ReturnProfit when WeChat Pay
// refused for good: then no money moved.
func (s *Service) ReturnProfit(ctx context.Context, sharingID string, r ProfitReturnRequest, key IdempotencyKey) (model.ProfitReturn, error) {
	switch {
	case r.Amount < 1 || r.Amount > model.MaxAmount:
		return model.ProfitReturn{}, model.InvalidField("amount", "must be from 1 to %d fen", model.MaxAmount)
	case !text(r.Description, 1, maxProfitNote):
		return model.ProfitReturn{}, model.InvalidField("description", "must have 1 to %d characters", maxProfitNote)
	}
	orderID := orderIDOfSharing(sharingID)
	if orderID == "" {
		return model.ProfitReturn{}, errNoSharing
	}
	asked := model.ProfitReturn{MerchantID: r.MerchantID, Amount: r.Amount, Description: r.Description}
	var err error
	if asked.KeyHash, asked.BodyHash, err = hashes(key, r); err != nil {
		return model.ProfitReturn{}, err
	}
	var id string
	o, err := s.update(ctx, orderID, func(o *model.Order) (err error) {
		id, err = s.reserveReturn(o, sharingID, asked)
		return err
	})
	if errors.Is(err, errNoOrder) {
		err = errNoSharing
	}
	if err != nil {
		return model.ProfitReturn{}, err
	}
	x, back := returnByID(&o, sharingID, id)
	if back.Status == model.ProfitReturnCreated {
		if o, err = s.carryOutReturn(ctx, o, *x, *back); unknown(err) {
			err = nil // it stands, and the sweep goes on with it
		}
	}
	if err != nil {
		return model.ProfitReturn{}, err
	}
	_, back = returnByID(&o, sharingID, id)
	return *back, nil
}

// reserveReturn adds the return, or finds the one that the same request made. That the
// returns of a part never exceed it is decided here, by the same write that adds one.
func (s *Service) reserveReturn(o *model.Order, sharingID string, asked model.ProfitReturn) (string, error) {
	x := sharingByID(o, sharingID)
	if x == nil {
		return "", errNoSharing
	}
	sum := asked.Amount
	for _, r := range x.Returns {
		if asked.KeyHash != "" && r.KeyHash == asked.KeyHash {
			if r.BodyHash != asked.BodyHash {
				return "", errIdempotency
			}
			return r.ID, errNothingToDo
		}
		if r.MerchantID == asked.MerchantID && r.Status != model.ProfitReturnFailed {
			sum += r.Amount
		}
	}
	var arrived model.Fen
	for _, r := range x.Receivers {
		if r.Type == receiverMerchant && r.Account == asked.MerchantID && r.Result == model.ProfitSuccess {
			arrived += r.Amount
		}
	}
	switch {
	case sum > arrived:
		return "", errReturnTooMuch
	case len(x.Returns) >= maxProfitReturns:
		return "", errTooManyReturns
	}
	asked.ID = fmt.Sprintf("%sB%02d", x.ID, len(x.Returns)+1)
	asked.Status, asked.CreatedAt = model.ProfitReturnCreated, s.now()
	x.Returns = append(x.Returns, asked)
	o.CheckAt = s.nextCheck(*o)
	s.note(o, "profit_return_created", asked.ID, fmt.Sprintf("%d fen of %s", asked.Amount, asked.MerchantID))
	return asked.ID, nil
}

func returnByID(o *model.Order, sharingID, id string) (*model.ProfitSharing, *model.ProfitReturn) {
	x := sharingByID(o, sharingID)
	for i := range x.Returns {
		if x.Returns[i].ID == id {
			return x, &x.Returns[i]
		}
	}
	return x, nil
}

func returnOf(o model.Order, x model.ProfitSharing, r model.ProfitReturn) wx.ProfitReturn {
	return wx.ProfitReturn{
		MerchantID: o.MerchantID, SubMerchantID: o.SubMerchantID, OutOrderNo: x.ID, OutReturnNo: r.ID,
		From: r.MerchantID, Amount: r.Amount, Description: r.Description,
	}
}

// carryOutReturn is carryOutSharing for a return.
func (s *Service) carryOutReturn(ctx context.Context, o model.Order, x model.ProfitSharing, r model.ProfitReturn) (model.Order, error) {
	state, err := s.Profits.ReturnProfit(ctx, returnOf(o, x, r))
	if err == nil {
		return s.settleReturn(ctx, o.ID, state)
	}
	if unknown(err) || errors.Is(err, wx.ErrProfitSharingTooEarly) {
		return o, wx.ErrBusy.Because(err)
	}
	state, failure := s.Profits.QueryProfitReturn(ctx, returnOf(o, x, r))
	switch {
	case failure == nil:
		return s.settleReturn(ctx, o.ID, state)
	case !errors.Is(failure, wx.ErrProfitSharingUnknown):
		return o, wx.ErrBusy.Because(errors.Join(err, failure))
	}
	changed, failure := s.update(ctx, o.ID, func(o *model.Order) error {
		_, at := returnByID(o, x.ID, r.ID)
		if at.Status != model.ProfitReturnCreated {
			return errNothingToDo
		}
		at.LastError = refusalText(err)
		s.note(o, "profit_return_failed", r.ID, at.LastError)
		return moveReturn(at, model.ProfitReturnFailed)
	})
	if failure != nil {
		return o, failure
	}
	return changed, err
}

var returnStates = map[wx.ProfitReturnStatus]model.ProfitReturnStatus{
	wx.ProfitReturnProcessing: model.ProfitReturnProcessing,
	wx.ProfitReturnSuccess:    model.ProfitReturnSucceeded,
	wx.ProfitReturnFailed:     model.ProfitReturnFailed,
}

// settleReturn applies what WeChat Pay says about one return: the only way to succeeded.
func (s *Service) settleReturn(ctx context.Context, orderID string, state wx.ProfitReturnState) (model.Order, error) {
	o, err := s.update(ctx, orderID, func(o *model.Order) error {
		if sharingByID(o, state.OutOrderNo) == nil {
			return errUnknownPayment
		}
		_, r := returnByID(o, state.OutOrderNo, state.OutReturnNo)
		to := returnStates[state.Status]
		switch {
		case r == nil:
			return errUnknownPayment
		case state.From != r.MerchantID || state.Amount != r.Amount:
			return errMismatch.Because(fmt.Errorf("profit return %s: return_mchid or amount", r.ID))
		case r.Status == to || !movableReturn(r.Status, to):
			return errNothingToDo
		}
		r.ReturnID, r.LastError = state.ReturnID, state.FailReason
		if to != model.ProfitReturnProcessing {
			r.FinishedAt = s.now()
		}
		s.note(o, "profit_return_"+string(to), r.ID, state.FailReason)
		return moveReturn(r, to)
	})
	if errors.Is(err, errMismatch) {
		s.Log.ErrorContext(ctx, "WeChat Pay's statement does not match the profit return", "profit_return_id", state.OutReturnNo, "error", err.Error())
		err = wx.ErrRejected.Because(err)
	}
	return o, err
}

func (s *Service) chaseReturn(ctx context.Context, o model.Order, x model.ProfitSharing, r model.ProfitReturn) (model.Order, error) {
	switch r.Status {
	case model.ProfitReturnCreated:
		return s.carryOutReturn(ctx, o, x, r)
	case model.ProfitReturnProcessing:
		state, err := s.Profits.QueryProfitReturn(ctx, returnOf(o, x, r))
		if err != nil {
			return o, err
		}
		return s.settleReturn(ctx, o.ID, state)
	}
	return o, nil
}
