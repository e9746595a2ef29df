package mini

import (
	"context"
	"errors"
	"time"

	"wxhub/model"
	"wxhub/wx"
	"wxhub/wx/api"
)

// errUnchanged is inside this package only: WeChat holds just this shipping information.
var errUnchanged = model.NewError(model.KindConflict, "shipping_unchanged", "WeChat holds this shipping information already")

// shippingCodes are the errcodes of upload_shipping_info, as reports in the field name them.
var shippingCodes = api.Codes{
	10060001:  wx.ErrShippingTooEarly,
	10060002:  wx.ErrShipped,
	10060003:  wx.ErrShipped,
	10060012:  wx.ErrBusy,
	10060023:  errUnchanged,
	268440065: errUnchanged,
}

// chinaTime is the zone that WeChat writes its times in.
var chinaTime = time.FixedZone("UTC+8", 8*60*60)

// The request, with the names of silenceper/wechat's miniprogram/order, which has neither a
// context nor a way to leave a field out.
type shippingRequest struct {
	OrderKey struct {
		Type          int    `json:"order_number_type"` // 2: by transaction_id
		TransactionID string `json:"transaction_id"`
	} `json:"order_key"`
	LogisticsType  wx.Logistics `json:"logistics_type"`
	DeliveryMode   int          `json:"delivery_mode"` // 1: all at once, 2: in parts
	IsAllDelivered *bool        `json:"is_all_delivered,omitempty"`
	ShippingList   []parcel     `json:"shipping_list"`
	UploadTime     string       `json:"upload_time"`
	Payer          struct {
		OpenID string `json:"openid"`
	} `json:"payer"`
}

type parcel struct {
	TrackingNo     string   `json:"tracking_no,omitempty"`
	ExpressCompany string   `json:"express_company,omitempty"`
	ItemDesc       string   `json:"item_desc"`
	Contact        *contact `json:"contact,omitempty"`
}

type contact struct {
	Receiver string `json:"receiver_contact"`
}

// UploadShipping tells WeChat how a payment in a mini-program is delivered (PROTOCOL §6.7).
// Repeating it with the same values is safe; values that WeChat holds already are no error.
//
// Errors: invalid_input (app unknown, openid or transaction id of a wrong shape),
// wx.ErrShipped, wx.ErrShippingTooEarly, wx.ErrRateLimited, wx.ErrRejected, wx.ErrBusy,
// wx.ErrTimeout, those of token.Keeper.
func (c *Client) UploadShipping(ctx context.Context, appID string, s wx.Shipping) error {
	if err := c.known(appID); err != nil {
		return err
	}
	if !idShape.MatchString(s.OpenID) {
		return errOpenID
	}
	if !transactionShape.MatchString(s.TransactionID) {
		return model.InvalidField("transaction_id", "must be WeChat Pay's number of the payment")
	}
	var answer struct{}
	err := c.api.Post(ctx, appID, "/wxa/sec/order/upload_shipping_info", shippingOf(s), &answer, shippingCodes)
	if errors.Is(err, errUnchanged) {
		return nil
	}
	return err
}

func shippingOf(s wx.Shipping) shippingRequest {
	r := shippingRequest{
		LogisticsType: s.Logistics, DeliveryMode: 1,
		UploadTime: s.At.In(chinaTime).Format("2006-01-02T15:04:05.000Z07:00"),
	}
	r.OrderKey.Type, r.OrderKey.TransactionID, r.Payer.OpenID = 2, s.TransactionID, s.OpenID
	if len(s.Items) > 1 || !s.AllDelivered {
		r.DeliveryMode, r.IsAllDelivered = 2, &s.AllDelivered
	}
	for _, i := range s.Items {
		p := parcel{TrackingNo: i.TrackingNo, ExpressCompany: i.ExpressCompany, ItemDesc: i.Description}
		if i.ReceiverContact != "" {
			p.Contact = &contact{i.ReceiverContact}
		}
		r.ShippingList = append(r.ShippingList, p)
	}
	return r
}
