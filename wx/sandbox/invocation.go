package sandbox

import (
	"strings"

	"wxhub/wx/sandbox/apiv3"
)

// Invocation is what a client hands to WeChat on the phone to pay. AppID may be empty, as a mini-program has
// no such parameter: the order's is meant.
type Invocation struct {
	AppID     string `json:"appId"`
	TimeStamp string `json:"timeStamp"`
	NonceStr  string `json:"nonceStr"`
	Package   string `json:"package"`
	SignType  string `json:"signType"`
	PaySign   string `json:"paySign"`
}

// CheckInvocation verifies paySign as the phone does and returns the prepay_id to Pay with.
// It returns ErrNoPrepay or a *PhoneError.
func (p *Platform) CheckInvocation(inv Invocation) (prepayID string, err error) {
	prepayID, found := strings.CutPrefix(inv.Package, "prepay_id=")
	if !found || inv.SignType != "RSA" {
		return "", &PhoneError{"支付验证签名失败"}
	}
	p.book.mu.Lock()
	ticket := p.book.prepays[prepayID]
	p.book.mu.Unlock()
	if ticket == nil {
		return "", ErrNoPrepay
	}
	appID := ticket.order.AppID // neither this nor the merchant ever changes
	if inv.AppID != "" && inv.AppID != appID {
		return "", &PhoneError{"支付验证签名失败"}
	}
	key := p.world.merchant(ticket.order.MchID).public
	if apiv3.Verify(key, apiv3.InvokeMessage(appID, inv.TimeStamp, inv.NonceStr, inv.Package), inv.PaySign) != nil {
		return "", &PhoneError{"支付验证签名失败"}
	}
	return prepayID, nil
}
