package stack_test

import (
	"net/http"
	"strings"
	"testing"

	"wxhub/wx/sandbox"
)

// Each fault of each WeChat call: the caller gets a clear answer, tries again, and
// the job is done once.
func TestCallFaults(t *testing.T) {
	b := start(t)
	u := b.newUser()
	for _, kind := range sandbox.FaultKinds() {
		for _, call := range []string{"/sns/jscode2session", "/v3/pay/transactions/jsapi", "/v3/pay/transactions/out-trade-no"} {
			if _, err := b.Sandbox.AddFault(sandbox.Fault{Match: call, Kind: kind.Kind}); err != nil {
				continue // has no meaning there
			}
			b.Sandbox.ClearFaults()
			t.Run(kind.Kind+call, func(t *testing.T) {
				b.t = t
				b.walkThrough(u, call, kind.Kind)
			})
		}
	}
}

// walkThrough does the main job with one fault on the way, retrying as a client would.
func (b *bench) walkThrough(u sandbox.User, call, kind string) {
	b.t.Helper()
	b.fault(call, kind, 1)
	var s struct{ Token string }
	b.insist(func() answer {
		return b.do(http.MethodPost, "/v1/login/mini-program", "", map[string]string{"app_id": b.app, "code": b.code(u)})
	}).into(b.t, 200, &s)
	o, p := b.order(), payer{u, s.Token}
	var pre prepaid
	b.insist(func() answer {
		return b.do(http.MethodPost, "/v1/orders/"+o.ID+"/prepay", p.session, map[string]string{"method": "mini_program"})
	}).into(b.t, 200, &pre)
	b.insist(func() answer { return b.do(http.MethodGet, "/v1/orders/"+o.ID+"?refresh=true", p.session, nil) }).into(b.t, 200, nil)
	b.Sandbox.ClearFaults()
	b.pay(pre.Invoke, p)
	want := 1
	if kind == "not_enough" && strings.Contains(call, "jsapi") { // a refusal for good, after which another number is taken
		want = 2
	}
	if got := b.waitPaid(o.ID); len(got.Payments) != want {
		b.t.Errorf("%d payments", len(got.Payments))
	}
}

// insist repeats a call that WeChat spoilt. A spoilt call is a problem with a code.
func (b *bench) insist(call func() answer) answer {
	b.t.Helper()
	for range 3 {
		a := call()
		var problem struct{ Code string }
		a.into(b.t, a.Status, &problem)
		// A login whose answer got lost has spent its code: net/http repeats the GET on
		// a fresh connection and WeChat says so. wx.login gives another.
		if a.Status < 500 && a.Status != http.StatusTooManyRequests && problem.Code != "login_code_used" {
			return a
		}
		if a.Status == http.StatusInternalServerError || problem.Code == "" || problem.Code == "internal" {
			b.t.Fatalf("answered %d %s", a.Status, a.Body)
		}
	}
	b.t.Fatal("three tries were not enough for one fault")
	return answer{}
}
