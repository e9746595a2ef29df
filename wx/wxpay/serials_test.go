package wxpay

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"wxhub/wx"
)

// A serial that nobody knows costs one download a minute, however many ask.
func TestUnknownSerialsAreLookedForOnceAMinute(t *testing.T) {
	p, ctx := newPlatform(t), context.Background()
	p.list(oldSerial, begin.Add(-day), begin.Add(day))
	g := p.gateway(merchantOf(directID, false))
	if err := g.RenewCertificates(ctx); err != nil {
		t.Fatal(err)
	}
	p.set(func() {
		for i := range 50 {
			p.keys[fmt.Sprintf("%040X", i)] = keys().forger
		}
	})
	p.clock.advance(downloadPause)
	for round := range 3 {
		var wait sync.WaitGroup
		for i := range 50 {
			wait.Go(func() {
				if err := p.opens(g, fmt.Sprintf("%040X", i)); !errors.Is(err, wx.ErrNotificationForged) {
					t.Errorf("forgery: %v", err)
				}
			})
		}
		wait.Wait()
		if n := p.downloads(); n != 2+round {
			t.Fatalf("round %d: %d downloads", round, n)
		}
		p.clock.advance(downloadPause)
	}
	for _, serial := range []string{"PUB_KEY_ID_7", "../../x", strings.Repeat("A", 41), "G"} { // no certificate is called so
		p.set(func() { p.keys[serial] = keys().forger })
		if err := p.opens(g, serial); !errors.Is(err, wx.ErrNotificationForged) {
			t.Errorf("forgery: %v", err)
		}
	}
	if n := p.downloads(); n != 4 {
		t.Errorf("%d downloads", n)
	}
}

// A merchant provisioned with the public key alone never asks, until somebody signs with
// a certificate; WeChat Pay then has none for it, and the message is refused.
func TestKeyOnlyMerchantAsksForNoCertificates(t *testing.T) {
	p, ctx := newPlatform(t), context.Background()
	p.answer = answers
	g := p.gateway(merchantOf(directID, true))
	for range 3 {
		if err := g.RenewCertificates(ctx); err != nil {
			t.Errorf("renewal: %v", err)
		}
		if _, err := g.Prepay(ctx, prepayOf(directTrade, wx.ChannelJSAPI, "")); err != nil {
			t.Errorf("prepay: %v", err)
		}
		if err := p.opens(g, keyID); err != nil {
			t.Errorf("notification: %v", err)
		}
		p.clock.advance(day)
	}
	if at := g.CertificateExpiry(directID); !at.IsZero() || p.downloads() != 0 {
		t.Errorf("%v, %d downloads", at, p.downloads())
	}
	for range 5 {
		if err := p.opens(g, oldSerial); !errors.Is(err, wx.ErrNotificationForged) {
			t.Errorf("signed with a certificate that is not listed: %v", err)
		}
	}
	if n := p.downloads(); n != 1 {
		t.Errorf("%d downloads", n)
	}
	if err := p.opens(g, oldSerial); !strings.Contains(err.Error(), "无可用的平台证书") || errors.Is(err, wx.ErrRejected) {
		t.Errorf("an operator cannot see why: %v", err)
	}
}

// A merchant is moved to the public key and back without a restart.
func TestKeyMerchantFollowsTheSwitchAndBack(t *testing.T) {
	p, ctx := newPlatform(t), context.Background()
	p.list(oldSerial, begin.Add(-day), begin.Add(50*day))
	g := p.gateway(merchantOf(directID, true))
	for _, serial := range []string{keyID, oldSerial, keyID, oldSerial} {
		if err := p.opens(g, serial); err != nil {
			t.Errorf("%s: %v", serial, err)
		}
	}
	if p.downloads() != 1 {
		t.Errorf("%d downloads", p.downloads())
	}
	p.clock.advance(renewAfter) // it uses certificates now, so they are renewed
	p.list(newSerial, begin, begin.Add(50*day))
	if err := g.RenewCertificates(ctx); err != nil || p.downloads() != 2 {
		t.Errorf("%v, %d downloads", err, p.downloads())
	}
	if err := p.opens(g, newSerial); err != nil || p.downloads() != 2 {
		t.Errorf("%v, %d downloads", err, p.downloads())
	}
}

// Some merchants without certificates are told so by an empty list (FIELD-NOTES §5).
func TestKeyOnlyMerchantWithAnEmptyList(t *testing.T) {
	p := newPlatform(t)
	p.set(func() {
		p.spoil = func(_ request, a *signed) bool {
			a.status, a.body = 200, []byte(`{"data":[]}`)
			a.header = p.headers(keyID, a.body)
			return false
		}
	})
	g := p.gateway(merchantOf(directID, true))
	for range 3 {
		if err := p.opens(g, oldSerial); !errors.Is(err, wx.ErrNotificationForged) || p.downloads() != 1 {
			t.Errorf("%v after %d downloads", err, p.downloads())
		}
	}
}
