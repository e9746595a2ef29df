package server_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"wxhub/model"
	"wxhub/wx"
)

// Each of WeChat's errors has one status and one code, whichever call it comes from.
func TestWeChatsErrorsBecomeProblems(t *testing.T) {
	w := newWorld(t)
	user := w.login(t, "alice").Token
	calls := map[string]func() answer{
		"login": func() answer { return w.post(t, "/v1/login/mini-program", "", loginBody("alice")) },
		"prepay": func() answer {
			return w.post(t, "/v1/orders/"+w.create(t, orderBody).ID+"/prepay", user, `{"method":"mini_program"}`)
		},
		"query": func() answer {
			return w.get(t, "/v1/orders/"+w.prepay(t, w.create(t, orderBody).ID, user).Order.ID+"?refresh=true", user)
		},
		"close": func() answer {
			return w.post(t, "/v1/orders/"+w.prepay(t, w.create(t, orderBody).ID, user).Order.ID+"/close", user, "")
		},
	}
	everywhere := []string{"login", "prepay", "query", "close"}
	for _, c := range []struct {
		err    *model.Error
		calls  []string
		status int
		code   string
	}{
		{wx.ErrCodeInvalid, []string{"login"}, 422, "login_code_invalid"},
		{wx.ErrCodeUsed, []string{"login"}, 409, "login_code_used"},
		{wx.ErrUserBlocked, []string{"login"}, 403, "login_blocked"},
		{wx.ErrRateLimited, everywhere, 429, "wechat_rate_limited"},
		{wx.ErrRejected, everywhere, 502, "wechat_rejected"},
		{wx.ErrBusy, everywhere, 502, "wechat_unavailable"},
		{wx.ErrTimeout, everywhere, 504, "wechat_timeout"},
		{wx.ErrForged, []string{"prepay", "query", "close"}, 502, "wechat_answer_unverified"},
		{wx.ErrTradeUnknown, []string{"prepay"}, 502, "wechat_order_unknown"},
		{wx.ErrMerchantUnknown, []string{"prepay", "query", "close"}, 404, "merchant_unknown"},
	} {
		for _, call := range c.calls {
			t.Run(c.code+" from "+call, func(t *testing.T) {
				upstream := model.Upstream{Service: "wechat", Code: "40029", Message: "said by WeChat", RequestID: "rid-1"}
				w.wechat.next(call, wx.Refused(c.err, upstream).Because(errors.New("private "+mark)))
				p := wantProblem(t, calls[call](), c.status, c.code)
				if p.Upstream == nil || p.Upstream.Code != "40029" || p.Upstream.Message != "said by WeChat" || p.Upstream.RequestID != "rid-1" {
					t.Errorf("upstream %+v", p.Upstream)
				}
				if strings.Contains(fmt.Sprint(p), mark) {
					t.Errorf("the cause was told: %+v", p)
				}
				if lines := w.log.lines(p.RequestID); len(lines) == 0 || !strings.Contains(strings.Join(lines, ""), mark) {
					t.Errorf("the cause is not in the log: %q", lines)
				}
			})
		}
	}
}

// These mean something to package pay, which acts on them instead of passing them on.
func TestWeChatPaysVerdictOnANumberIsActedOn(t *testing.T) {
	w := newWorld(t)
	user := w.login(t, "alice").Token
	for name, refusal := range map[string]error{"closed": wx.ErrTradeClosed, "differs": wx.ErrTradeDiffers} {
		order := w.create(t, orderBody)
		w.wechat.next("prepay", refusal)
		if p := w.prepay(t, order.ID, user); len(p.Order.Payments) != 2 || p.Payment.Status != "pending" {
			t.Errorf("%s: got %+v", name, p.Order.Payments)
		}
	}
	p := w.prepay(t, w.create(t, orderBody).ID, user)
	w.wechat.pays(p.Payment.OutTradeNo)
	w.wechat.next("close", wx.ErrTradePaid)
	wantProblem(t, w.post(t, "/v1/orders/"+p.Order.ID+"/close", user, ""), 409, "order_paid")

	p = w.prepay(t, w.create(t, orderBody).ID, user)
	w.wechat.next("query", wx.ErrTradeUnknown)
	if a := w.get(t, "/v1/orders/"+p.Order.ID+"?refresh=true", user); a.Status != 200 {
		t.Errorf("status %d: %s", a.Status, a.Body)
	}
}

func TestNotificationErrorsTakeWeChatPaysForm(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		err    error
		status int
		metric string
	}{
		{wx.ErrNotificationForged, 401, "notification_unverified"},
		{wx.ErrNotificationProbe, 401, "notification_probe"},
		{wx.ErrNotificationMalformed, 422, "notification_malformed"},
		{wx.ErrMerchantUnknown, 404, "merchant_unknown"},
		{model.ErrUnavailable.Because(errors.New(mark)), 503, "unavailable"},
		{errors.New(mark), 500, "internal"},
	} {
		w.wechat.next("open", c.err)
		a := w.notify(t, "any")
		f := decode[map[string]string](t, a, c.status)
		if len(f) != 2 || f["code"] != "FAIL" || f["message"] == "" || strings.Contains(f["message"], mark) {
			t.Errorf("%v: got %s", c.err, a.Body)
		}
		if want := fmt.Sprintf(`wxhub_notifications_total{result=%q} 1`, c.metric); !strings.Contains(string(w.get(t, "/metrics", "").Body), want) {
			t.Errorf("no metric %s", want)
		}
	}
}
