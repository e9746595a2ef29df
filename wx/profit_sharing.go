package wx

import "wxhub/model"

// Receiver is somebody who may get parts of a merchant's payments (PROTOCOL §2.9).
type Receiver struct {
	MerchantID, SubMerchantID string
	AppID, SubAppID           string // in which the account of a person is an openid
	Type                      string // MERCHANT_ID, PERSONAL_OPENID, PERSONAL_SUB_OPENID
	Account                   string
	Name                      model.Secret // sent encrypted
	Relation                  string       // SERVICE_PROVIDER, STORE, STAFF, …
	CustomRelation            string       // ≤ 10 characters, with the relation CUSTOM
}

// ProfitSharing is what WeChat Pay is asked to share of one payment (PROTOCOL §2.9). Sending
// the same values again is safe and returns the same order.
type ProfitSharing struct {
	MerchantID, SubMerchantID string
	AppID, SubAppID           string
	TransactionID             string
	OutOrderNo                string
	Receivers                 []ProfitPart
	UnfreezeUnsplit           bool
	Description               string // of an unfreeze, which has no receivers
}

// ProfitPart is what one receiver gets.
type ProfitPart struct {
	Type, Account string
	Name          model.Secret // "" is not checked; sent encrypted
	Amount        model.Fen
	Description   string // ≤ 80 characters
}

// ProfitSharingState is what WeChat Pay says about one profit-sharing order.
type ProfitSharingState struct {
	OutOrderNo    string
	TransactionID string
	OrderID       string
	Finished      bool // else it is being processed
	Parts         []ProfitPartState
}

// ProfitResult is WeChat Pay's result for one receiver.
type ProfitResult string

// The results.
const (
	ProfitPending ProfitResult = "PENDING"
	ProfitSuccess ProfitResult = "SUCCESS"
	ProfitClosed  ProfitResult = "CLOSED"
)

// ProfitPartState is what became of one receiver's part. WeChat Pay adds a part of its own
// to an order that unfreezes: what went to the merchant.
type ProfitPartState struct {
	Type, Account string
	Amount        model.Fen
	Result        ProfitResult
	FailReason    string
	DetailID      string
}

// ProfitReturn is what WeChat Pay is asked to take back from a merchant that received a
// part. Sending the same values again is safe.
type ProfitReturn struct {
	MerchantID, SubMerchantID string
	OutOrderNo, OutReturnNo   string
	From                      string // return_mchid
	Amount                    model.Fen
	Description               string
}

// ProfitReturnStatus is WeChat Pay's status of a return.
type ProfitReturnStatus string

// The statuses of a return.
const (
	ProfitReturnProcessing ProfitReturnStatus = "PROCESSING"
	ProfitReturnSuccess    ProfitReturnStatus = "SUCCESS"
	ProfitReturnFailed     ProfitReturnStatus = "FAILED"
)

// ProfitReturnState is what WeChat Pay says about one return.
type ProfitReturnState struct {
	OutOrderNo, OutReturnNo string
	ReturnID                string
	From                    string
	Amount                  model.Fen
	Status                  ProfitReturnStatus
	FailReason              string
}

// ErrProfitSharingUnknown: WeChat Pay has no such out_order_no or out_return_no.
var ErrProfitSharingUnknown = model.NewError(model.KindUpstream, "wechat_profit_sharing_unknown", "WeChat Pay does not know this profit-sharing number")

// ErrProfitSharingTooEarly: the payment cannot be shared yet; the same number may be tried again.
var ErrProfitSharingTooEarly = model.NewError(model.KindUpstream, "wechat_profit_sharing_too_early", "the payment cannot be shared yet")
