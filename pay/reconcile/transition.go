package reconcile

import (
	"slices"

	"wxhub/model"
)

// moves is the table of legal changes of a difference's status. What is not here does not happen.
var moves = map[model.DifferenceStatus][]model.DifferenceStatus{
	model.DifferenceOpen: {model.DifferenceRepaired, model.DifferenceResolved, model.DifferenceVanished},
	// What is found again, or found otherwise, is open again, or is repaired this time.
	model.DifferenceRepaired: {model.DifferenceOpen},
	model.DifferenceResolved: {model.DifferenceOpen, model.DifferenceRepaired, model.DifferenceResolved}, // resolved again: another note
	model.DifferenceVanished: {model.DifferenceOpen, model.DifferenceRepaired},
}

func moveDifference(d *model.Difference, to model.DifferenceStatus) error {
	if !slices.Contains(moves[d.Status], to) {
		return model.NewError(model.KindConflict, "difference_not_open", "the difference is %s and cannot become %s", d.Status, to)
	}
	d.Status = to
	return nil
}
