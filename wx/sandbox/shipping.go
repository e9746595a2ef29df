package sandbox

import (
	"encoding/json"
	"sync"
	"time"
	"unicode/utf8"
)

// Ways of delivery and states of an order that has to be delivered.
const (
	deliverWhole   = 1 // delivery_mode
	deliverParts   = 2
	byExpress      = 1 // logistics_type, up to byPickup
	byPickup       = 4
	awaitsShipment = 1 // order_state
	wasShipped     = 2
	wasRefunded    = 5
)

// shipments are what was uploaded about paid orders, by transaction id.
type shipments struct {
	mu    sync.Mutex
	known map[string]*shipment
}

type shipment struct {
	last     shippingRequest
	text     string // of the last upload, without its time
	at       time.Time
	uploaded time.Time // upload_time of the last one
	finished int       // how often everything was said to be delivered
}

func (s *shipments) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known = map[string]*shipment{}
}

// shippingRequest is the body of upload_shipping_info.
type shippingRequest struct {
	OrderKey struct {
		NumberType    int    `json:"order_number_type"`
		TransactionID string `json:"transaction_id"`
		MchID         string `json:"mchid"`
		OutTradeNo    string `json:"out_trade_no"`
	} `json:"order_key"`
	LogisticsType int            `json:"logistics_type"`
	DeliveryMode  int            `json:"delivery_mode"`
	AllDelivered  bool           `json:"is_all_delivered"`
	Shipping      []shippingItem `json:"shipping_list"`
	UploadTime    string         `json:"upload_time"`
	Payer         struct {
		OpenID string `json:"openid"`
	} `json:"payer"`
}

type shippingItem struct {
	TrackingNo string `json:"tracking_no"`
	Company    string `json:"express_company"`
	ItemDesc   string `json:"item_desc"`
	Contact    struct {
		Consignor string `json:"consignor_contact"`
		Receiver  string `json:"receiver_contact"`
	} `json:"contact"`
}

// whole tells whether nothing is left to deliver after it.
func (r shippingRequest) whole() bool { return r.DeliveryMode == deliverWhole || r.AllDelivered }

// text is what two uploads are compared by.
func (r shippingRequest) text() string {
	r.UploadTime = ""
	return string(encode(r))
}

func (p *Platform) uploadShipping(in *wxCall) (any, *wxError) {
	app, failed := p.tokens.check(in.query.Get("access_token"))
	if failed != nil {
		return nil, failed
	}
	in.appID = app
	var r shippingRequest
	if json.Unmarshal(in.body, &r) != nil {
		return nil, &wxError{codeData, "data format error"}
	}
	uploaded, failed := r.check()
	if failed != nil {
		return nil, failed
	}
	order, found := p.shippingOrder(app, r)
	if !found {
		return nil, &wxError{codeNoPayment, "支付单不存在"}
	}
	in.outTradeNo = order.OutTradeNo
	if !order.paidBy(app, r.Payer.OpenID) {
		return nil, &wxError{codeOpenID, "invalid openid"}
	}
	if p.book.refundedWholly(order.TransactionID) {
		return nil, &wxError{codeNotShippable, "支付单处于不可发货的状态"}
	}
	return wxOK{0, "ok"}, p.shipments.upload(order.TransactionID, r, uploaded, p.clock.now())
}

// check judges the body alone.
func (r shippingRequest) check() (time.Time, *wxError) {
	at, err := time.Parse(time.RFC3339, r.UploadTime)
	key := r.OrderKey
	switch {
	case err != nil:
		return at, &wxError{codeUploadTime, "上传时间非法，请使用 RFC 3339 规范表示的时间格式"}
	case r.LogisticsType < byExpress || r.LogisticsType > byPickup:
		return at, &wxError{codeLogistics, "物流类型有误"}
	case r.DeliveryMode != deliverWhole && r.DeliveryMode != deliverParts,
		len(r.Shipping) == 0, r.DeliveryMode == deliverWhole && len(r.Shipping) > 1, len(r.Shipping) > 15:
		return at, &wxError{codeDelivery, "发货方式非法"}
	case key.NumberType == 1 && (key.MchID == "" || key.OutTradeNo == ""), key.NumberType == 2 && key.TransactionID == "", key.NumberType != 1 && key.NumberType != 2:
		return at, &wxError{codeNoPayment, "支付单不存在"}
	}
	for _, item := range r.Shipping {
		if n := utf8.RuneCountInString(item.ItemDesc); n == 0 || n > 120 || r.LogisticsType == byExpress && (item.TrackingNo == "" || item.Company == "") {
			return at, &wxError{codeArgs, "invalid args: shipping_list"}
		}
		if r.LogisticsType == byExpress && item.Company == "SF" && item.Contact.Consignor == "" && item.Contact.Receiver == "" {
			return at, &wxError{codeArgs, "invalid args: contact"}
		}
	}
	return at, nil
}

// shippingOrder is the paid order of this app that an upload names. mchid may be the sub merchant's.
func (p *Platform) shippingOrder(app string, r shippingRequest) (Order, bool) {
	key := r.OrderKey
	if key.NumberType == 2 {
		key.MchID, key.OutTradeNo = "", ""
	} else {
		key.TransactionID = ""
	}
	order, found := p.book.findPaid(key.TransactionID, key.MchID, key.OutTradeNo)
	return order, found && (order.AppID == app || order.SubAppID == app)
}

// refundedWholly tells whether all of a paid order's money was refunded or is on its way back.
func (b *book) refundedWholly(transactionID string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.settle()
	order := b.byTrade[transactionID]
	if order == nil {
		return false
	}
	fen, _, _ := order.takenBack()
	return fen >= order.Total
}

// upload commits. What was delivered wholly can be said anew once.
func (s *shipments) upload(transactionID string, r shippingRequest, uploaded, now time.Time) *wxError {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.known[transactionID]
	switch {
	case known == nil:
		known = &shipment{}
		s.known[transactionID] = known
	case known.text == r.text():
		return &wxError{codeSameShipping, "发货信息未更新"}
	case known.finished > 1:
		return &wxError{codeShippedTwice, "支付单已使用重新发货机会"}
	case !uploaded.After(known.uploaded):
		return &wxError{codeUploadTime, "上传时间非法，早于上一次上传"}
	}
	known.last, known.text, known.uploaded, known.at = r, r.text(), uploaded, now
	if r.whole() {
		known.finished++
	}
	return nil
}
