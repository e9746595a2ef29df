package sandbox

import (
	"net/url"
	"slices"
)

// CheckH5 is what the H5 page asks before it opens WeChat: outside WeChat, come from a page of the merchant (referer), in
// time, and back to a page of the merchant, if redirect_url was appended. It returns ErrNoPrepay or a *PhoneError.
func (p *Platform) CheckH5(h5URL, referer string, inside bool) error {
	u, err := url.Parse(h5URL)
	ticket, order := p.book.h5Ticket(h5URL)
	if err != nil || ticket == nil {
		return ErrNoPrepay
	}
	m, back := p.world.merchant(order.MchID), u.Query().Get("redirect_url")
	from, err := url.Parse(referer)
	switch {
	case inside:
		return &PhoneError{"请在微信外打开订单，进行支付"}
	case err != nil, from.Host == "":
		return &PhoneError{"商家参数格式有误，请联系商家解决"}
	case !m.opensH5(from), back != "" && !m.returnsTo(back):
		return &PhoneError{"商家存在未配置的参数，请联系商家解决"}
	case !p.clock.now().Before(ticket.expires):
		return &PhoneError{"支付请求已失效，请重新发起支付"}
	}
	return nil
}

// h5Ticket is nil when there is none, or when it is not of an H5 payment.
func (b *book) h5Ticket(h5URL string) (*prepay, Order) {
	b.mu.Lock()
	defer b.mu.Unlock()
	ticket := b.ticket(h5URL)
	if ticket == nil || ticket.order.TradeType != TradeH5 {
		return nil, Order{}
	}
	seen := *ticket
	return &seen, *ticket.order
}

// opensH5 compares the host, with or without its port, with the merchant's domains.
func (m *merchant) opensH5(u *url.URL) bool {
	return len(m.H5Domains) == 0 || slices.Contains(m.H5Domains, u.Hostname()) || slices.Contains(m.H5Domains, u.Host)
}

func (m *merchant) returnsTo(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https") && m.opensH5(u)
}
