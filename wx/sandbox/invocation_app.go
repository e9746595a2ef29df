package sandbox

// Values of Behaviour.AppPartnerID.
const (
	PartnerIDSp     = "sp_mchid"
	PartnerIDSub    = "sub_mchid"
	PartnerIDEither = "either"
)

// AppInvocation is what a mobile app hands to WeChat on the phone to pay.
type AppInvocation struct {
	AppID     string `json:"appid"`
	PartnerID string `json:"partnerid"`
	PrepayID  string `json:"prepayid"`
	Package   string `json:"package"` // Sign=WXPay
	NonceStr  string `json:"noncestr"`
	TimeStamp string `json:"timestamp"`
	Sign      string `json:"sign"`
}

// CheckAppInvocation verifies sign as the phone does and returns the prepay_id to Pay with.
// It returns ErrNoPrepay or a *PhoneError.
func (p *Platform) CheckAppInvocation(inv AppInvocation) (prepayID string, err error) {
	if inv.Package != "Sign=WXPay" || inv.AppID == "" {
		return "", badInvocation()
	}
	order, found := p.book.invoked(inv.PrepayID)
	if !found {
		return "", ErrNoPrepay
	}
	// The bare prepay_id stands in the fourth line, where a page signs its package.
	if order.TradeType != TradeApp || !p.behaviour.partnerID(order, inv.PartnerID) ||
		!p.signedBy(order, inv.AppID, inv.TimeStamp, inv.NonceStr, inv.PrepayID, inv.Sign) {
		return "", badInvocation()
	}
	return inv.PrepayID, nil
}

// partnerID tells whether the app named the right merchant.
func (b *Behaviour) partnerID(o Order, given string) bool {
	if o.SubMchID == "" {
		return given == o.MchID
	}
	switch b.AppPartnerID {
	case PartnerIDSub:
		return given == o.SubMchID
	case PartnerIDEither:
		return given == o.MchID || given == o.SubMchID
	}
	return given == o.MchID
}
