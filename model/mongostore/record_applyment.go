package mongostore

import (
	"time"

	"wxhub/model"
)

// applymentRecord is the document of an application. CheckAt is not there when there is nothing to check.
type applymentRecord struct {
	ID            string                `bson:"_id"`
	Version       int64                 `bson:"version"`
	MerchantID    string                `bson:"merchant_id"`
	BusinessCode  string                `bson:"business_code"`
	ShortName     string                `bson:"short_name,omitempty"`
	Status        model.ApplymentStatus `bson:"status"`
	ApplymentID   int64                 `bson:"applyment_id,omitempty"`
	SubMerchantID string                `bson:"sub_merchant_id,omitempty"`
	SignURL       string                `bson:"sign_url,omitempty"`
	Message       string                `bson:"message,omitempty"`
	Rejections    []rejectionRecord     `bson:"rejections,omitempty"`
	LastError     string                `bson:"last_error,omitempty"`
	RequestKey    string                `bson:"request_key,omitempty"`
	BodyHash      string                `bson:"body_hash,omitempty"`
	CreatedAt     time.Time             `bson:"created_at,omitempty"`
	SubmittedAt   time.Time             `bson:"submitted_at,omitempty"`
	ChangedAt     time.Time             `bson:"changed_at,omitempty"`
	CheckAt       time.Time             `bson:"check_at,omitempty"`
	History       []stepRecord          `bson:"history,omitempty"`
	Outbox        []eventRecord         `bson:"outbox,omitempty"`
	HasOutbox     bool                  `bson:"has_outbox"`
}

type rejectionRecord struct {
	Field     string `bson:"field,omitempty"`
	FieldName string `bson:"field_name,omitempty"`
	Reason    string `bson:"reason,omitempty"`
}

func recordOfApplyment(a model.Applyment, version int64) applymentRecord {
	r := applymentRecord{
		ID: a.ID, Version: version, Outbox: recordsOf(a.Outbox), HasOutbox: len(a.Outbox) > 0,
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

func (r applymentRecord) applyment() model.Applyment {
	a := model.Applyment{
		ID: r.ID, Version: r.Version, Outbox: eventsOf(r.Outbox),
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
