package applyment

import (
	"testing"

	"wxhub/model"
)

func TestTransitionsOfEveryPair(t *testing.T) {
	matrix := map[model.ApplymentStatus]string{
		//                             created unsubmitted editing auditing rejected to_be_confirmed to_be_signed signing finished canceled
		model.ApplymentCreated:       ".+++++++++",
		model.ApplymentUnsubmitted:   "+.++++++++",
		model.ApplymentEditing:       "+..+++++++",
		model.ApplymentAuditing:      "..+.++++++",
		model.ApplymentRejected:      "+.++.+++++",
		model.ApplymentToBeConfirmed: "..+++.++++",
		model.ApplymentToBeSigned:    "..++++.+++",
		model.ApplymentSigning:       "..+++++.++",
		model.ApplymentFinished:      "..........",
		model.ApplymentCanceled:      "+.+++++++.",
	}
	if len(matrix) != len(model.ApplymentStatuses) || len(moves) != len(model.ApplymentStatuses) || len(states) != len(said) {
		t.Fatal("a status is missing from a table")
	}
	for from, row := range matrix {
		for i, to := range model.ApplymentStatuses {
			a := model.Applyment{Status: from}
			err := move(&a, to)
			if allowed := row[i] == '+'; allowed != (err == nil) || (err != nil && a.Status != from) {
				t.Errorf("%s → %s: %v", from, to, err)
			}
		}
		if waits := row[0] == '+'; waits != resubmittable(from) || pending(from) == (waits || from == model.ApplymentFinished) {
			t.Errorf("%s: resubmittable %v, pending %v", from, resubmittable(from), pending(from))
		}
	}
}
