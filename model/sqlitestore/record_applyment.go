package sqlitestore

import (
	"time"

	"wxhub/model"
)

// applymentRecord is the document of an application: everything but id, version and outbox.
type applymentRecord struct {
	MerchantID    string                `json:"merchant_id"`
	BusinessCode  string                `json:"business_code"`
	ShortName     string                `json:"short_name,omitempty"`
	Status        model.ApplymentStatus `json:"status"`
	ApplymentID   int64                 `json:"applyment_id,omitempty"`
	SubMerchantID string                `json:"sub_merchant_id,omitempty"`
	SignURL       string                `json:"sign_url,omitempty"`
	Message       string                `json:"message,omitempty"`
	Rejections    []rejectionRecord     `json:"rejections,omitempty"`
	LastError     string                `json:"last_error,omitempty"`
	RequestKey    string                `json:"request_key,omitempty"`
	BodyHash      string                `json:"body_hash,omitempty"`
	CreatedAt     time.Time             `json:"created_at,omitzero"`
	SubmittedAt   time.Time             `json:"submitted_at,omitzero"`
	ChangedAt     time.Time             `json:"changed_at,omitzero"`
	CheckAt       time.Time             `json:"check_at,omitzero"`
	History       []stepRecord          `json:"history,omitempty"`
}

type rejectionRecord struct {
	Field     string `json:"field,omitempty"`
	FieldName string `json:"field_name,omitempty"`
	Reason    string `json:"reason,omitempty"`
}

func recordOfApplyment(a model.Applyment) applymentRecord {
	r := applymentRecord{
		MerchantID: a.MerchantID, BusinessCode: a.BusinessCode, ShortName: a.ShortName, Status: a.Status, ApplymentID: a.ApplymentID,
		SubMerchantID: a.SubMerchantID, SignURL: a.SignURL, Message: a.Message, LastError: a.LastError, RequestKey: a.RequestKey, BodyHash: a.BodyHash,
		CreatedAt: model.Instant(a.CreatedAt), SubmittedAt: model.Instant(a.SubmittedAt), ChangedAt: model.Instant(a.ChangedAt),
		CheckAt: model.Instant(a.CheckAt), History: recordsOfSteps(a.History),
	}
	for _, x := range a.Rejections {
		r.Rejections = append(r.Rejections, rejectionRecord(x))
	}
	return r
}

func (r applymentRecord) applyment(h head) model.Applyment {
	a := model.Applyment{
		ID: h.ID, Version: h.Version, Outbox: eventsOf(h.Outbox),
		MerchantID: r.MerchantID, BusinessCode: r.BusinessCode, ShortName: r.ShortName, Status: r.Status, ApplymentID: r.ApplymentID,
		SubMerchantID: r.SubMerchantID, SignURL: r.SignURL, Message: r.Message, LastError: r.LastError, RequestKey: r.RequestKey, BodyHash: r.BodyHash,
		CreatedAt: r.CreatedAt, SubmittedAt: r.SubmittedAt, ChangedAt: r.ChangedAt, CheckAt: r.CheckAt,
	}
	for _, x := range r.Rejections {
		a.Rejections = append(a.Rejections, model.ApplymentRejection(x))
	}
	for _, x := range r.History {
		a.History = append(a.History, model.Step(x))
	}
	return a
}
