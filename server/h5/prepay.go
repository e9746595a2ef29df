package h5

import (
	"net/url"

	"github.com/gofiber/fiber/v2"

	"wxhub/model"
	"wxhub/pay"
	"wxhub/wx"
)

// opened is the answer to the script: how to go on, by scene.
type opened struct {
	Invoke *wx.Invoke `json:"invoke,omitempty"` // for WeixinJSBridge
	H5URL  string     `json:"h5_url,omitempty"`
	QR     *qrCode    `json:"qr,omitempty"`
}

var errElsewhere = model.NewError(model.KindConflict, "scene_cannot_pay", "this page cannot be paid in this app")

// prepay opens a payment of an order in the way of the scene. Asking twice opens one.
func (h handlers) prepay(c *fiber.Ctx) error {
	private(c)
	v, err := h.visit(c)
	if err == nil {
		err = h.change(c, v)
	}
	if err != nil {
		return err
	}
	method, ok := methods[v.scene]
	if !ok {
		return errElsewhere
	}
	r := pay.PrepayRequest{OrderID: c.Params("id"), Method: method, ClientIP: v.ip, Caller: v.caller()}
	if method == model.MethodOfficialAccount {
		o, err := h.Pay.Visible(c.UserContext(), r.OrderID, v.caller())
		if err != nil {
			return err
		}
		r.AppID = h.account(o.MerchantID, o.SubMerchantID)
	}
	p, err := h.Pay.Prepay(c.UserContext(), r)
	if err != nil {
		return err
	}
	out := opened{Invoke: p.Invoke.JSAPI}
	switch {
	case p.Invoke.H5URL != "":
		out.H5URL = p.Invoke.H5URL + "&redirect_url=" + url.QueryEscape(h.PublicURL+"/pay/"+p.Order.ID+"?from=h5")
	case p.Invoke.CodeURL != "":
		out.QR, err = drawQR(p.Invoke.CodeURL)
	}
	if err != nil {
		return err
	}
	return c.JSON(out)
}

// seen is the answer to a page that asks whether it is out of date.
type seen struct {
	State State `json:"state"`
	Left  int64 `json:"left"` // seconds until the order expires
}

// state tells how the order stands. With ask, WeChat Pay is asked first, unless it was a
// moment ago: a notification may be lost.
func (h handlers) state(c *fiber.Ctx) error {
	private(c)
	v, err := h.visit(c)
	if err != nil {
		return err
	}
	id := c.Params("id")
	o, err := h.Pay.Visible(c.UserContext(), id, v.caller())
	if err != nil {
		return err
	}
	if c.Query("ask") != "" && stateOf(o, h.Now()) != StatePaid && h.asks.first(id, h.Now()) {
		if fresh, err := h.Pay.Refresh(c.UserContext(), id); err == nil {
			o = fresh
		} else { // the page asks again, and so does the sweep
			h.Log.InfoContext(c.UserContext(), "WeChat Pay could not be asked for a page", "order_id", id, "code", model.CodeOf(err))
		}
	}
	return c.JSON(seen{stateOf(o, h.Now()), max(int64(o.ExpiresAt.Sub(h.Now()).Seconds()), 0)})
}
