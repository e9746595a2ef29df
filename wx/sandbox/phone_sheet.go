package sandbox

import (
	"cmp"
	"crypto/sha1" //nolint:gosec // WeChat signs pages with it
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
)

// Sheet is what the payer reads before paying.
type Sheet struct {
	Merchant    string `json:"merchant"` // its name, else its number; of a sub merchant the sub merchant's
	Description string `json:"description"`
	Total       int64  `json:"total"` // fen
	OutTradeNo  string `json:"out_trade_no"`
	TradeType   string `json:"trade_type"`
}

// Sheet is the payment sheet that the phone shows for what a prepay call handed out. It decides nothing: Pay does.
// It returns ErrNoUser, ErrNoPrepay or a *PhoneError.
func (p *Platform) Sheet(given, user string) (Sheet, error) {
	u, err := p.FindUser(user)
	if err != nil {
		return Sheet{}, err
	}
	o, err := p.book.sheet(given, u)
	if err != nil {
		return Sheet{}, err
	}
	return Sheet{p.world.payee(o.MchID, o.SubMchID), o.Description, o.Total, o.OutTradeNo, o.TradeType}, nil
}

func (b *book) sheet(given string, u User) (Order, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	ticket := b.ticket(given)
	if ticket == nil {
		return Order{}, ErrNoPrepay
	}
	if text := refusedOnPhone(ticket, u, b.clock.now()); text != "" {
		return Order{}, &PhoneError{text}
	}
	return ticket.order.copied(), nil
}

// payee is a merchant's name as payers read it.
func (w *world) payee(mchID, subMchID string) string {
	m := w.merchant(mchID)
	switch {
	case m == nil:
		return mchID
	case subMchID != "" && m.sub(subMchID) != nil:
		return cmp.Or(m.sub(subMchID).Name, subMchID)
	}
	return cmp.Or(m.Name, mchID)
}

func (p *Platform) phoneSheet(w http.ResponseWriter, r *http.Request) {
	var in payRequest
	if !read(w, r, &in) {
		return
	}
	given, err := p.payWith(in)
	if err != nil {
		refuse(w, err)
		return
	}
	sheet, err := p.Sheet(given, in.User)
	if err != nil {
		refuse(w, err)
		return
	}
	answer(w, http.StatusOK, sheet)
}

// PageConfig is what a page hands to wx.config, and the page's address.
type PageConfig struct {
	AppID     string `json:"app_id"`
	Timestamp string `json:"timestamp"`
	NonceStr  string `json:"nonce_str"`
	Signature string `json:"signature"`
	URL       string `json:"url"` // without what follows #
}

// CheckPageConfig verifies wx.config as the phone does. It returns ErrNoApp or a *PhoneError.
func (p *Platform) CheckPageConfig(c PageConfig) error {
	if _, found := p.console.app(c.AppID); !found {
		return fmt.Errorf("%q: %w", c.AppID, ErrNoApp)
	}
	ticket := p.tokens.livingTicket(c.AppID, "jsapi")
	url, _, _ := strings.Cut(c.URL, "#")
	sum := sha1.Sum([]byte("jsapi_ticket=" + ticket + "&noncestr=" + c.NonceStr + "&timestamp=" + c.Timestamp + "&url=" + url)) //nolint:gosec // the same
	if ticket == "" || subtle.ConstantTimeCompare([]byte(hex.EncodeToString(sum[:])), []byte(c.Signature)) != 1 {
		return &PhoneError{"config:invalid signature"}
	}
	return nil
}

// livingTicket is the app's ticket, if one was asked for and is good; it makes none.
func (t *tokens) livingTicket(app, kind string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if known := t.of(app).tickets[kind]; t.clock.now().Before(known.expires) {
		return known.text
	}
	return ""
}

func (p *Platform) phonePageConfig(w http.ResponseWriter, r *http.Request) {
	var in PageConfig
	if read(w, r, &in) {
		in.URL = p.views.Original(in.URL)
		done(w, p.CheckPageConfig(in))
	}
}
