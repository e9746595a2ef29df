package applyment

import (
	"slices"

	"wxhub/model"
	"wxhub/wx"
)

// said is what WeChat Pay can say of an application.
var said = []model.ApplymentStatus{
	model.ApplymentEditing, model.ApplymentAuditing, model.ApplymentRejected, model.ApplymentToBeConfirmed,
	model.ApplymentToBeSigned, model.ApplymentSigning, model.ApplymentFinished, model.ApplymentCanceled,
}

// moves is the table of legal changes of status. WeChat Pay's people may send an application back, so every state of
// theirs may follow every other that is not the end; only what they do not say is up to us: created and unsubmitted.
var moves = map[model.ApplymentStatus][]model.ApplymentStatus{
	model.ApplymentCreated: append([]model.ApplymentStatus{model.ApplymentUnsubmitted}, said...),
	// It may have come through after all, and can be submitted again.
	model.ApplymentUnsubmitted: append([]model.ApplymentStatus{model.ApplymentCreated}, said...),
	model.ApplymentEditing:     append([]model.ApplymentStatus{model.ApplymentCreated}, without(model.ApplymentEditing)...),
	model.ApplymentRejected:    append([]model.ApplymentStatus{model.ApplymentCreated}, without(model.ApplymentRejected)...),
	model.ApplymentCanceled:    append([]model.ApplymentStatus{model.ApplymentCreated}, without(model.ApplymentCanceled)...),

	model.ApplymentAuditing:      without(model.ApplymentAuditing),
	model.ApplymentToBeConfirmed: without(model.ApplymentToBeConfirmed),
	model.ApplymentToBeSigned:    without(model.ApplymentToBeSigned),
	model.ApplymentSigning:       without(model.ApplymentSigning),
	model.ApplymentFinished:      {},
}

func without(s model.ApplymentStatus) []model.ApplymentStatus {
	return slices.DeleteFunc(slices.Clone(said), func(x model.ApplymentStatus) bool { return x == s })
}

// states says what WeChat Pay's states are here.
var states = map[wx.ApplymentState]model.ApplymentStatus{
	wx.ApplymentEditing:       model.ApplymentEditing,
	wx.ApplymentAuditing:      model.ApplymentAuditing,
	wx.ApplymentRejected:      model.ApplymentRejected,
	wx.ApplymentToBeConfirmed: model.ApplymentToBeConfirmed,
	wx.ApplymentToBeSigned:    model.ApplymentToBeSigned,
	wx.ApplymentSigning:       model.ApplymentSigning,
	wx.ApplymentFinished:      model.ApplymentFinished,
	wx.ApplymentCanceled:      model.ApplymentCanceled,
}

func move(a *model.Applyment, to model.ApplymentStatus) error {
	if !slices.Contains(moves[a.Status], to) {
		return model.NewError(model.KindConflict, "applyment_"+string(a.Status), "the application is %s and cannot become %s", a.Status, to)
	}
	a.Status = to
	return nil
}

// resubmittable reports whether an application waits for us.
func resubmittable(s model.ApplymentStatus) bool {
	return slices.Contains(moves[s], model.ApplymentCreated)
}

// pending reports whether WeChat Pay must be asked about an application.
func pending(s model.ApplymentStatus) bool { return !resubmittable(s) && s != model.ApplymentFinished }
