package pay

import (
	"slices"
	"time"

	"wxhub/model"
)

// sharingMoves is the table of legal changes of a profit sharing's status.
var sharingMoves = map[model.ProfitSharingStatus][]model.ProfitSharingStatus{
	model.ProfitSharingCreated:    {model.ProfitSharingProcessing, model.ProfitSharingFinished, model.ProfitSharingFailed},
	model.ProfitSharingProcessing: {model.ProfitSharingFinished},
	model.ProfitSharingFinished:   {},
	// failed is our reading of a refusal; a verified statement of WeChat Pay overrules it.
	model.ProfitSharingFailed: {model.ProfitSharingProcessing, model.ProfitSharingFinished},
}

// returnMoves is the same for a return.
var returnMoves = map[model.ProfitReturnStatus][]model.ProfitReturnStatus{
	model.ProfitReturnCreated:    {model.ProfitReturnProcessing, model.ProfitReturnSucceeded, model.ProfitReturnFailed},
	model.ProfitReturnProcessing: {model.ProfitReturnSucceeded, model.ProfitReturnFailed},
	model.ProfitReturnSucceeded:  {},
	model.ProfitReturnFailed:     {model.ProfitReturnProcessing, model.ProfitReturnSucceeded},
}

func movableSharing(from, to model.ProfitSharingStatus) bool {
	return slices.Contains(sharingMoves[from], to)
}

func movableReturn(from, to model.ProfitReturnStatus) bool {
	return slices.Contains(returnMoves[from], to)
}

func moveSharing(x *model.ProfitSharing, to model.ProfitSharingStatus) error {
	if !movableSharing(x.Status, to) {
		return model.NewError(model.KindConflict, "profit_sharing_"+string(x.Status), "the profit sharing is %s and cannot become %s", x.Status, to)
	}
	x.Status = to
	return nil
}

func moveReturn(r *model.ProfitReturn, to model.ProfitReturnStatus) error {
	if !movableReturn(r.Status, to) {
		return model.NewError(model.KindConflict, "profit_return_"+string(r.Status), "the return is %s and cannot become %s", r.Status, to)
	}
	r.Status = to
	return nil
}

// oldestProfit is since when WeChat Pay must be asked about something that is being shared or
// returned; zero when there is nothing.
func oldestProfit(o model.Order) (since time.Time) {
	older := func(at time.Time) {
		if since.IsZero() || at.Before(since) {
			since = at
		}
	}
	for _, x := range o.ProfitSharings {
		if x.Status == model.ProfitSharingCreated || x.Status == model.ProfitSharingProcessing {
			older(x.CreatedAt)
		}
		for _, r := range x.Returns {
			if r.Status == model.ProfitReturnCreated || r.Status == model.ProfitReturnProcessing {
				older(r.CreatedAt)
			}
		}
	}
	return since
}
