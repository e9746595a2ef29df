package client

import (
	"context"
	"net/http"
)

// Shipping tells how an order that was paid in a mini-program is delivered (发货信息录入).
type Shipping struct {
	LogisticsType string         `json:"logistics_type"` // express, same_city, virtual, self_pickup
	Items         []ShippingItem `json:"items,omitempty"`
	AllDelivered  *bool          `json:"all_delivered,omitempty"` // false when more parcels will follow
}

// ShippingItem is one parcel.
type ShippingItem struct {
	TrackingNo      string `json:"tracking_no,omitempty"`
	ExpressCompany  string `json:"express_company,omitempty"` // WeChat's id of the company
	ItemDesc        string `json:"item_desc,omitempty"`
	ReceiverContact string `json:"receiver_contact,omitempty"` // masked but for the last four digits
}

// Ship tells WeChat of a delivery, in the background; the timeline shows what became of it.
func (c *Client) Ship(ctx context.Context, orderID string, s Shipping) error {
	return c.do(ctx, call{method: http.MethodPost, path: []string{"orders", orderID, "shipping"}, body: s}, nil)
}
