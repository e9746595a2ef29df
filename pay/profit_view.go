package pay

import (
	"time"

	"wxhub/model"
)

// ProfitSharingView is a profit sharing as the API shows it. Names are not shown.
type ProfitSharingView struct {
	ID              string               `json:"id" doc:"also out_order_no at WeChat Pay"`
	OrderID         string               `json:"order_id"`
	Status          string               `json:"status" enum:"created,processing,finished,failed" doc:"created: waits for its time, or WeChat Pay's answer is not known yet; it is tried again"`
	OutTradeNo      string               `json:"out_trade_no" doc:"of the payment"`
	Receivers       []ProfitReceiverView `json:"receivers" nullable:"false" doc:"none: what is left goes to the merchant"`
	UnfreezeUnsplit bool                 `json:"unfreeze_unsplit"`
	WeChatOrderID   string               `json:"wechat_order_id,omitempty" doc:"WeChat Pay's number"`
	LastError       string               `json:"last_error,omitempty" doc:"what WeChat Pay said against it"`
	CreatedAt       time.Time            `json:"created_at"`
	FinishedAt      *time.Time           `json:"finished_at,omitempty"`
	Returns         []ProfitReturnView   `json:"returns,omitempty"`
}

// ProfitReceiverView is one receiver's part.
type ProfitReceiverView struct {
	Type        string `json:"type"`
	Account     string `json:"account"`
	Amount      int64  `json:"amount" doc:"fen"`
	Description string `json:"description"`
	Result      string `json:"result" enum:"pending,success,closed"`
	FailReason  string `json:"fail_reason,omitempty" doc:"WeChat Pay's, such as NO_RELATION"`
	DetailID    string `json:"detail_id,omitempty"`
}

// ProfitReturnView is the return of a part.
type ProfitReturnView struct {
	ID         string     `json:"id" doc:"also out_return_no at WeChat Pay"`
	MerchantID string     `json:"merchant_id" doc:"who gives back"`
	Amount     int64      `json:"amount" doc:"fen"`
	Status     string     `json:"status" enum:"created,processing,succeeded,failed"`
	ReturnID   string     `json:"return_id,omitempty"`
	LastError  string     `json:"last_error,omitempty"`
	CreatedAt  time.Time  `json:"created_at"`
	FinishedAt *time.Time `json:"finished_at,omitempty"`
}

// ViewProfitSharing shows a profit sharing of an order to the outside.
func ViewProfitSharing(o model.Order, x model.ProfitSharing) ProfitSharingView {
	v := ProfitSharingView{
		ID: x.ID, OrderID: o.ID, Status: string(x.Status), OutTradeNo: x.OutTradeNo, Receivers: []ProfitReceiverView{},
		UnfreezeUnsplit: x.UnfreezeUnsplit, WeChatOrderID: x.OrderID, LastError: x.LastError, CreatedAt: x.CreatedAt, FinishedAt: moment(x.FinishedAt),
	}
	for _, r := range x.Receivers {
		v.Receivers = append(v.Receivers, ProfitReceiverView{
			Type: r.Type, Account: r.Account, Amount: int64(r.Amount), Description: r.Description,
			Result: string(r.Result), FailReason: r.FailReason, DetailID: r.DetailID,
		})
	}
	for _, r := range x.Returns {
		v.Returns = append(v.Returns, ViewProfitReturn(r))
	}
	return v
}

// ViewProfitReturn shows a return to the outside.
func ViewProfitReturn(r model.ProfitReturn) ProfitReturnView {
	return ProfitReturnView{
		ID: r.ID, MerchantID: r.MerchantID, Amount: int64(r.Amount), Status: string(r.Status), ReturnID: r.ReturnID,
		LastError: r.LastError, CreatedAt: r.CreatedAt, FinishedAt: moment(r.FinishedAt),
	}
}
