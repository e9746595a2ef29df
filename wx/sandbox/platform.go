package sandbox

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"net/http"
	"strings"
	"time"

	"wxhub/wx/sandbox/webview"
)

// Platform is one simulated WeChat. It is safe for concurrent use. Each part has its own lock and calls no
// other part while it holds it, except the clock and the ids.
type Platform struct {
	seed      uint64
	publicURL string
	behaviour *Behaviour

	clock        *clock
	ids          *idMaker
	world        *world
	console      *console
	crowd        *crowd
	consents     *consents
	oauth        *oauth
	phones       *phones
	audience     *audience
	menus        *menus
	chats        *chats
	views        *webview.Views
	logins       *logins
	tokens       *tokens
	allowed      *allowLists
	book         *book
	bills        *bills
	shipments    *shipments
	transfers    *transfers
	applyments   *applyments
	settlements  *settlements
	media        *media
	verification *verifications
	faults       *faults
	journal      *journal
	notifier     *notifier

	ctx    context.Context // ends with Close; it belongs to the workers, not to calls
	cancel context.CancelFunc
}

// New makes a platform and starts its notification worker. Close stops it.
func New(o Options) (*Platform, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	if o.Seed == 0 {
		o.Seed = randomSeed()
	}
	known, err := newWorld(o.Apps, o.Merchants)
	if err != nil {
		return nil, err
	}
	p := &Platform{seed: o.Seed, publicURL: strings.TrimSuffix(o.PublicURL, "/"), behaviour: o.Behaviour, world: known}
	p.clock = &clock{wall: o.Now}
	p.ids = newIDMaker(o.Seed)
	p.crowd = &crowd{ids: p.ids, world: known}
	p.console = &console{world: known, changed: map[string]App{}, moved: map[migration]bool{}}
	p.consents = newConsents(p.clock)
	p.oauth = newOAuth(p.clock, p.ids)
	p.audience = &audience{clock: p.clock, fans: map[string][]follower{}}
	p.menus = newMenus()
	p.chats = &chats{clock: p.clock, lines: map[chatKey][]*ChatLine{}}
	p.views = webview.New(webview.Options{Own: p.heldBy})
	p.phones = &phones{clock: p.clock, ids: p.ids, codes: map[string]*phoneCode{}}
	p.logins = &logins{clock: p.clock, ids: p.ids, codes: map[string]*loginCode{}, sessions: map[string]string{}, calls: map[string][]time.Time{}}
	p.tokens = &tokens{clock: p.clock, ids: p.ids, apps: map[string]*appTokens{}, issued: map[string]*accessToken{}}
	p.allowed = &allowLists{}
	p.book = newBook(p.clock, p.ids, o.Behaviour)
	p.bills = newBills()
	p.transfers = &transfers{clock: p.clock, ids: p.ids, all: map[orderKey]*Transfer{}}
	p.applyments = &applyments{clock: p.clock, ids: p.ids}
	p.settlements = &settlements{clock: p.clock, ids: p.ids, accounts: map[string]bankAccount{}}
	p.media = &media{ids: p.ids, known: map[[3]string]bool{}}
	p.shipments = &shipments{known: map[string]*shipment{}}
	if p.verification, err = newVerifications(known, p.clock, p.ids); err != nil {
		return nil, err
	}
	p.journal = &journal{logger: o.Logger}
	if p.faults, err = newFaults(o.Faults, o.Seed); err != nil {
		return nil, err
	}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	p.notifier = newNotifier(p, o.Client)
	p.notifier.start()
	return p, nil
}

func newFaults(mode string, seed uint64) (*faults, error) {
	switch mode {
	case "", "none":
		return &faults{}, nil
	case "default":
		return &faults{mix: newFaultMix(seed)}, nil
	}
	return nil, fmt.Errorf("sandbox: faults is %q; it is none or default", mode)
}

// Seed is the seed in use; with it and the same calls a run can be repeated.
func (p *Platform) Seed() uint64 { return p.seed }

// Handler answers the platform's own paths, all three endpoints on one address, and /sandbox/*. It needs a real
// server: faults that break a connection panic with http.ErrAbortHandler, which net/http understands.
func (p *Platform) Handler() http.Handler {
	control := p.Control()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch path := r.URL.Path; {
		case path == "/sandbox" || strings.HasPrefix(path, "/sandbox/"):
			control.ServeHTTP(w, r)
		case strings.HasPrefix(path, "/v3/"):
			p.serveV3(w, r)
		case isV2(path):
			p.serveV2(w, r)
		case path == h5Path:
			p.serveH5(w, r)
		case strings.HasPrefix(path, "/connect/"):
			p.serveOpen(w, r)
		default:
			p.serveWX(w, r)
		}
	})
}

// Close closes the phone's web views, stops the delivery of notifications and waits for attempts under way to end. Calls that hang on
// purpose are let go.
func (p *Platform) Close() error {
	p.cancel()
	p.views.Close()
	p.notifier.wait()
	return nil
}

// randomSeed is never 0, so that it can be given back as Options.Seed.
func randomSeed() uint64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return binary.BigEndian.Uint64(b[:])>>12 | 1
}
