package sqlitestore

import (
	"time"

	"wxhub/model"
)

// transferRecord is the document of a transfer: everything but id, version and outbox.
type transferRecord struct {
	MerchantID     string                 `json:"merchant_id"`
	AppID          string                 `json:"app_id"`
	UserID         string                 `json:"user_id,omitempty"`
	OpenID         string                 `json:"open_id,omitempty"`
	Amount         model.Fen              `json:"amount"`
	SceneID        string                 `json:"scene_id,omitempty"`
	Remark         string                 `json:"remark,omitempty"`
	Perception     string                 `json:"perception,omitempty"`
	Reports        []transferReportRecord `json:"reports,omitempty"`
	UserName       string                 `json:"user_name,omitempty"`
	NotifyURL      string                 `json:"notify_url,omitempty"`
	Status         model.TransferStatus   `json:"status"`
	PackageInfo    string                 `json:"package_info,omitempty"`
	TransferBillNo string                 `json:"transfer_bill_no,omitempty"`
	LastError      string                 `json:"last_error,omitempty"`
	BodyHash       string                 `json:"body_hash,omitempty"`
	CreatedAt      time.Time              `json:"created_at,omitzero"`
	FinishedAt     time.Time              `json:"finished_at,omitzero"`
	CheckAt        time.Time              `json:"check_at,omitzero"`
	History        []stepRecord           `json:"history,omitempty"`
}

type transferReportRecord struct {
	Type    string `json:"type"`
	Content string `json:"content"`
}

func recordOfTransfer(t model.Transfer) transferRecord {
	r := transferRecord{
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

func (r transferRecord) transfer(h head) model.Transfer {
	t := model.Transfer{
		ID: h.ID, Version: h.Version, Outbox: eventsOf(h.Outbox),
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
