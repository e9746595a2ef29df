package reconcile

import (
	"testing"

	"wxhub/model"
)

// TestEveryPairOfStatuses plays each change; what is not named here is refused.
func TestEveryPairOfStatuses(t *testing.T) {
	legal := map[[2]model.DifferenceStatus]bool{
		{model.DifferenceOpen, model.DifferenceRepaired}:     true,
		{model.DifferenceOpen, model.DifferenceResolved}:     true,
		{model.DifferenceOpen, model.DifferenceVanished}:     true,
		{model.DifferenceRepaired, model.DifferenceOpen}:     true,
		{model.DifferenceResolved, model.DifferenceOpen}:     true,
		{model.DifferenceResolved, model.DifferenceRepaired}: true,
		{model.DifferenceResolved, model.DifferenceResolved}: true,
		{model.DifferenceVanished, model.DifferenceOpen}:     true,
		{model.DifferenceVanished, model.DifferenceRepaired}: true,
	}
	for _, from := range model.DifferenceStatuses {
		for _, to := range model.DifferenceStatuses {
			d := model.Difference{Status: from}
			err := moveDifference(&d, to)
			if want := legal[[2]model.DifferenceStatus{from, to}]; (err == nil) != want {
				t.Errorf("%s to %s: %v", from, to, err)
			}
			if err != nil && (d.Status != from || model.CodeOf(err) != "difference_not_open") {
				t.Errorf("%s to %s: now %s, %v", from, to, d.Status, err)
			}
		}
	}
}

// TestRefundStatuses has every pair of a status in a bill and one of ours.
func TestRefundStatuses(t *testing.T) {
	fine := map[string][]model.RefundStatus{
		"SUCCESS":    {model.RefundSucceeded},
		"FAIL":       {model.RefundClosed, model.RefundFailed},
		"CHANGE":     {model.RefundAbnormal, model.RefundClosed, model.RefundSucceeded},
		"PROCESSING": {model.RefundProcessing, model.RefundSucceeded, model.RefundClosed, model.RefundAbnormal},
		"":           {model.RefundProcessing, model.RefundSucceeded, model.RefundClosed, model.RefundAbnormal},
	}
	for bill, ours := range fine {
		for _, status := range model.RefundStatuses {
			want := false
			for _, x := range ours {
				want = want || x == status
			}
			if agrees(bill, status) != want {
				t.Errorf("bill %q, ours %s: want %v", bill, status, want)
			}
		}
	}
}
