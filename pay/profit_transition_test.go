package pay

import (
	"testing"

	"wxhub/model"
)

func TestProfitSharingTransitionsOfEveryPair(t *testing.T) {
	matrix := map[model.ProfitSharingStatus]string{
		//                            created processing finished failed
		model.ProfitSharingCreated:    ".+++",
		model.ProfitSharingProcessing: "..+.",
		model.ProfitSharingFinished:   "....",
		model.ProfitSharingFailed:     ".++.",
	}
	if len(matrix) != len(model.ProfitSharingStatuses) || len(sharingMoves) != len(model.ProfitSharingStatuses) {
		t.Fatal("a status is missing from a table")
	}
	for from, row := range matrix {
		for i, to := range model.ProfitSharingStatuses {
			x := model.ProfitSharing{Status: from}
			err := moveSharing(&x, to)
			if allowed := row[i] == '+'; allowed != (err == nil) || (err != nil && x.Status != from) {
				t.Errorf("%s → %s: %v", from, to, err)
			}
		}
	}
}

func TestProfitReturnTransitionsOfEveryPair(t *testing.T) {
	matrix := map[model.ProfitReturnStatus]string{
		//                           created processing succeeded failed
		model.ProfitReturnCreated:    ".+++",
		model.ProfitReturnProcessing: "..++",
		model.ProfitReturnSucceeded:  "....",
		model.ProfitReturnFailed:     ".++.",
	}
	if len(matrix) != len(model.ProfitReturnStatuses) || len(returnMoves) != len(model.ProfitReturnStatuses) {
		t.Fatal("a status is missing from a table")
	}
	for from, row := range matrix {
		for i, to := range model.ProfitReturnStatuses {
			r := model.ProfitReturn{Status: from}
			err := moveReturn(&r, to)
			if allowed := row[i] == '+'; allowed != (err == nil) || (err != nil && r.Status != from) {
				t.Errorf("%s → %s: %v", from, to, err)
			}
		}
	}
}
