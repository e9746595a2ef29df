package shipping

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"wxhub/server/edge"
	"wxhub/wx"
)

// Names are the kinds of logistics in the API and the configuration.
var Names = map[string]wx.Logistics{
	"express": wx.LogisticsExpress, "same_city": wx.LogisticsSameCity, "virtual": wx.LogisticsVirtual, "self_pickup": wx.LogisticsSelfPickup,
}

type shippingInput struct {
	ID   string `path:"id"`
	Body struct {
		LogisticsType string         `json:"logistics_type" enum:"express,same_city,virtual,self_pickup"`
		Items         []shippingItem `json:"items,omitempty" maxItems:"15" doc:"the parcels; for other logistics one item or none"`
		AllDelivered  *bool          `json:"all_delivered,omitempty" doc:"false when more parcels will follow; true when absent"`
	}
}

type shippingItem struct {
	TrackingNo      string `json:"tracking_no,omitempty" maxLength:"128" doc:"express only"`
	ExpressCompany  string `json:"express_company,omitempty" maxLength:"128" doc:"express only: WeChat's id of the company"`
	ItemDesc        string `json:"item_desc,omitempty" maxLength:"120" doc:"the order's description when absent"`
	ReceiverContact string `json:"receiver_contact,omitempty" maxLength:"32" doc:"masked but for the last four digits; SF wants it"`
}

type shippingOutput struct {
	Body struct {
		Status string `json:"status" enum:"accepted"`
	}
}

// Mount adds the route.
func Mount(api huma.API, s *Shipper) {
	edge.Register(api, huma.Operation{
		OperationID: "shipOrder", Method: http.MethodPost, Path: "/v1/orders/{id}/shipping", DefaultStatus: http.StatusAccepted,
		Summary: "Tell WeChat how an order is delivered", Tags: []string{"orders"}, Security: edge.Backend(edge.ScopeOrders), Errors: []int{404, 409},
		Description: "For orders paid in a mini-program (发货信息录入). It is uploaded in the background and tried again for a day; " +
			"the timeline shows shipping_uploaded, shipping_delayed or shipping_refused, of which parcels, and WeChat's words.",
	}, s.ship)
}

func (s *Shipper) ship(ctx context.Context, in *shippingInput) (*shippingOutput, error) {
	r := Request{Logistics: Names[in.Body.LogisticsType], AllDelivered: in.Body.AllDelivered == nil || *in.Body.AllDelivered}
	for _, i := range in.Body.Items {
		r.Items = append(r.Items, wx.ShippingItem{
			TrackingNo: i.TrackingNo, ExpressCompany: i.ExpressCompany, Description: i.ItemDesc, ReceiverContact: i.ReceiverContact,
		})
	}
	if len(r.Items) == 0 && r.Logistics != wx.LogisticsExpress {
		r.Items = []wx.ShippingItem{{}}
	}
	if err := s.Accept(ctx, in.ID, r); err != nil {
		return nil, err
	}
	out := &shippingOutput{}
	out.Body.Status = "accepted"
	return out, nil
}
