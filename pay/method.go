package pay

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"wxhub/model"
	"wxhub/wx"
)

// way is how one method of the API is carried out at WeChat Pay.
type way struct {
	channel wx.Channel
	kind    model.AppKind // of the app that the payer pays in; "" when there is none
	openID  bool          // WeChat Pay must know the payer's openid beforehand
}

// ways is the table of methods.
var ways = map[model.Method]way{
	model.MethodMiniProgram:     {wx.ChannelJSAPI, model.MiniProgram, true},
	model.MethodOfficialAccount: {wx.ChannelJSAPI, model.OfficialAccount, true},
	model.MethodApp:             {wx.ChannelApp, model.MobileApp, false},
	model.MethodNative:          {wx.ChannelNative, "", false},
	model.MethodH5:              {wx.ChannelH5, "", false},
	model.MethodCode:            {"", "", false}, // not prepaid: codepay.go
}

// binds reports whether a prepay makes the order the payer's: a native or H5 payment may
// be made by anyone with the link.
func binds(m model.Method) bool { return ways[m].kind != "" }

func lifeOf(m model.Method) time.Duration {
	if m == model.MethodH5 {
		return h5Life
	}
	return prepayLife
}

// wish is the payment that a caller wants: what makes two attempts the same one.
type wish struct {
	userID   string // of the payer; "" when anybody may pay
	method   model.Method
	appID    string
	openID   string
	clientIP string
	notify   string
	authCode string // hash of the payer's code
	combined string // combine_out_trade_no, when the order is paid together with others
}

func (w wish) matches(p model.Payment) bool {
	if w.method == model.MethodCode {
		return p.Method == w.method && p.AuthCodeHash == w.authCode
	}
	return p.CombineOutTradeNo == w.combined &&
		p.Method == w.method && p.AppID == w.appID && p.OpenID == w.openID && p.ClientIP == w.clientIP && p.NotifyURL == w.notify
}

// wanted is the payment that is asked for, of one order or of several of one merchant
// together.
func (s *Service) wanted(ctx context.Context, r PrepayRequest, orders ...model.Order) (wish, error) {
	w := wish{method: r.Method, notify: s.notifyURL(orders[0].MerchantID)}
	if !r.Caller.Backend {
		w.userID = r.Caller.UserID
	}
	for _, o := range orders {
		switch {
		case o.UserID == "" || o.UserID == w.userID:
		case w.userID != "" || !r.Caller.Backend: // a caller who is nobody may pay what is nobody's
			return w, errNotYours
		default:
			w.userID = o.UserID
		}
	}
	how, ok := ways[r.Method]
	if !ok {
		return w, errMethod
	}
	if how.openID && w.userID == "" {
		return w, errPayerRequired
	}
	var err error
	if w.appID, err = s.payingApp(s.fittingApps(how, orders...), r, how); err != nil {
		return w, err
	}
	if r.Method == model.MethodCode {
		w.notify = "" // there is none
		if r.ClientIP != "" {
			if w.clientIP, err = deviceIP(r.ClientIP); err != nil {
				return w, err
			}
		}
		w.authCode, err = s.authCode(orders[0], r)
		return w, err
	}
	if r.Method == model.MethodH5 {
		if w.clientIP, err = payerIP(r.ClientIP); err != nil {
			return w, err
		}
	}
	if how.openID {
		w.openID, err = s.Payers.OpenID(ctx, w.userID, w.appID)
	}
	return w, err
}

// payerIP checks the address of an H5 payer, which WeChat Pay demands.
func payerIP(text string) (string, error) {
	return address(text, "must be the IP address of the payer's browser, which h5 needs")
}

// deviceIP checks the address of the device that scanned a code.
func deviceIP(text string) (string, error) {
	return address(text, "must be the IP address of the device that scanned the code, or left out")
}

func address(text, remedy string) (string, error) {
	ip, err := netip.ParseAddr(text)
	if err != nil || ip.Zone() != "" {
		return "", model.InvalidField("client_ip", "%s", remedy)
	}
	return ip.Unmap().String(), nil
}

// payingApp chooses the app that a payment is made in: the one that was asked for, the
// one of the payer's session, or the only one that fits. Native and H5 payments are made
// in no app; WeChat Pay wants to hear of one that is bound to the merchant all the same.
func (s *Service) payingApp(fitting []string, r PrepayRequest, how way) (string, error) {
	if r.AppID != "" {
		if !slices.Contains(fitting, r.AppID) {
			return "", s.unfit(r.AppID, how)
		}
		return r.AppID, nil
	}
	if slices.Contains(fitting, r.Caller.AppID) {
		return r.Caller.AppID, nil
	}
	switch {
	case len(fitting) == 0:
		return "", model.InvalidField("method", "needs an app that is bound to this merchant, and none that fits is configured")
	case how.kind != "" && r.Caller.AppID != "":
		return "", s.unfit(r.Caller.AppID, how)
	case how.kind != "" && len(fitting) > 1:
		return "", model.InvalidField("app_id", "is needed: several apps of this merchant take the method")
	}
	return fitting[0], nil
}

// fittingApps are the apps in which a method works for all of some orders, those of the first
// one's sub merchant first.
func (s *Service) fittingApps(how way, orders ...model.Order) []string {
	ids := s.appsOf(orders[0], how)
	for _, o := range orders[1:] {
		own := s.appsOf(o, how)
		ids = slices.DeleteFunc(ids, func(id string) bool { return !slices.Contains(own, id) })
	}
	return ids
}

// appsOf are the apps of an order's merchant in which a method works, those of a sub
// merchant first.
func (s *Service) appsOf(o model.Order, how way) (ids []string) {
	m := s.merchants[o.MerchantID]
	if m.Partner && how.kind == "" {
		return []string{m.AppID}
	}
	for _, own := range [][]string{s.subMerchant(o).Apps, s.ownApps(m)} {
		for _, id := range own {
			if at := slices.IndexFunc(s.Apps, func(a App) bool { return a.ID == id }); at >= 0 && (how.kind == "" || s.Apps[at].Kind == how.kind) {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// ownApps are the apps that are bound to a merchant itself.
func (s *Service) ownApps(m Merchant) (ids []string) {
	if len(m.Apps) > 0 || m.Partner {
		return append(m.Apps, m.AppID)
	}
	for _, a := range s.Apps {
		ids = append(ids, a.ID)
	}
	return ids
}

func (s *Service) unfit(appID string, how way) error {
	at := slices.IndexFunc(s.Apps, func(a App) bool { return a.ID == appID })
	switch {
	case at < 0:
		return model.InvalidField("app_id", "is not an app configured here")
	case how.kind != "" && s.Apps[at].Kind != how.kind:
		return model.InvalidField("app_id", "is not a %s configured here, which this method needs", how.kind)
	}
	return model.InvalidField("app_id", "is not bound to this merchant")
}

func (s *Service) subMerchant(o model.Order) SubMerchant {
	for _, sub := range s.merchants[o.MerchantID].SubMerchants {
		if sub.ID == o.SubMerchantID {
			return sub
		}
	}
	return SubMerchant{}
}

func (s *Service) notifyURL(merchantID string) string {
	return s.PublicURL + "/v1/notify/wechat-pay/" + merchantID
}

// tradeOf names an attempt at WeChat Pay.
func tradeOf(o model.Order, outTradeNo string) wx.Trade {
	return wx.Trade{MerchantID: o.MerchantID, SubMerchantID: o.SubMerchantID, OutTradeNo: outTradeNo}
}

// prepayOf is what WeChat Pay is asked for an attempt.
func (s *Service) prepayOf(o model.Order, p model.Payment) wx.Prepay {
	out := wx.Prepay{
		Trade: tradeOf(o, p.OutTradeNo), Channel: ways[p.Method].channel, AppID: p.AppID, OpenID: p.OpenID, ClientIP: p.ClientIP,
		Description: o.Description, Attach: o.Attach, NotifyURL: p.NotifyURL,
		Amount: o.Amount, Currency: o.Currency, ExpiresAt: o.ExpiresAt, ProfitSharing: o.ProfitSharing,
	}
	if m := s.merchants[o.MerchantID]; m.Partner && slices.Contains(s.subMerchant(o).Apps, p.AppID) {
		out.AppID, out.SubAppID = m.AppID, p.AppID
	}
	return out
}

// invoke makes what the payer's client hands to WeChat.
func (s *Service) invoke(o model.Order, p model.Payment) (in Invoke, err error) {
	switch p.Method {
	case model.MethodNative:
		in.CodeURL = p.PrepayID
	case model.MethodH5:
		in.H5URL = p.PrepayID
	case model.MethodApp:
		var app wx.AppInvoke
		app, err = s.WeChat.InvokeApp(tradeOf(o, p.OutTradeNo), p.AppID, p.PrepayID)
		in.App = &app
	default:
		var jsapi wx.Invoke
		jsapi, err = s.WeChat.Invoke(o.MerchantID, p.AppID, p.PrepayID)
		in.JSAPI = &jsapi
	}
	return in, err
}
