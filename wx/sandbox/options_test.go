package sandbox_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"wxhub/wx/sandbox"
)

func TestNewRefusesAnImpossibleWorld(t *testing.T) {
	fresh := func() sandbox.Merchant {
		merchants, err := sandbox.DefaultMerchants()
		if err != nil {
			t.Fatal(err)
		}
		return merchants[0]
	}
	apps := sandbox.DefaultApps()
	for name, test := range map[string]struct {
		apps []sandbox.App
		edit func(*sandbox.Merchant)
		text string
	}{
		"short APIv3 key":        {apps, func(m *sandbox.Merchant) { m.APIv3Key = "short" }, "APIv3 key"},
		"no private key":         {apps, func(m *sandbox.Merchant) { m.PrivateKeyPEM = "" }, "private key"},
		"no platform key":        {apps, func(m *sandbox.Merchant) { m.PlatformPEM = "x" }, "platform's key"},
		"bound to no app":        {apps, func(m *sandbox.Merchant) { m.AppIDs = []string{"wx0"} }, "not an app"},
		"unknown verification":   {apps, func(m *sandbox.Merchant) { m.Verification = "certs" }, "public_key"},
		"no key of both":         {apps, func(m *sandbox.Merchant) { m.Verification, m.PlatformPEM = sandbox.VerifyBoth, "" }, "platform's key"},
		"bad certificate key":    {apps, func(m *sandbox.Merchant) { m.CertificatePEM = "x" }, "certificate"},
		"sub merchant of itself": {apps, func(m *sandbox.Merchant) { m.SubMerchants = []sandbox.SubMerchant{{ID: m.ID}} }, "its own"},
		"sub merchant twice":     {apps, func(m *sandbox.Merchant) { m.SubMerchants = []sandbox.SubMerchant{{ID: "1"}, {ID: "1"}} }, "twice"},
		"sub merchant's app":     {apps, func(m *sandbox.Merchant) { m.SubMerchants = []sandbox.SubMerchant{{ID: "1", AppIDs: []string{"wx0"}}} }, "not an app"},
		"provider without app":   {apps, func(m *sandbox.Merchant) { m.AppIDs, m.SubMerchants = nil, []sandbox.SubMerchant{{ID: "1"}} }, "sp_appid"},
		"the same app twice":     {append(apps, apps[0]), func(*sandbox.Merchant) {}, "twice"},
	} {
		m := fresh()
		test.edit(&m)
		if _, err := sandbox.New(sandbox.Options{Apps: test.apps, Merchants: []sandbox.Merchant{m}}); err == nil || !strings.Contains(err.Error(), test.text) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := sandbox.New(sandbox.Options{Merchants: []sandbox.Merchant{fresh(), fresh()}}); err == nil {
		t.Error("the same merchant twice is accepted")
	}
}

func TestEachMerchantHasItsOwnKeys(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	merchants := s.platform.Credentials().Merchants
	a, b := merchants[0], merchants[1]
	if a.PrivateKeyPEM == b.PrivateKeyPEM || a.PublicKeyPEM == b.PublicKeyPEM || a.APIv3Key == b.APIv3Key || a.CertSerial == b.CertSerial || a.PublicKeyID == b.PublicKeyID {
		t.Error("two merchants share something")
	}
	if len(a.APIv3Key) != 32 || len(a.CertSerial) != 40 || !strings.HasPrefix(a.PublicKeyID, "PUB_KEY_ID_") {
		t.Errorf("%s %s", a.CertSerial, a.PublicKeyID)
	}
}

func TestManyClientsAtOnce(t *testing.T) {
	s, r := newStage(t, sandbox.Options{Faults: "default"}), newReceiver(t, 204)
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			number := s.number()
			for {
				answer, err := s.send(s.request(http.MethodPost, jsapi, s.prepayBody(number, set("notify_url", r.url))))
				if err == nil && answer.status == 200 {
					if _, err := s.platform.Pay(answer.field("prepay_id"), s.payer.ID, sandbox.PaySuccess); err != nil {
						t.Error(err)
					}
					return
				}
			}
		})
		group.Go(func() {
			if code, err := s.platform.LoginCode(sandbox.DefaultMiniProgram, "payer-1"); err != nil || code == "" {
				t.Error(err)
			}
			_ = s.platform.Log(0)
		})
	}
	group.Wait()
	eventually(t, "all orders are notified", func() bool {
		seen := map[string]bool{}
		for _, a := range r.all() {
			if n, err := s.open(a); err == nil && s.verified(a.header, a.body) {
				seen[n.plain.OutTradeNo] = true
			}
		}
		return len(seen) == 16
	})
}
