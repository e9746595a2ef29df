package pay_test

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/model/sqlitestore"
	"wxhub/pay"
	"wxhub/wx"
)

// platform is a WeChat Pay of a few lines, after PROTOCOL §2.4: what a number may
// still do depends on what was done with it. lost makes the next call take effect
// and its answer get lost.
type platform struct {
	mu      sync.Mutex
	trades  map[string]*trade
	refunds map[string]*refund
	calls   []string
	fail    map[string]error // by call name, for the next call
	lost    bool
	next    wx.Notification
	always  error // of every call
	codes   codes
	wholes  map[string]*whole
	// meanwhile runs while a prepay is on its way, without the lock.
	meanwhile func()
}

type trade struct {
	asked    wx.Prepay
	state    wx.TradeState
	paid     time.Time
	reversed bool // a payment by code that was taken back
	whole    string
}

// kept reports whether the merchant was given money, and it was not taken back.
func (t *trade) kept() bool { return !t.paid.IsZero() && !t.reversed }

func (p *platform) enter(call string) (answer func(error) error) {
	p.mu.Lock()
	p.calls = append(p.calls, call)
	lost := p.lost
	p.lost = false
	return func(err error) error {
		p.mu.Unlock()
		if lost {
			return wx.ErrTimeout
		}
		return err
	}
}

func (p *platform) refused(call string) error {
	if p.always != nil {
		return p.always
	}
	err := p.fail[call]
	delete(p.fail, call)
	return err
}

func (p *platform) Prepay(_ context.Context, r wx.Prepay) (string, error) {
	if p.meanwhile != nil {
		p.meanwhile()
	}
	answer := p.enter("prepay")
	if err := p.refused("prepay"); err != nil {
		return "", answer(err)
	}
	t, ok := p.trades[r.OutTradeNo]
	switch {
	case !ok:
		p.trades[r.OutTradeNo] = &trade{asked: r, state: wx.TradeNotPay}
	case t.state == wx.TradeSuccess:
		return "", answer(wx.ErrTradePaid)
	case t.state == wx.TradeClosed:
		return "", answer(wx.ErrTradeClosed)
	case t.asked != r:
		return "", answer(wx.ErrTradeDiffers)
	}
	if err := answer(nil); err != nil {
		return "", err
	}
	return "prepay-" + r.OutTradeNo, nil
}

func (p *platform) Query(_ context.Context, asked wx.Trade) (wx.Transaction, error) {
	answer := p.enter("query")
	if err := p.refused("query"); err != nil {
		return wx.Transaction{}, answer(err)
	}
	t, ok := p.trades[asked.OutTradeNo]
	if !ok || t.whole != "" || t.asked.MerchantID != asked.MerchantID || t.asked.SubMerchantID != asked.SubMerchantID {
		return wx.Transaction{}, answer(wx.ErrTradeUnknown)
	}
	tx := t.transaction(asked.OutTradeNo)
	return tx, answer(nil)
}

func (t *trade) transaction(number string) wx.Transaction {
	tx := wx.Transaction{
		Trade: t.asked.Trade, AppID: t.asked.AppID, SubAppID: t.asked.SubAppID, State: t.state,
		Amount: t.asked.Amount, Currency: t.asked.Currency,
	}
	if t.state == wx.TradeSuccess || t.state == wx.TradeRefund {
		tx.OpenID, tx.TransactionID, tx.SuccessTime = t.asked.OpenID, "4200"+number, t.paid
	}
	return tx
}

func (p *platform) Close(_ context.Context, asked wx.Trade) error {
	number := asked.OutTradeNo
	answer := p.enter("close")
	if err := p.refused("close"); err != nil {
		return answer(err)
	}
	t, ok := p.trades[number]
	switch {
	case ok && t.whole != "":
		return answer(wx.ErrTradeUnknown)
	case !ok: // poisoned: the number can never be used again
		p.trades[number] = &trade{state: wx.TradeClosed}
	case t.state == wx.TradeSuccess:
		return answer(wx.ErrTradePaid)
	default:
		t.state = wx.TradeClosed
	}
	return answer(nil)
}

func (p *platform) Invoke(_, appID, prepayID string) (wx.Invoke, error) {
	return wx.Invoke{AppID: appID, Package: "prepay_id=" + prepayID}, nil
}

func (p *platform) InvokeApp(t wx.Trade, appID, prepayID string) (wx.AppInvoke, error) {
	return wx.AppInvoke{AppID: appID, PartnerID: t.MerchantID, PrepayID: prepayID}, nil
}

// Open believes the body to be an out_trade_no: what is behind the signature.
func (p *platform) Reopen(ctx context.Context, merchant string, header func(string) string, body []byte, _ time.Time) (wx.Notification, error) {
	return p.Open(ctx, merchant, header, body)
}

func (p *platform) Open(_ context.Context, _ string, _ func(string) string, body []byte) (wx.Notification, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(body) == 0 {
		return wx.Notification{}, wx.ErrNotificationForged
	}
	if p.next.EventType != "" {
		return p.next, nil
	}
	if _, ok := p.wholes[string(body)]; ok {
		tx := p.told(string(body))
		return wx.Notification{ID: "n", EventType: "TRANSACTION.SUCCESS", Combined: &tx}, nil
	}
	t, ok := p.trades[string(body)]
	if !ok {
		return wx.Notification{}, wx.ErrNotificationMalformed
	}
	tx := t.transaction(string(body))
	return wx.Notification{ID: "n", EventType: "TRANSACTION.SUCCESS", Transaction: &tx}, nil
}

// pays is the payer's thumb. It reports whether WeChat took the money.
func (p *platform) pays(number string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	t, ok := p.trades[number]
	if !ok || t.state != wx.TradeNotPay && t.state != wx.TradeUserPaying {
		return false
	}
	for _, part := range p.paidWith(number) {
		part.state, part.paid = wx.TradeSuccess, model.Instant(time.Now())
	}
	return true
}

func (p *platform) count(call string) (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.calls {
		if c == call {
			n++
		}
	}
	return n
}

// people knows two users and in which apps they have an openid.
type people map[string]map[string]string

func (p people) CheckUser(_ context.Context, id string) error {
	if _, ok := p[id]; !ok {
		return model.NewError(model.KindNotFound, "user_not_found", "no such user")
	}
	return nil
}

// Survivor knows nobody who was merged.
func (p people) Survivor(ctx context.Context, id string) (string, error) {
	return id, p.CheckUser(ctx, id)
}

func (p people) EveryID(ctx context.Context, id string) ([]string, error) {
	return []string{id}, p.CheckUser(ctx, id)
}

func (p people) OpenID(_ context.Context, id, app string) (string, error) {
	if o, ok := p[id][app]; ok {
		return o, nil
	}
	return "", model.NewError(model.KindInvalid, "payer_has_no_openid", "no openid")
}

const (
	merchantID = "1900000001"
	appOne     = "wx-one"
	appTwo     = "wx-two"
	alice      = "user-a"
	bob        = "user-b"
)

// world is a service over a real store and the small platform, with a clock to turn.
type world struct {
	*pay.Service
	store    *sqlitestore.Store
	file     string // of the store
	platform *platform
	mu       sync.Mutex
	ahead    time.Duration
}

func newWorld(t interface {
	testing.TB
	TempDir() string
}) *world {
	t.Helper()
	file := filepath.Join(t.TempDir(), "pay.db")
	store, err := sqlitestore.Open(context.Background(), file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	w := newWorldOn(store)
	w.file = file
	return w
}

func newWorldOn(store *sqlitestore.Store) *world {
	w := &world{store: store, platform: &platform{trades: map[string]*trade{}, wholes: map[string]*whole{}, refunds: map[string]*refund{}, fail: map[string]error{}}}
	now := func() time.Time {
		w.mu.Lock()
		defer w.mu.Unlock()
		return time.Now().Add(w.ahead)
	}
	w.Service = pay.New(pay.Options{
		Orders: store, Idempotency: store, WeChat: w.platform, CodePay: w.platform, Together: w.platform, Combined: store,
		Payers:       people{alice: {appOne: "o-a1", appTwo: "o-a2"}, bob: {appOne: "o-b1"}},
		Merchants:    []pay.Merchant{{ID: merchantID}, {ID: "1900000002", Apps: []string{appTwo}}},
		Apps:         []pay.App{{ID: appOne, Kind: model.MiniProgram}, {ID: appTwo, Kind: model.MiniProgram}, {ID: "wx-oa", Kind: model.OfficialAccount}},
		CollectCodes: []pay.CollectCode{{ID: "counter-1", MerchantID: merchantID, Title: "Counter", Min: 10, Max: 1000}},
		PublicURL:    "https://shop.example", SweepEvery: 30 * time.Second,
		Now: now, IDs: model.IDs{Now: now, Entropy: rand.Reader}, Log: slog.New(slog.DiscardHandler),
	})
	return w
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ahead += d
}

func (w *world) create(t testing.TB, change func(*pay.CreateRequest)) model.Order {
	t.Helper()
	r := pay.CreateRequest{MerchantID: merchantID, Amount: 990, Description: "tea"}
	if change != nil {
		change(&r)
	}
	o, err := w.Create(context.Background(), r, pay.IdempotencyKey{})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func (w *world) prepay(t testing.TB, id, user, app string) pay.Prepaid {
	t.Helper()
	p, err := w.Prepay(context.Background(), by(id, user, app))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func by(order, user, app string) pay.PrepayRequest {
	return pay.PrepayRequest{OrderID: order, Method: model.MethodMiniProgram, Caller: pay.Caller{UserID: user, AppID: app}}
}

func (w *world) order(t testing.TB, id string) model.Order {
	t.Helper()
	o, err := w.Order(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func (w *world) notify(number string) error {
	return w.Notify(context.Background(), merchantID, func(string) string { return "" }, []byte(number), w.Now())
}

func events(o model.Order, of model.EventType) (n int) {
	for _, e := range o.Outbox {
		if e.Type == of {
			n++
		}
	}
	return n
}

func wantCode(t testing.TB, err error, code string) {
	t.Helper()
	if err == nil || model.CodeOf(err) != code {
		t.Errorf("got %v, want code %s", err, code)
	}
}

var errBoom = errors.New("boom")
