package sqlitestore

import (
	"time"

	"wxhub/model"
)

type sharingRecord struct {
	ID              string                    `json:"id"`
	OutTradeNo      string                    `json:"out_trade_no"`
	Receivers       []profitReceiverRecord    `json:"receivers,omitempty"`
	UnfreezeUnsplit bool                      `json:"unfreeze_unsplit,omitempty"`
	Description     string                    `json:"description,omitempty"`
	Status          model.ProfitSharingStatus `json:"status"`
	OrderID         string                    `json:"order_id,omitempty"`
	KeyHash         string                    `json:"key_hash,omitempty"`
	BodyHash        string                    `json:"body_hash,omitempty"`
	LastError       string                    `json:"last_error,omitempty"`
	CreatedAt       time.Time                 `json:"created_at,omitzero"`
	FinishedAt      time.Time                 `json:"finished_at,omitzero"`
	Returns         []profitReturnRecord      `json:"returns,omitempty"`
}

type profitReceiverRecord struct {
	Type        string             `json:"type"`
	Account     string             `json:"account"`
	Name        string             `json:"name,omitempty"`
	Amount      model.Fen          `json:"amount"`
	Description string             `json:"description,omitempty"`
	Result      model.ProfitResult `json:"result,omitempty"`
	FailReason  string             `json:"fail_reason,omitempty"`
	DetailID    string             `json:"detail_id,omitempty"`
}

type profitReturnRecord struct {
	ID          string                   `json:"id"`
	MerchantID  string                   `json:"merchant_id"`
	Amount      model.Fen                `json:"amount"`
	Description string                   `json:"description,omitempty"`
	Status      model.ProfitReturnStatus `json:"status"`
	ReturnID    string                   `json:"return_id,omitempty"`
	KeyHash     string                   `json:"key_hash,omitempty"`
	BodyHash    string                   `json:"body_hash,omitempty"`
	LastError   string                   `json:"last_error,omitempty"`
	CreatedAt   time.Time                `json:"created_at,omitzero"`
	FinishedAt  time.Time                `json:"finished_at,omitzero"`
}

func recordsOfSharings(sharings []model.ProfitSharing) (records []sharingRecord) {
	for _, x := range sharings {
		r := sharingRecord{
			ID: x.ID, OutTradeNo: x.OutTradeNo, UnfreezeUnsplit: x.UnfreezeUnsplit, Description: x.Description, Status: x.Status,
			OrderID: x.OrderID, KeyHash: x.KeyHash, BodyHash: x.BodyHash, LastError: x.LastError,
			CreatedAt: model.Instant(x.CreatedAt), FinishedAt: model.Instant(x.FinishedAt),
		}
		for _, y := range x.Receivers {
			r.Receivers = append(r.Receivers, profitReceiverRecord(y))
		}
		for _, y := range x.Returns {
			back := profitReturnRecord(y)
			back.CreatedAt, back.FinishedAt = model.Instant(y.CreatedAt), model.Instant(y.FinishedAt)
			r.Returns = append(r.Returns, back)
		}
		records = append(records, r)
	}
	return records
}

func sharingsOf(records []sharingRecord) (sharings []model.ProfitSharing) {
	for _, r := range records {
		x := model.ProfitSharing{
			ID: r.ID, OutTradeNo: r.OutTradeNo, UnfreezeUnsplit: r.UnfreezeUnsplit, Description: r.Description, Status: r.Status,
			OrderID: r.OrderID, KeyHash: r.KeyHash, BodyHash: r.BodyHash, LastError: r.LastError,
			CreatedAt: r.CreatedAt, FinishedAt: r.FinishedAt,
		}
		for _, y := range r.Receivers {
			x.Receivers = append(x.Receivers, model.ProfitReceiver(y))
		}
		for _, y := range r.Returns {
			x.Returns = append(x.Returns, model.ProfitReturn(y))
		}
		sharings = append(sharings, x)
	}
	return sharings
}
