package sandbox

import (
	"cmp"
	"net/http"
	"slices"
	"time"
)

// PhoneState is what the screens of a user's phone show, all but the pages in its web view.
type PhoneState struct {
	User         User           `json:"user"`
	Accounts     []PhoneAccount `json:"accounts"`
	MiniPrograms []PhoneApp     `json:"mini_programs"`
	Receipts     []Receipt      `json:"receipts"` // the newest first
	Codes        []LiveCode     `json:"codes"`    // the newest first
	Offers       []Offer        `json:"offers"`
}

// PhoneApp is an app as users know it.
type PhoneApp struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// PhoneAccount is an official account on the phone.
type PhoneAccount struct {
	PhoneApp
	Follows bool         `json:"follows"`
	Menu    []menuButton `json:"menu"`
	Chat    []ChatLine   `json:"chat"`
}

// Receipt is a message of WeChat Pay's account: a payment, or money that came back.
type Receipt struct {
	Time        time.Time `json:"time"` // the platform's
	Refund      bool      `json:"refund"`
	Amount      int64     `json:"amount"` // fen
	Merchant    string    `json:"merchant"`
	Description string    `json:"description"`
	OutTradeNo  string    `json:"out_trade_no"`
}

// LiveCode is a QR code that can be scanned and paid.
type LiveCode struct {
	CodeURL     string `json:"code_url"`
	Amount      int64  `json:"amount"` // fen
	Merchant    string `json:"merchant"`
	Description string `json:"description"`
}

// Offer is a transfer that waits for the user to take it.
type Offer struct {
	PackageInfo string `json:"package_info"`
	Amount      int64  `json:"amount"` // fen
	Merchant    string `json:"merchant"`
	Remark      string `json:"remark"`
}

// phoneCodes is how many codes can be scanned without typing.
const phoneCodes = 20

// PhoneState reads the phone of a user, by id or name. It returns ErrNoUser.
func (p *Platform) PhoneState(user string) (PhoneState, error) {
	u, err := p.FindUser(user)
	if err != nil {
		return PhoneState{}, err
	}
	s := PhoneState{
		User: u, Accounts: []PhoneAccount{}, MiniPrograms: []PhoneApp{},
		Receipts: p.receipts(u), Codes: p.book.liveCodes(p.world), Offers: p.transfers.offers(p.world, u),
	}
	for _, app := range p.console.list() {
		shown := PhoneApp{app.ID, cmp.Or(app.Name, app.ID)}
		switch app.Kind {
		case KindMiniProgram:
			s.MiniPrograms = append(s.MiniPrograms, shown)
		case KindOfficialAccount:
			_, follows := p.audience.find(app.ID, u.ID)
			s.Accounts = append(s.Accounts, PhoneAccount{shown, follows, p.menus.shown(app.ID), p.chats.of(app.ID, u.OpenIDs[app.ID])})
		}
	}
	return s, nil
}

// shown is the menu that an iPhone shows: the newest for iPhones, else the default one. Nobody has a tag.
func (m *menus) shown(app string) []menuButton {
	standard, conditional := m.list(app)
	for _, s := range conditional {
		if s.Rule.TagID == "" && s.Rule.Platform == "1" {
			return s.Buttons
		}
	}
	if standard == nil {
		return []menuButton{}
	}
	return standard.Buttons
}

// receipts are the payments of a user and what came back of them.
func (p *Platform) receipts(u User) []Receipt {
	b := p.book
	b.mu.Lock()
	defer b.mu.Unlock()
	b.settle()
	out := []Receipt{}
	for _, o := range b.orders {
		if !o.paid() || o.payer != u.ID {
			continue
		}
		r := Receipt{o.PaidAt, false, o.Total, p.world.payee(o.MchID, o.SubMchID), o.Description, o.OutTradeNo}
		out = append(out, r)
		for _, back := range o.refunds {
			if back.Status == RefundSuccess {
				r.Time, r.Refund, r.Amount = back.Ended, true, back.Amount
				out = append(out, r)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Receipt) int { return b.Time.Compare(a.Time) })
	return out
}

// liveCodes are the QR codes of unpaid orders, the newest first.
func (b *book) liveCodes(w *world) []LiveCode {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := []LiveCode{}
	now := b.clock.now()
	for _, o := range slices.Backward(b.orders) {
		ticket := b.ticket(o.codeURL)
		if ticket == nil || o.paid() || o.stateAt(now) != StateNotPay || o.expiredAt(now) || !now.Before(ticket.expires) {
			continue
		}
		out = append(out, LiveCode{o.codeURL, o.Total, w.payee(o.MchID, o.SubMchID), o.Description})
		if len(out) == phoneCodes {
			break
		}
	}
	return out
}

// offers are the transfers that wait for a user.
func (s *transfers) offers(w *world, u User) []Offer {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := []Offer{}
	for _, t := range s.all {
		if t.settle(s.clock.now()); t.State == TransferWaits && u.OpenIDs[t.AppID] == t.OpenID {
			out = append(out, Offer{t.PackageInfo, t.Amount, w.payee(t.MchID, ""), t.Remark})
		}
	}
	slices.SortFunc(out, func(a, b Offer) int { return cmp.Compare(a.PackageInfo, b.PackageInfo) })
	return out
}

func (p *Platform) phoneState(w http.ResponseWriter, r *http.Request) {
	s, err := p.PhoneState(r.URL.Query().Get("user"))
	if err != nil {
		refuse(w, err)
		return
	}
	answer(w, http.StatusOK, s)
}
