package sandbox_test

import (
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"wxhub/wx/sandbox"
)

// Each kind that strikes an APIv3 call: what the client sees of a prepay, and whether it was carried out.
func TestFaultsOfSignedCalls(t *testing.T) {
	broken := func(_ *stage, _ response, err error) bool { return err != nil }
	code := func(status int, code string) func(*stage, response, error) bool {
		return func(s *stage, r response, err error) bool {
			return err == nil && r.status == status && r.code() == code && s.verified(r.header, r.body)
		}
	}
	unverified := func(s *stage, r response, err error) bool {
		return err == nil && r.status == 200 && r.field("prepay_id") != "" && !s.verified(r.header, r.body)
	}
	for kind, test := range map[string]struct {
		sees func(*stage, response, error) bool
		done bool
	}{
		"delay":    {func(s *stage, r response, err error) bool { return r.status == 200 && s.verified(r.header, r.body) }, true},
		"drop":     {broken, false},
		"hang":     {broken, false},
		"http_500": {func(_ *stage, r response, err error) bool { return r.status == 500 && r.code() == "" }, false},
		"not_json": {func(_ *stage, r response, err error) bool {
			return r.status == 200 && strings.HasPrefix(string(r.body), "<html>")
		}, false},
		"system_error":       {code(500, "SYSTEM_ERROR"), false},
		"system_error_after": {code(500, "SYSTEM_ERROR"), true},
		"frequency_limited":  {code(429, "FREQUENCY_LIMITED"), false},
		"not_enough":         {code(403, "NOT_ENOUGH"), false},
		"lost_answer":        {broken, true},
		"truncate":           {func(_ *stage, r response, err error) bool { return err != nil && r.status == 200 && len(r.body) > 0 }, true},
		"bad_signature":      {unverified, true},
		"signtest": {func(s *stage, r response, err error) bool {
			return unverified(s, r, err) && strings.HasPrefix(r.header.Get("Wechatpay-Signature"), "WECHATPAY/SIGNTEST/")
		}, true},
		"unsigned": {func(s *stage, r response, err error) bool {
			return unverified(s, r, err) && r.header.Get("Wechatpay-Signature") == ""
		}, true},
		"old_timestamp": {func(s *stage, r response, _ error) bool { return s.verified(r.header, r.body) && stale(r.header) }, true},
		"wrong_serial":  {unverified, true},
		"tampered":      {unverified, true},
	} {
		t.Run(kind, func(t *testing.T) {
			s := newStage(t, sandbox.Options{})
			s.fault(sandbox.Fault{Match: jsapi, Kind: kind, Delay: 10 * time.Millisecond})
			got, err := s.send(s.request(http.MethodPost, jsapi, s.prepayBody(s.number())))
			if !test.sees(s, got, err) {
				t.Errorf("%d %s %v", got.status, got.body, err)
			}
			if done := len(s.platform.Orders()) == 1; done != test.done {
				t.Errorf("carried out: %t", done)
			}
			if log := s.platform.Log(0); log[0].Fault != kind || !log[0].Done {
				t.Errorf("log %+v", log[0])
			}
			s.prepay(s.number()) // the fault struck once
		})
	}
}

func stale(header http.Header) bool {
	seconds, err := time.ParseDuration(header.Get("Wechatpay-Timestamp") + "s")
	return err == nil && time.Since(time.Unix(0, 0).Add(seconds)) > 5*time.Minute
}

func TestFaultsOfLoginCalls(t *testing.T) {
	for kind, sees := range map[string]func(response, error) bool{
		"delay":              func(r response, err error) bool { return r.field("openid") != "" },
		"drop":               func(_ response, err error) bool { return err != nil },
		"hang":               func(_ response, err error) bool { return err != nil },
		"http_500":           func(r response, _ error) bool { return r.status == 500 },
		"not_json":           func(r response, _ error) bool { return r.field("openid") == "" && r.status == 200 },
		"system_error":       func(r response, _ error) bool { return r.field("errcode") == "-1" && r.status == 200 },
		"system_error_after": func(r response, _ error) bool { return r.field("errcode") == "-1" },
		"frequency_limited":  func(r response, _ error) bool { return r.field("errcode") == "45009" },
		"lost_answer":        func(_ response, err error) bool { return err != nil },
		"truncate":           func(_ response, err error) bool { return err != nil },
	} {
		s := newStage(t, sandbox.Options{})
		s.fault(sandbox.Fault{Match: "/sns/", Kind: kind, Delay: 10 * time.Millisecond})
		app, code := sandbox.DefaultMiniProgram, s.code(sandbox.DefaultMiniProgram)
		request, err := http.NewRequest(http.MethodGet, s.url+"/sns/jscode2session?grant_type=authorization_code&appid="+app+"&secret="+s.secret(app)+"&js_code="+code, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := s.send(request); !sees(got, err) {
			t.Errorf("%s: %d %s %v", kind, got.status, got.body, err)
		}
		again := s.login(app, code)
		used := kind == "delay" || kind == "lost_answer" || kind == "system_error_after" || kind == "truncate"
		if (again.field("errcode") == "40163") != used {
			t.Errorf("%s: the same code again: %s", kind, again.body)
		}
	}
}

func TestHangEndsWhenTheClientGivesUp(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	s.fault(sandbox.Fault{Match: "/", Kind: "hang", Delay: 10 * time.Minute})
	client := &http.Client{Timeout: 50 * time.Millisecond}
	if _, err := client.Get(s.url + "/cgi-bin/token"); err == nil {
		t.Error("an answer")
	}
	eventually(t, "the call ends", func() bool { return s.platform.Log(0)[0].Done })
}

// Each kind that strikes notifications, when the receiver refuses all and when it takes all.
func TestFaultsOfNotifications(t *testing.T) {
	type sent struct {
		s     *stage
		first []arrival // of the first attempt, after the receiver refused
	}
	one := func(check func(s *stage, a arrival) bool) func(sent) bool {
		return func(x sent) bool { return len(x.first) == 1 && check(x.s, x.first[0]) }
	}
	unverified := func(s *stage, a arrival) bool { return !s.verified(a.header, a.body) }
	plain := func(check func(n notified) bool) func(sent) bool {
		return one(func(s *stage, a arrival) bool { return s.verified(a.header, a.body) && check(s.mustOpen(a)) })
	}
	for kind, test := range map[string]func(sent) bool{
		"drop":     func(x sent) bool { return len(x.first) == 0 },
		"truncate": one(func(s *stage, a arrival) bool { _, err := s.open(a); return err != nil && unverified(s, a) }),
		"bad_signature": one(func(s *stage, a arrival) bool {
			_, err := base64.StdEncoding.DecodeString(a.header.Get("Wechatpay-Signature"))
			return err == nil && unverified(s, a)
		}),
		"signtest": func(x sent) bool {
			return len(x.first) == 2 && strings.HasPrefix(x.first[0].header.Get("Wechatpay-Signature"), "WECHATPAY/SIGNTEST/") &&
				!x.s.verified(x.first[0].header, x.first[0].body) && x.s.verified(x.first[1].header, x.first[1].body)
		},
		"unsigned":      one(func(s *stage, a arrival) bool { return a.header.Get("Wechatpay-Signature") == "" }),
		"old_timestamp": one(func(s *stage, a arrival) bool { return s.verified(a.header, a.body) && stale(a.header) }),
		"wrong_serial":  one(unverified),
		"tampered":      one(unverified),
		"duplicate": func(x sent) bool {
			return len(x.first) == 2 && x.s.mustOpen(x.first[0]).ID == x.s.mustOpen(x.first[1]).ID && x.s.verified(x.first[1].header, x.first[1].body)
		},
		"replay":        one(func(s *stage, a arrival) bool { return s.verified(a.header, a.body) }), // again only once received
		"wrong_amount":  plain(func(n notified) bool { return n.plain.Amount.Total != 100 }),
		"wrong_mchid":   plain(func(n notified) bool { return n.plain.MchID != sandbox.DefaultMerchant }),
		"wrong_appid":   plain(func(n notified) bool { return n.plain.AppID != sandbox.DefaultMiniProgram }),
		"swapped":       plain(func(n notified) bool { return n.plain.OutTradeNo == "the-other-order" }),
		"wrong_key":     one(func(s *stage, a arrival) bool { _, err := s.open(a); return err != nil && s.verified(a.header, a.body) }),
		"bad_nonce":     one(func(s *stage, a arrival) bool { _, err := s.open(a); return err != nil && s.verified(a.header, a.body) }),
		"unknown_event": plain(func(n notified) bool { return n.EventType != "TRANSACTION.SUCCESS" }),
	} {
		t.Run(kind, func(t *testing.T) {
			s, r := newStage(t, sandbox.Options{}), newReceiver(t, 500)
			s.prepay("the-other-order")
			s.fault(sandbox.Fault{Match: "notify:TRANSACTION.SUCCESS", Kind: kind})
			number, _ := s.paidOrder(r)
			logged := 1
			if kind == "signtest" || kind == "duplicate" {
				logged = 2
			}
			log := s.waitAttempts(logged)
			if log[0].Fault != kind || log[0].OutTradeNo != number || log[0].Attempt != 1 {
				t.Errorf("log %+v", log[0])
			}
			if !test(sent{s, r.all()}) {
				t.Errorf("%d arrivals", len(r.all()))
			}
			// The attempt failed, so the right notification follows.
			before := len(r.all())
			r.answer(204)
			s.advance(15 * time.Second)
			last := r.wait(t, before+1)[before]
			if n := s.mustOpen(last); n.plain.OutTradeNo != number || n.plain.Amount.Total != 100 || !s.verified(last.header, last.body) {
				t.Errorf("the next attempt is not the right one: %+v", n.plain)
			}
		})
	}
}

func TestReplaySendsTheSameBytesAgain(t *testing.T) {
	s, r := newStage(t, sandbox.Options{}), newReceiver(t, 204)
	s.fault(sandbox.Fault{Match: "notify", Kind: "replay"})
	s.paidOrder(r)
	a := r.wait(t, 2)
	if string(a[0].body) != string(a[1].body) || a[0].header.Get("Wechatpay-Signature") != a[1].header.Get("Wechatpay-Signature") {
		t.Error("the two differ")
	}
}

func TestDelayedNotificationWaitsForThePlatformsClock(t *testing.T) {
	s, r := newStage(t, sandbox.Options{}), newReceiver(t, 204)
	s.fault(sandbox.Fault{Match: "notify", Kind: "delay", Delay: 10 * time.Minute})
	s.paidOrder(r)
	eventually(t, "the fault strikes", func() bool { return len(s.platform.Faults()) == 0 })
	if len(r.all()) != 0 {
		t.Error("it came at once")
	}
	s.advance(10 * time.Minute)
	got := s.waitAttempts(1)
	if got[0].Attempt != 1 || got[0].Fault != "delay" || got[0].Status != 204 {
		t.Errorf("%+v", got[0])
	}
}

func TestEveryKindOfFaultIsTested(t *testing.T) {
	// The tables above name 10 kinds of login calls, 17 of APIv3 and 18 of notifications with delay.
	counts := map[string]int{"/sns/": 10, "/v3/": 17, "notify": 18}
	for match, want := range counts {
		n := 0
		s := newStage(t, sandbox.Options{})
		for _, k := range sandbox.FaultKinds() {
			if _, err := s.platform.AddFault(sandbox.Fault{Match: match, Kind: k.Kind}); err == nil {
				n++
			}
		}
		if n != want {
			t.Errorf("%s takes %d kinds, the tests know %d", match, n, want)
		}
	}
}

func TestFaultsStrikeByMatchTimesAndAge(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	s.fault(sandbox.Fault{Match: "/sns/jscode2session", Kind: "system_error", Times: 2})
	s.fault(sandbox.Fault{Match: "/", Kind: "frequency_limited"})
	if got := s.plain(sandbox.DefaultMiniProgram).field("errcode"); got != "45009" {
		t.Errorf("token: %s", got)
	}
	for _, want := range []string{"-1", "-1", "40029"} {
		if got := s.login(sandbox.DefaultMiniProgram, "0x").field("errcode"); got != want {
			t.Errorf("login: %s, want %s", got, want)
		}
	}
	s.fault(sandbox.Fault{Match: "/", Kind: "drop", Times: 5})
	s.platform.ClearFaults()
	if len(s.platform.Faults()) != 0 || s.plain(sandbox.DefaultMiniProgram).field("access_token") == "" {
		t.Error("a cleared fault strikes")
	}
}

func TestUnknownFaultsAreRefusedWithTheKinds(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	for _, test := range []struct {
		fault sandbox.Fault
		want  error
	}{
		{sandbox.Fault{Match: "/v3/", Kind: "x"}, sandbox.ErrFaultKind},
		{sandbox.Fault{Match: "/sns/", Kind: "bad_signature"}, sandbox.ErrFaultKind},
		{sandbox.Fault{Match: "/v3/", Kind: "duplicate"}, sandbox.ErrFaultKind},
		{sandbox.Fault{Match: "notify", Kind: "hang"}, sandbox.ErrFaultKind},
		{sandbox.Fault{Match: "", Kind: "drop"}, sandbox.ErrFaultMatch},
		{sandbox.Fault{Match: "v3", Kind: "drop"}, sandbox.ErrFaultMatch},
		{sandbox.Fault{Match: "notifyx", Kind: "drop"}, sandbox.ErrFaultMatch},
		{sandbox.Fault{Match: "/", Kind: "drop", Times: -1}, sandbox.ErrFaultTimes},
		{sandbox.Fault{Match: "/", Kind: "delay", Delay: time.Hour}, sandbox.ErrFaultDelay},
		{sandbox.Fault{Match: "/", Kind: "delay", Delay: -1}, sandbox.ErrFaultDelay},
	} {
		_, err := s.platform.AddFault(test.fault)
		if !errors.Is(err, test.want) {
			t.Errorf("%+v: %v", test.fault, err)
		}
		if test.want == sandbox.ErrFaultKind && !strings.Contains(err.Error(), "drop") {
			t.Errorf("the kinds are not listed: %v", err)
		}
	}
}

func TestSeededMixIsTheSameForTheSameSeed(t *testing.T) {
	run := func(seed uint64) string {
		s := newStage(t, sandbox.Options{Seed: seed, Faults: "default"})
		var kinds []string
		for range 60 {
			if _, err := s.send(s.request(http.MethodGet, "/cgi-bin/token", "")); err != nil {
				t.Fatal(err)
			}
		}
		for _, e := range s.platform.Log(0) {
			kinds = append(kinds, e.Fault)
		}
		return strings.Join(kinds, ",")
	}
	first := run(11)
	if first != run(11) {
		t.Error("two runs of one seed differ")
	}
	if !strings.Contains(first, "delay") {
		t.Error("nothing struck")
	}
	if _, err := sandbox.New(sandbox.Options{Faults: "all"}); err == nil {
		t.Error("an unknown mode is accepted")
	}
}
