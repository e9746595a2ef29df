package sandbox

import (
	"math"
	"time"
)

// ticket is what an app signs pages (jsapi) or cards (wx_card) with.
type ticket struct {
	text    string
	expires time.Time
}

// ticketAnswer carries a ticket. ExpiresIn is the rest of its life in seconds.
type ticketAnswer struct {
	wxOK
	Ticket    string `json:"ticket"`
	ExpiresIn int    `json:"expires_in"`
}

// ticketKinds are the types of getticket.
var ticketKinds = map[string]bool{"jsapi": true, "wx_card": true}

func (p *Platform) getTicket(in *wxCall) (any, *wxError) {
	app, failed := p.tokens.check(in.query.Get("access_token"))
	if failed != nil {
		return nil, failed
	}
	in.appID = app
	kind := in.query.Get("type")
	if !ticketKinds[kind] {
		return nil, &wxError{codeArgs, "invalid args"}
	}
	t := p.tokens.ticket(app, kind)
	return ticketAnswer{wxOK{0, "ok"}, t.text, int(math.Ceil(t.expires.Sub(p.clock.now()).Seconds()))}, nil
}

// ticket returns the app's ticket, a new one when the last is over. It outlives the token that asked for it.
func (t *tokens) ticket(app, kind string) ticket {
	t.mu.Lock()
	defer t.mu.Unlock()
	state, now := t.of(app), t.clock.now()
	if state.tickets == nil {
		state.tickets = map[string]ticket{}
	}
	if !now.Before(state.tickets[kind].expires) {
		state.tickets[kind] = ticket{t.ids.ticket(), now.Add(tokenLife)}
	}
	return state.tickets[kind]
}

// domainIPs is the answer of get_api_domain_ip: a list that needs nothing but a good token.
type domainIPs struct {
	IPList []string `json:"ip_list"`
}

func (p *Platform) apiDomainIP(in *wxCall) (any, *wxError) {
	app, failed := p.tokens.check(in.query.Get("access_token"))
	if failed != nil {
		return nil, failed
	}
	in.appID = app
	return domainIPs{[]string{"192.0.2.10", "192.0.2.11"}}, nil // addresses for documentation: nobody's
}
