package wx

import (
	"time"

	"wxhub/model"
)

// Logistics is how goods reach the payer (发货信息录入, PROTOCOL §6.7).
type Logistics int

// The kinds of logistics, numbered as WeChat numbers them.
const (
	LogisticsExpress    Logistics = 1
	LogisticsSameCity   Logistics = 2
	LogisticsVirtual    Logistics = 3
	LogisticsSelfPickup Logistics = 4
)

// Shipping is what a mini-program tells WeChat about the delivery of one payment.
type Shipping struct {
	TransactionID string
	OpenID        string // of the payer, in the mini-program
	Logistics     Logistics
	Items         []ShippingItem // express: 1 to 15 parcels; otherwise exactly one, without a number
	AllDelivered  bool           // false: more parcels will follow
	At            time.Time      // WeChat lets the later upload count
}

// ShippingItem is one parcel, or what is handed over otherwise.
type ShippingItem struct {
	TrackingNo      string // express only
	ExpressCompany  string // express only: WeChat's id of the company
	Description     string // ≤ 120 characters
	ReceiverContact string // masked but for the last four digits; SF wants it
}

// Errors of shipping, beyond those of error.go.
var (
	// ErrShipped: the payment's delivery has been told and can be changed no more (10060002, 10060003).
	ErrShipped = model.NewError(model.KindConflict, "shipping_final", "the delivery of this payment has been told to WeChat already and can be changed no more")
	// ErrShippingTooEarly: WeChat does not know the payment here yet (10060001); it may in a moment.
	ErrShippingTooEarly = model.NewError(model.KindUpstream, "shipping_too_early", "WeChat does not know this payment among the mini-program's orders yet")
)
