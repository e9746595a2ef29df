package pay

import (
	"slices"

	"wxhub/model"
	"wxhub/wx"
)

// transferMoves is the table of legal changes of a transfer's status.
//
//	created ─▶ processing ─▶ waiting ─▶ transferring ─▶ succeeded | failed
//	   │             └──────────┴─▶ canceling ─▶ cancelled
//	   └─▶ refused: WeChat Pay said no, and does not know the number
var transferMoves = map[model.TransferStatus][]model.TransferStatus{
	model.TransferCreated: {
		model.TransferProcessing, model.TransferWaiting, model.TransferTransferring, model.TransferCanceling,
		model.TransferSucceeded, model.TransferFailed, model.TransferCancelled, model.TransferRefused,
	},
	model.TransferProcessing: {
		model.TransferWaiting, model.TransferTransferring, model.TransferCanceling,
		model.TransferSucceeded, model.TransferFailed, model.TransferCancelled,
	},
	model.TransferWaiting: {
		model.TransferTransferring, model.TransferCanceling, model.TransferSucceeded, model.TransferFailed, model.TransferCancelled,
	},
	model.TransferTransferring: {model.TransferSucceeded, model.TransferFailed},
	// canceling → succeeded: the receiver was faster. The money is gone.
	model.TransferCanceling: {model.TransferSucceeded, model.TransferFailed, model.TransferCancelled},
	model.TransferSucceeded: {},
	model.TransferFailed:    {},
	model.TransferCancelled: {},
	// refused is our reading of a refusal; a verified statement of WeChat Pay overrules it.
	model.TransferRefused: {
		model.TransferProcessing, model.TransferWaiting, model.TransferTransferring, model.TransferCanceling,
		model.TransferSucceeded, model.TransferFailed, model.TransferCancelled,
	},
}

// transferStates says what WeChat Pay's states of a transfer are here.
var transferStates = map[wx.TransferStatus]model.TransferStatus{
	wx.TransferAccepted:     model.TransferProcessing,
	wx.TransferProcessing:   model.TransferProcessing,
	wx.TransferWaiting:      model.TransferWaiting,
	wx.TransferTransferring: model.TransferTransferring,
	wx.TransferSuccess:      model.TransferSucceeded,
	wx.TransferFail:         model.TransferFailed,
	wx.TransferCanceling:    model.TransferCanceling,
	wx.TransferCancelled:    model.TransferCancelled,
}

func movableTransfer(from, to model.TransferStatus) bool {
	return slices.Contains(transferMoves[from], to)
}

func moveTransfer(t *model.Transfer, to model.TransferStatus) error {
	if !movableTransfer(t.Status, to) {
		return model.NewError(model.KindConflict, "transfer_"+string(t.Status), "the transfer is %s and cannot become %s", t.Status, to)
	}
	t.Status = to
	return nil
}

// movingTransfer reports whether WeChat Pay must be asked about a transfer.
func movingTransfer(s model.TransferStatus) bool {
	return len(transferMoves[s]) > 0 && s != model.TransferRefused
}
