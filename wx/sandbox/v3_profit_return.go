package sandbox

import "encoding/json"

// returnAnswer is a return as both calls show it.
type returnAnswer struct {
	SubMchID    string `json:"sub_mchid,omitempty"`
	OrderID     string `json:"order_id"`
	OutOrderNo  string `json:"out_order_no"`
	OutReturnNo string `json:"out_return_no"`
	ReturnID    string `json:"return_id"`
	ReturnMchID string `json:"return_mchid"`
	Amount      int64  `json:"amount"` // fen
	Description string `json:"description"`
	Result      string `json:"result"`
	FailReason  string `json:"fail_reason,omitempty"`
	CreateTime  string `json:"create_time"`
	FinishTime  string `json:"finish_time"` // the epoch until then
}

func returnAnswerOf(r ProfitReturn) returnAnswer {
	return returnAnswer{SubMchID: r.SubMchID, OrderID: r.OrderID, OutOrderNo: r.OutOrderNo, OutReturnNo: r.OutReturnNo, ReturnID: r.ReturnID,
		ReturnMchID: r.ReturnMchID, Amount: r.Amount, Description: r.Description, Result: r.Result, FailReason: r.FailReason,
		CreateTime: stamp(r.Created), FinishTime: stampEnd(r.Ended)}
}

func (p *Platform) returnProfit(in *v3Call) (any, error) {
	object, refused := parseObject(in.body, returnFields())
	if refused != nil {
		return nil, refused
	}
	var r struct {
		SubMchID    string `json:"sub_mchid"`
		OrderID     string `json:"order_id"`
		OutOrderNo  string `json:"out_order_no"`
		OutReturnNo string `json:"out_return_no"`
		ReturnMchID string `json:"return_mchid"`
		Amount      int64  `json:"amount"`
		Description string `json:"description"`
	}
	if json.Unmarshal(in.body, &r) != nil {
		return nil, invalidRequest(internalParamInvalid, "请求体不是合法的JSON对象", nil)
	}
	if refused := checkSharingNumber("/out_return_no", r.OutReturnNo); refused != nil {
		return nil, refused
	}
	if (r.OrderID == "") == (r.OutOrderNo == "") {
		return nil, paramError(internalParamInvalid, "order_id和out_order_no必须且只能传其中一个", detailOf("/order_id", "exactly one"))
	}
	if refused := checkRefundSub(in, r.SubMchID); refused != nil {
		return nil, refused
	}
	// By which of its numbers the profit sharing is named does not change the return.
	delete(object, "order_id")
	delete(object, "out_order_no")
	made, refused := p.book.placeReturn(ProfitReturn{MchID: in.merchant.ID, SubMchID: r.SubMchID, OrderID: r.OrderID, OutOrderNo: r.OutOrderNo,
		OutReturnNo: r.OutReturnNo, ReturnMchID: r.ReturnMchID, Amount: r.Amount, Description: r.Description, parameters: string(encode(object))})
	if refused != nil {
		return nil, refused
	}
	in.outTradeNo = made.sharing.OutTradeNo
	if made.fresh {
		p.notifier.givenBack(made)
	}
	return returnAnswerOf(made), nil
}

func (p *Platform) queryReturn(in *v3Call) (any, error) {
	query := in.request.URL.Query()
	outOrderNo, subMchID := query.Get("out_order_no"), query.Get("sub_mchid")
	if outOrderNo == "" {
		return nil, missingInQuery(field{name: "out_order_no", label: "商户分账单号"})
	}
	if refused := checkRefundSub(in, subMchID); refused != nil {
		return nil, refused
	}
	r, found := p.book.findReturn(in.merchant.ID, in.path["out_return_no"])
	if !found || r.OutOrderNo != outOrderNo || r.SubMchID != subMchID {
		return nil, resourceNotExists("记录不存在")
	}
	in.outTradeNo = r.sharing.OutTradeNo
	return returnAnswerOf(r), nil
}
