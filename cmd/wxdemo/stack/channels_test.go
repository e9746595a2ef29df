package stack_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"wxhub/wx/sandbox"
)

// side is whose money it is: a direct merchant's, or a sub merchant's.
type side struct{ merchant, sub string }

var sides = map[string]side{
	"direct":                         {sandbox.DefaultMerchant, ""},
	"a sub merchant with apps":       {sandbox.DefaultPartner, sandbox.DefaultSubMerchant},
	"a sub merchant without any app": {sandbox.DefaultPartner, sandbox.DefaultPlainSubMerchant},
}

// methods are the cells of the table: the method, and the app that the payer pays in.
var methods = []struct {
	side, method, app string
}{
	{"direct", "mini_program", sandbox.DefaultMiniProgram},
	{"direct", "official_account", sandbox.DefaultOfficialAccount},
	{"direct", "app", sandbox.DefaultMobileApp},
	{"direct", "native", ""},
	{"direct", "h5", ""},
	{"a sub merchant with apps", "mini_program", sandbox.DefaultSubMini},
	{"a sub merchant with apps", "official_account", sandbox.DefaultPartnerAccount},
	{"a sub merchant with apps", "app", sandbox.DefaultSubMobile},
	{"a sub merchant with apps", "native", ""},
	{"a sub merchant with apps", "h5", ""},
	{"a sub merchant without any app", "official_account", sandbox.DefaultPartnerAccount},
	{"a sub merchant without any app", "native", ""},
	{"a sub merchant without any app", "h5", ""},
}

type refund struct {
	ID, Status string
	Amount     int64
	Automatic  bool
}

// Every method for every kind of merchant: prepay, pay on the phone, paid by a verified
// notification, and given back.
func TestEveryMethodForEveryMerchant(t *testing.T) {
	b := start(t)
	for _, c := range methods {
		t.Run(c.side+", "+c.method, func(t *testing.T) {
			b.t = t
			s, v := sides[c.side], b.visitor(b.newUser())
			session := ""
			if c.app != "" {
				session = enter(t, v, c.app, "snsapi_base").Token
			}
			var o order
			body := map[string]any{"merchant_id": s.merchant, "amount": 1000, "description": "tea"}
			if s.sub != "" {
				body["sub_merchant_id"] = s.sub
			}
			if c.app != "" {
				var p struct{ ID string }
				b.do(http.MethodGet, "/v1/users?app_id="+c.app+"&open_id="+v.User.OpenIDs[c.app], b.APIKey, nil).into(t, 200, &p)
				body["user_id"] = p.ID
			}
			b.do(http.MethodPost, "/v1/orders", b.APIKey, body).into(t, 201, &o)
			ask := map[string]string{"method": c.method}
			if c.app != "" {
				ask["app_id"] = c.app
			}
			if c.method == "h5" {
				ask["client_ip"] = "203.0.113.7"
			}
			caller := session
			if caller == "" { // a browser's session, or nobody's: the backend asks
				caller = b.APIKey
			}
			var pre struct {
				Order  order           `json:"order"`
				Invoke json.RawMessage `json:"invoke"`
			}
			b.do(http.MethodPost, "/v1/orders/"+o.ID+"/prepay", caller, ask).into(t, 200, &pre)
			if _, err := b.Sandbox.Pay(b.given(c.method, pre.Invoke), v.User.ID, sandbox.PaySuccess); err != nil {
				t.Fatal(err)
			}
			b.waitPaid(o.ID)
			b.giveBack(o.ID, 6*time.Second, 1000)
		})
	}
	b.t = t
	b.sameBooks()
}

// given is what the phone pays with, after it has verified what it was handed.
func (b *bench) given(method string, invoke json.RawMessage) string {
	b.t.Helper()
	var urls struct {
		CodeURL string `json:"code_url"`
		H5URL   string `json:"h5_url"`
	}
	var page sandbox.Invocation
	var app sandbox.AppInvocation
	for _, into := range []any{&urls, &page, &app} {
		if err := json.Unmarshal(invoke, into); err != nil {
			b.t.Fatal(err)
		}
	}
	var id string
	var err error
	switch method {
	case "native":
		return urls.CodeURL
	case "h5":
		if err := b.Sandbox.CheckH5(urls.H5URL, "https://shop.example/pay", false); err != nil {
			b.t.Fatal(err)
		}
		return urls.H5URL
	case "app":
		id, err = b.Sandbox.CheckAppInvocation(app)
	default:
		id, err = b.Sandbox.CheckInvocation(page)
	}
	if err != nil {
		b.t.Fatalf("the phone refuses %s: %v", invoke, err)
	}
	return id
}

// giveBack refunds an order of 1000 fen in parts and waits until the payer has it.
func (b *bench) giveBack(orderID string, pause time.Duration, parts ...int64) {
	b.t.Helper()
	for _, part := range parts {
		var r refund
		b.do(http.MethodPost, "/v1/orders/"+orderID+"/refunds", b.APIKey, map[string]any{"amount": part, "reason": "cold tea"}).into(b.t, 201, &r)
		b.do(http.MethodPost, "/v1/orders/"+orderID+"/refunds", b.APIKey, map[string]any{"amount": 1000}).into(b.t, 409, nil) // more than what is left
		if _, err := b.Sandbox.AdvanceClock(pause); err != nil {
			b.t.Fatal(err)
		}
		within(b.t, "the refund succeeds", func() bool {
			b.do(http.MethodGet, "/v1/refunds/"+r.ID, b.APIKey, nil).into(b.t, 200, &r)
			return r.Status == "succeeded"
		})
	}
	var o struct {
		Status         string `json:"status"`
		AmountRefunded int64  `json:"amount_refunded"`
	}
	b.do(http.MethodGet, "/v1/orders/"+orderID, b.APIKey, nil).into(b.t, 200, &o)
	if o.Status != "refunded" || o.AmountRefunded != 1000 {
		b.t.Errorf("the order is %+v", o)
	}
	var timeline struct{ Steps []struct{ What string } }
	b.do(http.MethodGet, "/v1/orders/"+orderID+"/timeline", b.APIKey, nil).into(b.t, 200, &timeline)
	var what []string
	for _, s := range timeline.Steps {
		what = append(what, s.What)
	}
	if got := fmt.Sprint(what); !strings.HasPrefix(got, "[created payment_opened paid refund_created") || strings.Count(got, "refund_succeeded") != len(parts) {
		b.t.Errorf("the timeline is %s", got)
	}
}

// WeChat Pay wants a minute between two refunds of one order.
func TestPartialRefunds(t *testing.T) {
	b := start(t)
	p := b.login(b.newUser())
	var o order
	b.do(http.MethodPost, "/v1/orders", b.APIKey, map[string]any{"merchant_id": b.merchant, "amount": 1000, "description": "tea"}).into(t, 201, &o)
	b.pay(b.prepay(o, p).Invoke, p)
	b.waitPaid(o.ID)
	b.giveBack(o.ID, 61*time.Second, 300, 700)
	b.sameBooks()
}

// sameBooks compares our ledger with WeChat's, to the fen.
func (b *bench) sameBooks() {
	b.t.Helper()
	for _, p := range b.Sandbox.Ledger().Payments {
		var o struct {
			Amount         int64  `json:"amount"`
			AmountRefunded int64  `json:"amount_refunded"`
			Status         string `json:"status"`
		}
		b.do(http.MethodGet, "/v1/orders/"+p.OutTradeNo[:26], b.APIKey, nil).into(b.t, 200, &o)
		if o.Amount != p.Total || o.AmountRefunded != p.Refunded {
			b.t.Errorf("WeChat has %d fen and gave %d back, we have %+v", p.Total, p.Refunded, o)
		}
	}
}

// The merchant's notifications and answers change from a certificate to another and back
// while payments go on: nothing genuine is refused.
func TestCertificatesChangeUnderPayments(t *testing.T) {
	b := start(t)
	pays := func() {
		t.Helper()
		v := b.visitor(b.newUser())
		var o order
		b.do(http.MethodPost, "/v1/orders", b.APIKey, map[string]any{
			"merchant_id": sandbox.DefaultPartner, "sub_merchant_id": sandbox.DefaultSubMerchant, "amount": 1, "description": "tea",
		}).into(t, 201, &o)
		var pre struct {
			Invoke struct {
				CodeURL string `json:"code_url"`
			} `json:"invoke"`
		}
		within(t, "WeChat Pay's answer is verified", func() bool { // a new certificate is fetched, at most every 5 s
			a := b.do(http.MethodPost, "/v1/orders/"+o.ID+"/prepay", b.APIKey, map[string]string{"method": "native"})
			return a.Status == 200 && json.Unmarshal(a.Body, &pre) == nil
		})
		if _, err := b.Sandbox.Pay(pre.Invoke.CodeURL, v.User.ID, sandbox.PaySuccess); err != nil {
			t.Fatal(err)
		}
		b.waitPaid(o.ID)
	}
	pays()
	for _, step := range []string{sandbox.RotateAdd, sandbox.RotateSwitch, sandbox.RotateRemove} {
		if _, err := b.Sandbox.RotateCertificate(sandbox.DefaultPartner, step); err != nil {
			t.Fatal(err)
		}
		pays()
	}
}
