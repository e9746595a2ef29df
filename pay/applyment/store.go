package applyment

import (
	"context"
	"time"

	"wxhub/model"
	"wxhub/wx"
)

// Store keeps applications. Every method may also return model.ErrUnavailable.
type Store interface {
	// AddApplyment stores a with Version 1 unless its ID is taken; false when it was.
	AddApplyment(ctx context.Context, a model.Applyment) (created bool, err error)
	// Applyment returns one application, or model.ErrNotFound.
	Applyment(ctx context.Context, id string) (model.Applyment, error)
	// ReplaceApplyment stores a as Version a.Version+1 when the stored version is still
	// a.Version, durably before it returns; else model.ErrStale (or model.ErrNotFound).
	ReplaceApplyment(ctx context.Context, a model.Applyment) error
	// ListApplyments returns at most f.Limit of them, in the order of ID.
	ListApplyments(ctx context.Context, f model.ApplymentFilter) ([]model.Applyment, error)
	// DueApplyments returns applications with a CheckAt at or before now, the longest due first.
	DueApplyments(ctx context.Context, now time.Time, limit int) ([]model.Applyment, error)
}

// WeChatPay is what this package needs of WeChat Pay. wx/wxpay.Gateway is one; the errors are
// those listed there.
type WeChatPay interface {
	SubmitApplyment(ctx context.Context, merchantID string, a wx.Applyment) (applymentID int64, err error)
	QueryApplyment(ctx context.Context, merchantID, businessCode string) (wx.ApplymentStatement, error)
	UploadMedia(ctx context.Context, merchantID string, m wx.Media) (mediaID string, err error)
	ModifySettlement(ctx context.Context, merchantID, subMerchantID string, c wx.SettlementChange) (applicationNo string, err error)
	QuerySettlement(ctx context.Context, merchantID, subMerchantID string) (wx.SettlementAccount, error)
	QuerySettlementChange(ctx context.Context, merchantID, subMerchantID, applicationNo string) (wx.SettlementAccount, error)
}
