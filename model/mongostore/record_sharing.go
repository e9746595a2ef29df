package mongostore

import (
	"time"

	"wxhub/model"
)

type sharingRecord struct {
	ID              string                    `bson:"id"`
	OutTradeNo      string                    `bson:"out_trade_no"`
	Receivers       []profitReceiverRecord    `bson:"receivers,omitempty"`
	UnfreezeUnsplit bool                      `bson:"unfreeze_unsplit,omitempty"`
	Description     string                    `bson:"description,omitempty"`
	Status          model.ProfitSharingStatus `bson:"status"`
	OrderID         string                    `bson:"order_id,omitempty"`
	KeyHash         string                    `bson:"key_hash,omitempty"`
	BodyHash        string                    `bson:"body_hash,omitempty"`
	LastError       string                    `bson:"last_error,omitempty"`
	CreatedAt       time.Time                 `bson:"created_at,omitempty"`
	FinishedAt      time.Time                 `bson:"finished_at,omitempty"`
	Returns         []profitReturnRecord      `bson:"returns,omitempty"`
}

type profitReceiverRecord struct {
	Type        string             `bson:"type"`
	Account     string             `bson:"account"`
	Name        string             `bson:"name,omitempty"`
	Amount      model.Fen          `bson:"amount"`
	Description string             `bson:"description,omitempty"`
	Result      model.ProfitResult `bson:"result,omitempty"`
	FailReason  string             `bson:"fail_reason,omitempty"`
	DetailID    string             `bson:"detail_id,omitempty"`
}

type profitReturnRecord struct {
	ID          string                   `bson:"id"`
	MerchantID  string                   `bson:"merchant_id"`
	Amount      model.Fen                `bson:"amount"`
	Description string                   `bson:"description,omitempty"`
	Status      model.ProfitReturnStatus `bson:"status"`
	ReturnID    string                   `bson:"return_id,omitempty"`
	KeyHash     string                   `bson:"key_hash,omitempty"`
	BodyHash    string                   `bson:"body_hash,omitempty"`
	LastError   string                   `bson:"last_error,omitempty"`
	CreatedAt   time.Time                `bson:"created_at,omitempty"`
	FinishedAt  time.Time                `bson:"finished_at,omitempty"`
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
