package applyment

import (
	"fmt"
	"strconv"
	"time"

	"wxhub/model"
	"wxhub/pay"
)

// ApplymentView is an application as the API and the events show it.
type ApplymentView struct {
	BusinessCode  string          `json:"business_code"`
	MerchantID    string          `json:"merchant_id" doc:"the service provider"`
	Status        string          `json:"status" enum:"created,unsubmitted,editing,auditing,rejected,to_be_confirmed,to_be_signed,signing,finished,canceled" doc:"created: WeChat Pay's answer is not known yet; it is asked about. unsubmitted, editing, rejected, canceled: to be submitted again"`
	Shortname     string          `json:"merchant_shortname,omitempty"`
	ApplymentID   string          `json:"applyment_id,omitempty" doc:"WeChat Pay's number"`
	SubMerchantID string          `json:"sub_merchant_id,omitempty" doc:"takes payments once the application is finished and it is in pay.merchants[].sub_merchants"`
	SignURL       string          `json:"sign_url,omitempty" doc:"where the super administrator goes on"`
	Message       string          `json:"message,omitempty" doc:"WeChat Pay's word on the state"`
	Rejections    []RejectionView `json:"rejections,omitempty"`
	LastError     string          `json:"last_error,omitempty" doc:"why WeChat Pay refused the last submission"`
	NextStep      string          `json:"next_step,omitempty" doc:"what has to be done, and by whom"`
	CreatedAt     time.Time       `json:"created_at"`
	SubmittedAt   time.Time       `json:"submitted_at" doc:"the last time"`
	ChangedAt     time.Time       `json:"changed_at" doc:"when the status became what it is"`
	Steps         []pay.StepView  `json:"steps" nullable:"false"`
}

// RejectionView is one thing that WeChat Pay found wrong.
type RejectionView struct {
	Field     string `json:"field,omitempty" doc:"of the application"`
	FieldName string `json:"field_name,omitempty" doc:"in WeChat Pay's words"`
	Reason    string `json:"reason"`
}

// ViewOf shows an application to the outside.
func ViewOf(a model.Applyment) ApplymentView {
	v := ApplymentView{
		BusinessCode: a.BusinessCode, MerchantID: a.MerchantID, Status: string(a.Status), Shortname: a.ShortName, SubMerchantID: a.SubMerchantID,
		SignURL: a.SignURL, Message: a.Message, LastError: a.LastError, NextStep: nextStep(a),
		CreatedAt: a.CreatedAt, SubmittedAt: a.SubmittedAt, ChangedAt: a.ChangedAt, Steps: []pay.StepView{},
	}
	if a.ApplymentID != 0 {
		v.ApplymentID = strconv.FormatInt(a.ApplymentID, 10)
	}
	for _, x := range a.Rejections {
		v.Rejections = append(v.Rejections, RejectionView(x))
	}
	for _, x := range a.History {
		v.Steps = append(v.Steps, pay.StepView(x))
	}
	return v
}

func nextStep(a model.Applyment) string {
	switch a.Status {
	case model.ApplymentRejected:
		return "correct what rejections names and submit the application again, with the same business_code"
	case model.ApplymentUnsubmitted, model.ApplymentEditing, model.ApplymentCanceled:
		return "submit the application again, with the same business_code"
	case model.ApplymentToBeConfirmed:
		return "the super administrator opens sign_url in WeChat and confirms the bank account, within 10 days"
	case model.ApplymentToBeSigned:
		return "the super administrator opens sign_url in WeChat and signs, within 30 days"
	case model.ApplymentFinished:
		return fmt.Sprintf("add {id: %q} to sub_merchants of merchant %s in the configuration, with the apps that are bound to it, and restart", a.SubMerchantID, a.MerchantID)
	}
	return ""
}
