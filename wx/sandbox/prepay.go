package sandbox

import (
	"net/url"
	"strings"
	"time"
)

// prepay is what one prepay call handed out: a prepay_id, a code_url or an h5_url. An order may have several.
type prepay struct {
	order   *Order
	expires time.Time
	stale   bool // a newer code_url of the order has taken its place
}

// h5Path is the page of tenpay.com that an h5_url leads to.
const h5Path = "/cgi-bin/mmpayweb-bin/checkmweb"

// issue makes what the phone needs for an order, good for a while. base is where an h5_url leads to. The book is locked.
func (b *book) issue(order *Order, base string, now time.Time) string {
	given, life := b.ids.prepayID(now), prepayLife
	switch order.TradeType {
	case TradeNative:
		given = "weixin://wxpay/bizpayurl?pr=" + b.ids.text(alnum, 9)
		if older := b.prepays[order.codeURL]; older != nil {
			older.stale = true
		}
		order.codeURL = given
	case TradeH5:
		query := url.Values{"prepay_id": {given}, "package": {b.ids.text(digits, 10)}}
		given, life = base+h5Path+"?"+query.Encode(), h5Life
	}
	b.prepays[prepayKey(given)] = &prepay{order: order, expires: now.Add(life)}
	return given
}

// ticket returns nil when there is none.
func (b *book) ticket(given string) *prepay { return b.prepays[prepayKey(given)] }

// prepayKey names a ticket. Of an h5_url the host and what the merchant appended do not count.
func prepayKey(given string) string {
	if !strings.Contains(given, h5Path+"?") {
		return given
	}
	u, err := url.Parse(given)
	if err != nil {
		return given
	}
	return h5Path + " " + u.Query().Get("prepay_id") + " " + u.Query().Get("package")
}
