package pay

import (
	"time"

	"wxhub/model"
	"wxhub/wx"
)

// TransferView is a transfer as the API and the events show it. The receiver's openid and
// name stay inside.
type TransferView struct {
	ID             string             `json:"id" doc:"also out_bill_no at WeChat Pay"`
	Status         string             `json:"status" enum:"created,processing,waiting,transferring,canceling,succeeded,failed,cancelled,refused" doc:"created: WeChat Pay's answer is not known yet; it is tried again. waiting: for the receiver"`
	MerchantID     string             `json:"merchant_id"`
	AppID          string             `json:"app_id"`
	UserID         string             `json:"user_id"`
	Amount         int64              `json:"amount" doc:"fen"`
	SceneID        string             `json:"scene_id"`
	Remark         string             `json:"remark"`
	TransferBillNo string             `json:"transfer_bill_no,omitempty" doc:"WeChat Pay's number"`
	LastError      string             `json:"last_error,omitempty" doc:"why WeChat Pay refused, or the transfer failed"`
	Invoke         *wx.TransferInvoke `json:"invoke,omitempty" doc:"for wx.requestMerchantTransfer, while the receiver must confirm"`
	CreatedAt      time.Time          `json:"created_at"`
	FinishedAt     *time.Time         `json:"finished_at,omitempty"`
	Steps          []StepView         `json:"steps" nullable:"false"`
}

// ViewTransfer shows a transfer to the outside.
func ViewTransfer(t model.Transfer) TransferView {
	v := TransferView{
		ID: t.ID, Status: string(t.Status), MerchantID: t.MerchantID, AppID: t.AppID, UserID: t.UserID, Amount: int64(t.Amount),
		SceneID: t.SceneID, Remark: t.Remark, TransferBillNo: t.TransferBillNo, LastError: t.LastError,
		CreatedAt: t.CreatedAt, FinishedAt: moment(t.FinishedAt), Steps: []StepView{},
	}
	if invoke, open := InvokeTransfer(t); open {
		v.Invoke = &invoke
	}
	for _, s := range t.History {
		v.Steps = append(v.Steps, StepView(s))
	}
	return v
}
