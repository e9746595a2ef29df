package sandbox

import "encoding/json"

// shippedOrder answers get_order. Times are Unix seconds, the amount is in fen.
type shippedOrder struct {
	TransactionID string         `json:"transaction_id"`
	OutTradeNo    string         `json:"merchant_trade_no"`
	MchID         string         `json:"merchant_id"`
	SubMchID      string         `json:"sub_merchant_id"`
	Description   string         `json:"description"`
	Paid          int64          `json:"paid_amount"`
	OpenID        string         `json:"openid"`
	Created       int64          `json:"trade_create_time"`
	PaidAt        int64          `json:"pay_time"`
	InComplaint   bool           `json:"in_complaint"`
	State         int            `json:"order_state"`
	Shipping      shippingDetail `json:"shipping"`
}

type shippingDetail struct {
	DeliveryMode  int           `json:"delivery_mode,omitempty"`
	LogisticsType int           `json:"logistics_type,omitempty"`
	Finished      bool          `json:"finish_shipping"`
	FinishedCount int           `json:"finish_shipping_count"`
	List          []shippedItem `json:"shipping_list"`
}

type shippedItem struct {
	TrackingNo string `json:"tracking_no"`
	Company    string `json:"express_company"`
	GoodsDesc  string `json:"goods_desc"`
	UploadTime int64  `json:"upload_time"`
}

func (p *Platform) getShippedOrder(in *wxCall) (any, *wxError) {
	app, failed := p.tokens.check(in.query.Get("access_token"))
	if failed != nil {
		return nil, failed
	}
	in.appID = app
	var r struct {
		TransactionID string `json:"transaction_id"`
		MchID         string `json:"merchant_id"`
		SubMchID      string `json:"sub_merchant_id"`
		OutTradeNo    string `json:"merchant_trade_no"`
	}
	if json.Unmarshal(in.body, &r) != nil {
		return nil, &wxError{codeData, "data format error"}
	}
	o, found := p.book.findPaid(r.TransactionID, r.MchID, r.OutTradeNo)
	if !found || o.AppID != app && o.SubAppID != app {
		return nil, &wxError{codeNoPayment, "支付单不存在"}
	}
	in.outTradeNo = o.OutTradeNo
	openID := o.OpenID
	if o.SubAppID == app {
		openID = o.SubOpenID
	}
	out := shippedOrder{
		TransactionID: o.TransactionID, OutTradeNo: o.OutTradeNo, MchID: o.MchID, SubMchID: o.SubMchID, Description: o.Description, Paid: o.Total,
		OpenID: openID, Created: o.Created.Unix(), PaidAt: o.PaidAt.Unix(), State: awaitsShipment, Shipping: p.shipments.detail(o.TransactionID),
	}
	if out.Shipping.Finished {
		out.State = wasShipped
	}
	if p.book.refundedWholly(o.TransactionID) {
		out.State = wasRefunded
	}
	return struct {
		wxOK
		Order shippedOrder `json:"order"`
	}{wxOK{0, "ok"}, out}, nil
}

func (s *shipments) detail(transactionID string) shippingDetail {
	s.mu.Lock()
	defer s.mu.Unlock()
	known, out := s.known[transactionID], shippingDetail{List: []shippedItem{}}
	if known == nil {
		return out
	}
	out.DeliveryMode, out.LogisticsType = known.last.DeliveryMode, known.last.LogisticsType
	out.Finished, out.FinishedCount = known.finished > 0, known.finished
	for _, item := range known.last.Shipping {
		out.List = append(out.List, shippedItem{item.TrackingNo, item.Company, item.ItemDesc, known.at.Unix()})
	}
	return out
}
