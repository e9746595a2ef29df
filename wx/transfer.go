package wx

import "wxhub/model"

// Transfer is what WeChat Pay is asked to pay to one person (商家转账). Sending the same values
// again is safe and returns the same transfer; sending the same OutBillNo with other
// values is refused.
type Transfer struct {
	MerchantID string
	AppID      string
	OutBillNo  string // ≤ 32 letters and digits
	OpenID     string // of the receiver, in AppID
	UserName   model.Secret
	Amount     model.Fen
	SceneID    string // transfer_scene_id
	Remark     string // ≤ 32 characters
	Perception string // user_recv_perception; "" is the scene's own
	Reports    []TransferReport
	NotifyURL  string
}

// TransferReport says what a transfer is for, as its scene wants it.
type TransferReport struct{ Type, Content string }

// TransferStatus is WeChat Pay's state of a transfer.
type TransferStatus string

// The states of a transfer at WeChat Pay.
const (
	TransferAccepted     TransferStatus = "ACCEPTED"
	TransferProcessing   TransferStatus = "PROCESSING"
	TransferWaiting      TransferStatus = "WAIT_USER_CONFIRM"
	TransferTransferring TransferStatus = "TRANSFERING"
	TransferSuccess      TransferStatus = "SUCCESS"
	TransferFail         TransferStatus = "FAIL"
	TransferCanceling    TransferStatus = "CANCELING"
	TransferCancelled    TransferStatus = "CANCELLED"
)

// TransferState is what WeChat Pay says about one transfer, in a verified answer or a verified
// notification.
type TransferState struct {
	MerchantID     string
	OutBillNo      string
	TransferBillNo string
	Status         TransferStatus
	Amount         model.Fen // 0 when it does not say
	OpenID         string    // "" when it does not say
	FailReason     string
	PackageInfo    string // only in the answer to a new transfer that waits for the receiver
}

// TransferInvoke is what a mini-program or a page hands to wx.requestMerchantTransfer, so that
// the receiver can confirm.
type TransferInvoke struct {
	MerchantID string `json:"mchId"`
	AppID      string `json:"appId"`
	Package    string `json:"package"`
}

// ErrTransferUnknown: WeChat Pay has no such out_bill_no.
var ErrTransferUnknown = model.NewError(model.KindUpstream, "wechat_transfer_unknown", "WeChat Pay does not know this transfer")
