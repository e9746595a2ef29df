package server_test

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"sync"
	"time"

	"wxhub/model"
	"wxhub/wx"
)

// wechat is a WeChat of a few lines: mini-program login and WeChat Pay. A login code
// is a name and a nonce ("alice-1") and works once. fail makes the next call of a
// name go wrong; a failure may also panic.
type wechat struct {
	mu     sync.Mutex
	used   map[string]bool
	fail   map[string]func() error
	trades map[string]*trade
	wholes map[string]wx.CombinedPrepay
	closed map[string]bool
	silent map[string]bool   // of whom no UnionID is told
	sealed map[string]string // what encrypted data say; others say themselves
	stale  bool              // session keys are no longer good
	asked  map[string]int    // how often each call was made
}

type trade struct {
	asked wx.Prepay
	state wx.TradeState
	paid  time.Time
}

func newWeChat() *wechat {
	return &wechat{used: map[string]bool{}, fail: map[string]func() error{}, trades: map[string]*trade{}, wholes: map[string]wx.CombinedPrepay{}, closed: map[string]bool{}, silent: map[string]bool{}, sealed: map[string]string{}, asked: map[string]int{}}
}

// next makes the next call of a name fail.
func (w *wechat) next(call string, err error) { w.nextDoes(call, func() error { return err }) }

func (w *wechat) nextDoes(call string, f func() error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fail[call] = f
}

func (w *wechat) enter(call string) error {
	w.asked[call]++
	f := w.fail[call]
	delete(w.fail, call)
	if f == nil {
		return nil
	}
	return f()
}

func (w *wechat) Code2Session(_ context.Context, appID, code string) (wx.MiniSession, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.enter("login"); err != nil {
		return wx.MiniSession{}, err
	}
	name, _, ok := strings.Cut(code, "-")
	if !ok {
		return wx.MiniSession{}, wx.ErrCodeInvalid
	}
	if w.used[appID+code] {
		return wx.MiniSession{}, wx.ErrCodeUsed
	}
	w.used[appID+code] = true
	s := wx.MiniSession{OpenID: "openid-" + name, UnionID: "unionid-" + name, SessionKey: sessionKey}
	if w.silent[name] {
		s.UnionID = ""
	}
	return s, nil
}

// tells decides whether WeChat tells somebody's UnionID.
func (w *wechat) tells(name string, tells bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.silent[name] = !tells
}

func (w *wechat) count(call string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.asked[call]
}

func (w *wechat) PhoneNumber(context.Context, string, string, string) (wx.Phone, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return wx.Phone{Number: "13800000000"}, w.enter("phone")
}

func (w *wechat) CheckSession(context.Context, string, string, model.Secret) (bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.stale, w.enter("check")
}

func (w *wechat) ResetSessionKey(context.Context, string, string, model.Secret) (model.Secret, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return sessionKey, w.enter("reset")
}

func (w *wechat) Decrypt(_ model.Secret, _, data, _ string) (json.RawMessage, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if plain, ok := w.sealed[data]; ok {
		return json.RawMessage(plain), w.enter("decrypt")
	}
	return json.RawMessage(`{"data":"` + data + `"}`), w.enter("decrypt")
}

func (w *wechat) SignedBy(_ model.Secret, _, signature string) bool {
	return signature == strings.Repeat("a", 40)
}

func (w *wechat) LoginURL(appID, redirectURI, scope, state string) string {
	return "https://open.example/authorize?" + url.Values{"appid": {appID}, "redirect_uri": {redirectURI}, "scope": {scope}, "state": {state}}.Encode()
}

// Redeem takes the codes that Code2Session takes.
func (w *wechat) Redeem(ctx context.Context, appID, code string) (wx.Grant, error) {
	s, err := w.Code2Session(ctx, appID, code)
	return wx.Grant{OpenID: s.OpenID, UnionID: s.UnionID, Snapshot: strings.HasPrefix(code, "snapshot")}, err
}

func (w *wechat) Prepay(_ context.Context, r wx.Prepay) (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.enter("prepay"); err != nil {
		return "", err
	}
	w.trades[r.OutTradeNo] = &trade{asked: r, state: wx.TradeNotPay}
	return "prepay-" + r.OutTradeNo, nil
}

func (w *wechat) Query(_ context.Context, asked wx.Trade) (wx.Transaction, error) {
	number := asked.OutTradeNo
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.enter("query"); err != nil {
		return wx.Transaction{}, err
	}
	t, ok := w.trades[number]
	if !ok {
		return wx.Transaction{}, wx.ErrTradeUnknown
	}
	return t.transaction(number), nil
}

func (w *wechat) Close(_ context.Context, asked wx.Trade) error {
	number := asked.OutTradeNo
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.enter("close"); err != nil {
		return err
	}
	if t, ok := w.trades[number]; ok {
		t.state = wx.TradeClosed
	}
	return nil
}

func (w *wechat) Invoke(_, appID, prepayID string) (wx.Invoke, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return wx.Invoke{
		AppID: appID, TimeStamp: "1767225600", NonceStr: "5K8264ILTKCH16CQ", Package: "prepay_id=" + prepayID,
		SignType: "RSA", PaySign: "c2lnbmVk",
	}, w.enter("invoke")
}

func (w *wechat) InvokeApp(t wx.Trade, appID, prepayID string) (wx.AppInvoke, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return wx.AppInvoke{AppID: appID, PartnerID: t.MerchantID, PrepayID: prepayID, Package: "Sign=WXPay", NonceStr: "n", Timestamp: "1767225600", Sign: "c2lnbmVk"}, w.enter("invoke")
}

// Refund accepts whatever is asked for.
func (w *wechat) Refund(_ context.Context, r wx.RefundRequest) (wx.RefundState, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return wx.RefundState{Trade: r.Trade, OutRefundNo: r.OutRefundNo, RefundID: "5030", Status: wx.RefundProcessing, Amount: r.Amount, Total: r.Total}, w.enter("refund")
}

func (w *wechat) QueryRefund(context.Context, wx.Trade, string) (wx.RefundState, error) {
	return wx.RefundState{}, wx.ErrRefundUnknown
}

func (w *wechat) Reopen(ctx context.Context, merchant string, header func(string) string, body []byte, _ time.Time) (wx.Notification, error) {
	return w.Open(ctx, merchant, header, body)
}

// Open believes a body with the right signature header to be an out_trade_no.
func (w *wechat) Open(_ context.Context, merchant string, header func(string) string, body []byte) (wx.Notification, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.enter("open"); err != nil {
		return wx.Notification{}, err
	}
	if merchant != merchantID {
		return wx.Notification{}, wx.ErrMerchantUnknown
	}
	if header("Wechatpay-Signature") != goodSignature {
		return wx.Notification{}, wx.ErrNotificationForged
	}
	if said, ok := w.told(string(body)); ok {
		return wx.Notification{ID: "n", EventType: "TRANSACTION.SUCCESS", Combined: &said}, nil
	}
	t, ok := w.trades[string(body)]
	if !ok {
		return wx.Notification{}, wx.ErrNotificationMalformed
	}
	tx := t.transaction(string(body))
	return wx.Notification{ID: "n", EventType: "TRANSACTION.SUCCESS", Transaction: &tx}, nil
}

func (t *trade) transaction(number string) wx.Transaction {
	tx := wx.Transaction{
		Trade: t.asked.Trade, AppID: t.asked.AppID, State: t.state,
		Amount: t.asked.Amount, Currency: t.asked.Currency,
	}
	if t.state == wx.TradeSuccess {
		tx.OpenID, tx.TransactionID, tx.SuccessTime = t.asked.OpenID, "4200"+number, t.paid
	}
	return tx
}

// pays is the payer's thumb.
func (w *wechat) pays(number string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := w.trades[number]
	t.state, t.paid = wx.TradeSuccess, model.Instant(time.Now())
}
