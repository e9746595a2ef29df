package mongostore

import (
	"time"

	"wxhub/model"
)

// transferRecord is the document of a transfer. CheckAt is not there when there is nothing to check.
type transferRecord struct {
	ID             string                 `bson:"_id"`
	Version        int64                  `bson:"version"`
	MerchantID     string                 `bson:"merchant_id"`
	AppID          string                 `bson:"app_id"`
	UserID         string                 `bson:"user_id,omitempty"`
	OpenID         string                 `bson:"open_id,omitempty"`
	Amount         model.Fen              `bson:"amount"`
	SceneID        string                 `bson:"scene_id,omitempty"`
	Remark         string                 `bson:"remark,omitempty"`
	Perception     string                 `bson:"perception,omitempty"`
	Reports        []transferReportRecord `bson:"reports,omitempty"`
	UserName       string                 `bson:"user_name,omitempty"`
	NotifyURL      string                 `bson:"notify_url,omitempty"`
	Status         model.TransferStatus   `bson:"status"`
	PackageInfo    string                 `bson:"package_info,omitempty"`
	TransferBillNo string                 `bson:"transfer_bill_no,omitempty"`
	LastError      string                 `bson:"last_error,omitempty"`
	BodyHash       string                 `bson:"body_hash,omitempty"`
	CreatedAt      time.Time              `bson:"created_at"`
	FinishedAt     time.Time              `bson:"finished_at,omitempty"`
	CheckAt        time.Time              `bson:"check_at,omitempty"`
	History        []stepRecord           `bson:"history,omitempty"`
	Outbox         []eventRecord          `bson:"outbox,omitempty"`
	HasOutbox      bool                   `bson:"has_outbox"`
}

type transferReportRecord struct {
	Type    string `bson:"type"`
	Content string `bson:"content"`
}

func recordOfTransfer(t model.Transfer, version int64) transferRecord {
	r := transferRecord{
		ID: t.ID, Version: version, Outbox: recordsOf(t.Outbox), HasOutbox: len(t.Outbox) > 0,
		MerchantID: t.MerchantID, AppID: t.AppID, UserID: t.UserID, OpenID: t.OpenID, Amount: t.Amount, SceneID: t.SceneID,
		Remark: t.Remark, Perception: t.Perception, UserName: t.UserName, NotifyURL: t.NotifyURL, Status: t.Status,
		PackageInfo: t.PackageInfo, TransferBillNo: t.TransferBillNo, LastError: t.LastError, BodyHash: t.BodyHash,
		CreatedAt: model.Instant(t.CreatedAt), FinishedAt: model.Instant(t.FinishedAt), CheckAt: model.Instant(t.CheckAt), History: recordsOfSteps(t.History),
	}
	for _, x := range t.Reports {
		r.Reports = append(r.Reports, transferReportRecord(x))
	}
	return r
}

func (r transferRecord) transfer() model.Transfer {
	t := model.Transfer{
		ID: r.ID, Version: r.Version, Outbox: eventsOf(r.Outbox),
		MerchantID: r.MerchantID, AppID: r.AppID, UserID: r.UserID, OpenID: r.OpenID, Amount: r.Amount, SceneID: r.SceneID,
		Remark: r.Remark, Perception: r.Perception, UserName: r.UserName, NotifyURL: r.NotifyURL, Status: r.Status,
		PackageInfo: r.PackageInfo, TransferBillNo: r.TransferBillNo, LastError: r.LastError, BodyHash: r.BodyHash,
		CreatedAt: r.CreatedAt, FinishedAt: r.FinishedAt, CheckAt: r.CheckAt,
	}
	for _, x := range r.Reports {
		t.Reports = append(t.Reports, model.TransferReport(x))
	}
	for _, x := range r.History {
		t.History = append(t.History, model.Step(x))
	}
	return t
}
