package pay

import (
	"testing"

	"wxhub/model"
)

func TestTransferTransitionsOfEveryPair(t *testing.T) {
	matrix := map[model.TransferStatus]string{
		//                          created processing waiting transferring canceling succeeded failed cancelled refused
		model.TransferCreated:      ".++++++++",
		model.TransferProcessing:   "..++++++.",
		model.TransferWaiting:      "...+++++.",
		model.TransferTransferring: ".....++..",
		model.TransferCanceling:    ".....+++.",
		model.TransferSucceeded:    ".........",
		model.TransferFailed:       ".........",
		model.TransferCancelled:    ".........",
		model.TransferRefused:      ".+++++++.",
	}
	if len(matrix) != len(model.TransferStatuses) || len(transferMoves) != len(model.TransferStatuses) {
		t.Fatal("a status is missing from a table")
	}
	for from, row := range matrix {
		for i, to := range model.TransferStatuses {
			x := model.Transfer{Status: from}
			err := moveTransfer(&x, to)
			if allowed := row[i] == '+'; allowed != (err == nil) || (err != nil && x.Status != from) {
				t.Errorf("%s → %s: %v", from, to, err)
			}
		}
	}
}
