package sandbox

import (
	"slices"
	"strings"

	"wxhub/wx/sandbox/apiv3"
)

// Invocation is what a page or mini-program hands to WeChat on the phone to pay. AppID may be empty, as a
// mini-program has no such parameter: then it is one of the order's apps.
type Invocation struct {
	AppID     string `json:"appId"`
	TimeStamp string `json:"timeStamp"`
	NonceStr  string `json:"nonceStr"`
	Package   string `json:"package"`
	SignType  string `json:"signType"`
	PaySign   string `json:"paySign"`
}

// CheckInvocation verifies paySign as the phone does and returns the prepay_id to Pay with. Of a service provider's
// order either of its apps may invoke; the service provider signs.
// It returns ErrNoPrepay or a *PhoneError.
func (p *Platform) CheckInvocation(inv Invocation) (prepayID string, err error) {
	prepayID, found := strings.CutPrefix(inv.Package, "prepay_id=")
	if !found || inv.SignType != "RSA" {
		return "", badInvocation()
	}
	order, found := p.book.invoked(prepayID)
	if !found {
		return "", ErrNoPrepay
	}
	if order.TradeType != TradeJSAPI || !p.signedBy(order, inv.AppID, inv.TimeStamp, inv.NonceStr, inv.Package, inv.PaySign) {
		return "", badInvocation()
	}
	return prepayID, nil
}

// signedBy verifies the four lines for the app that invoked, or without one for any that could have.
func (p *Platform) signedBy(o Order, appID, timestamp, nonce, pkg, signature string) bool {
	key := p.world.merchant(o.MchID).public
	return slices.ContainsFunc(o.invokers(), func(app string) bool {
		return (appID == "" || appID == app) && apiv3.Verify(key, apiv3.InvokeMessage(app, timestamp, nonce, pkg), signature) == nil
	})
}

// invoked is the order of a prepay_id.
func (b *book) invoked(prepayID string) (Order, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	ticket := b.ticket(prepayID)
	if ticket == nil {
		return Order{}, false
	}
	return *ticket.order, true
}

func badInvocation() error { return &PhoneError{"支付验证签名失败"} }
