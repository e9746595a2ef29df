package wxpay

import (
	"errors"

	"github.com/wechatpay-apiv3/wechatpay-go/services/profitsharing"

	"wxhub/model"
	"wxhub/wx"
)

// sharingOf turns the SDK's pointers into our type, and refuses what does not mean anything.
func sharingOf(o *profitsharing.OrdersEntity) (wx.ProfitSharingState, error) {
	if o == nil || o.State == nil || value(o.OutOrderNo) == "" || value(o.OrderId) == "" || len(*o.OrderId) > 64 {
		return wx.ProfitSharingState{}, errors.New("a profit-sharing order lacks state, out_order_no or order_id")
	}
	out := wx.ProfitSharingState{OutOrderNo: *o.OutOrderNo, TransactionID: value(o.TransactionId), OrderID: *o.OrderId}
	switch *o.State {
	case profitsharing.ORDERSTATUS_FINISHED:
		out.Finished = true
	case profitsharing.ORDERSTATUS_PROCESSING:
	default:
		return wx.ProfitSharingState{}, errors.New("a profit-sharing order has a state that nobody knows")
	}
	for _, r := range o.Receivers {
		p := wx.ProfitPartState{Account: value(r.Account), Amount: model.Fen(number(r.Amount)), DetailID: value(r.DetailId)}
		if r.Type != nil {
			p.Type = string(*r.Type)
		}
		if r.FailReason != nil {
			p.FailReason = string(*r.FailReason)
		}
		if r.Result != nil {
			p.Result = wx.ProfitResult(*r.Result)
		}
		switch p.Result {
		case wx.ProfitSuccess, wx.ProfitClosed, wx.ProfitPending:
		default:
			return wx.ProfitSharingState{}, errors.New("a receiver has a result that nobody knows")
		}
		out.Parts = append(out.Parts, p)
	}
	return out, nil
}

func profitReturnOf(o *profitsharing.ReturnOrdersEntity) (wx.ProfitReturnState, error) {
	if o == nil || o.Result == nil || value(o.OutReturnNo) == "" || number(o.Amount) <= 0 || len(value(o.ReturnId)) > 64 {
		return wx.ProfitReturnState{}, errors.New("a return lacks result, out_return_no or amount")
	}
	out := wx.ProfitReturnState{
		OutOrderNo: value(o.OutOrderNo), OutReturnNo: *o.OutReturnNo, ReturnID: value(o.ReturnId),
		From: value(o.ReturnMchid), Amount: model.Fen(*o.Amount), Status: wx.ProfitReturnStatus(*o.Result),
	}
	if o.FailReason != nil {
		out.FailReason = string(*o.FailReason)
	}
	switch out.Status {
	case wx.ProfitReturnProcessing, wx.ProfitReturnSuccess, wx.ProfitReturnFailed:
		return out, nil
	}
	return wx.ProfitReturnState{}, errors.New("a return has a result that nobody knows")
}
