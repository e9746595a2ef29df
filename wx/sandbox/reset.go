package sandbox

import "time"

// Reset returns the platform to its birth: no users, tokens, allow lists, orders, refunds, applications, faults, log or queued
// notifications, and the clock at wall time. Apps, merchants, the way the platform first signed for them, and the seed stay; a notification under way is not repeated.
func (p *Platform) Reset() {
	p.notifier.mu.Lock()
	p.notifier.queue = nil
	p.notifier.epoch++
	p.notifier.mu.Unlock()

	p.book.reset()
	p.bills.reset()
	p.shipments.reset()
	p.transfers.reset()
	p.applyments.reset()
	p.settlements.reset()
	p.media.reset()
	for _, m := range p.world.merchants {
		m.reset()
	}
	p.ClearFaults()

	p.tokens.mu.Lock()
	p.tokens.apps, p.tokens.issued = map[string]*appTokens{}, map[string]*accessToken{}
	p.tokens.mu.Unlock()

	p.allowed.reset()

	p.logins.mu.Lock()
	p.logins.codes, p.logins.sessions = map[string]*loginCode{}, map[string]string{}
	p.logins.calls = map[string][]time.Time{}
	p.logins.mu.Unlock()

	p.console.reset()
	_ = p.verification.reset() // it worked at the start
	p.consents.reset()
	p.oauth.reset()
	p.phones.reset()
	p.audience.reset()
	p.menus.reset()
	p.chats.reset()
	p.views.Reset()

	p.crowd.mu.Lock()
	p.crowd.users, p.crowd.open = nil, nil
	p.crowd.mu.Unlock()

	p.journal.mu.Lock()
	p.journal.entries, p.journal.seq = nil, 0
	p.journal.mu.Unlock()

	p.clock.offset.Store(0)
}
