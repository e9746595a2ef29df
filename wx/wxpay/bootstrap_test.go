package wxpay

import (
	"context"
	"errors"
	"strings"
	"testing"

	"wxhub/wx"
)

// Nothing but a list that the APIv3 key opens, and that one of its own certificates or an
// already trusted key signed, brings a certificate in.
func TestCertificateListsThatCannotBeBelieved(t *testing.T) {
	each := func(how func(*signed)) func(*platform) {
		return func(p *platform) {
			p.spoil = func(_ request, a *signed) bool {
				how(a)
				return false
			}
		}
	}
	// resigned alters a list before WeChat Pay signs it.
	resigned := func(from, to string) func(*platform) {
		return func(p *platform) {
			p.spoil = func(_ request, a *signed) bool {
				a.body = []byte(strings.Replace(string(a.body), from, to, 1))
				a.header = p.headers(oldSerial, a.body)
				return false
			}
		}
	}
	for name, c := range map[string]struct {
		with  func(*platform)
		want  error
		calls int
	}{
		"good":                         {func(*platform) {}, nil, 1},
		"one probe first":              {func(p *platform) { p.spoil = spoilFirst(1, header("Wechatpay-Signature", probePrefix+"x")) }, nil, 2},
		"probes only":                  {each(header("Wechatpay-Signature", probePrefix+"x")), wx.ErrForged, 2},
		"unsigned":                     {each(header("Wechatpay-Signature", "")), wx.ErrForged, 2},
		"altered":                      {each(func(a *signed) { a.body = append(a.body, ' ') }), wx.ErrForged, 2},
		"stale":                        {func(p *platform) { p.spoil = staleList(p) }, wx.ErrForged, 2},
		"of another APIv3 key":         {func(p *platform) { p.sealKey = "ffffffffffffffffffffffffffffffff" }, wx.ErrForged, 2},
		"signed by another's key":      {func(p *platform) { p.keys[oldSerial] = keys().forger }, wx.ErrForged, 2},
		"signed by an unlisted serial": {func(p *platform) { p.signWith = newSerial }, wx.ErrForged, 2},
		"signed by an unknown key id":  {func(p *platform) { p.signWith = keyID }, wx.ErrForged, 2},
		"under another serial":         {resigned(oldSerial, newSerial), wx.ErrForged, 2},
		"a nonce of 11 bytes":          {resigned("61f9c719728a", "61f9c719728"), wx.ErrForged, 2},
		"no nonce":                     {resigned("61f9c719728a", ""), wx.ErrForged, 2},
		"another algorithm":            {resigned("AEAD_AES_256_GCM", "AEAD_SM4_GCM"), wx.ErrForged, 2},
		"empty":                        {each(func(a *signed) { a.body = []byte(`{"data":[]}`) }), wx.ErrForged, 2},
		"not JSON":                     {each(func(a *signed) { a.body = []byte(`<html>`) }), wx.ErrForged, 2},
		"null":                         {each(func(a *signed) { a.body = []byte(`null`) }), wx.ErrForged, 2},
		"none for this merchant":       {func(p *platform) { p.listed = nil }, wx.ErrRejected, 1},
		"a fault of WeChat's":          {each(func(a *signed) { a.status, a.body = 500, []byte(`{"code":"SYSTEM_ERROR"}`) }), wx.ErrBusy, 1},
		"slow down":                    {each(func(a *signed) { a.status, a.body = 429, []byte(`{"code":"FREQUENCY_LIMITED"}`) }), wx.ErrRateLimited, 1},
	} {
		p := newPlatform(t)
		p.list(oldSerial, begin.Add(-day), begin.Add(day))
		p.answer = answers
		c.with(p)
		g := p.gateway(merchantOf(directID, false))
		err := g.RenewCertificates(context.Background())
		if !errors.Is(err, c.want) || p.downloads() != c.calls {
			t.Errorf("%s: got %v after %d downloads", name, err, p.downloads())
		}
		if at := g.CertificateExpiry(directID); at.IsZero() != (c.want != nil) {
			t.Errorf("%s: expiry %v", name, at)
		}
		if c.want == nil {
			continue
		}
		// What is said afterwards, within the minute, is what the download said.
		if _, err := g.Prepay(context.Background(), prepayOf(directTrade, wx.ChannelJSAPI, "")); !errors.Is(err, c.want) || len(p.requests()) != 0 {
			t.Errorf("%s: prepay: %v, %d sent", name, err, len(p.requests()))
		}
	}
}

func staleList(p *platform) func(request, *signed) bool {
	spoil := stale(p)
	return func(r request, a *signed) bool {
		spoil(r, a)
		p.clock.advance(-freshness)
		a.header = p.headers(oldSerial, a.body)
		p.clock.advance(freshness)
		return false
	}
}

// With the public key too, the list is verified by the key that the request named.
func TestCertificateListSignedWithThePublicKey(t *testing.T) {
	p := newPlatform(t)
	p.list(oldSerial, begin.Add(-day), begin.Add(day))
	g := p.gateway(merchantOf(directID, true))
	var named string
	p.spoil = func(r request, _ *signed) bool {
		named = r.serial
		return false
	}
	if err := p.opens(g, oldSerial); err != nil || named != keyID {
		t.Errorf("%v; the list was asked for with %s", err, named)
	}
}

// A list may be signed with a certificate that it no longer names, as long as that one is
// held and valid; nothing else may sign it.
func TestCertificateListSignedWithOneThatIsHeld(t *testing.T) {
	p, ctx := newPlatform(t), context.Background()
	p.list(oldSerial, begin.Add(-day), begin.Add(day))
	g := p.gateway(merchantOf(directID, false))
	if err := g.RenewCertificates(ctx); err != nil {
		t.Fatal(err)
	}
	p.list(newSerial, begin, begin.Add(50*day))
	p.set(func() {
		delete(p.listed, oldSerial)
		p.signWith = oldSerial
	})
	p.clock.advance(renewAfter)
	if err := g.RenewCertificates(ctx); err != nil || !g.CertificateExpiry(directID).Equal(begin.Add(50*day)) {
		t.Errorf("%v, expiry %v", err, g.CertificateExpiry(directID))
	}
	p.clock.advance(day)
	if err := g.RenewCertificates(ctx); !errors.Is(err, wx.ErrForged) {
		t.Errorf("signed with an expired one: %v", err)
	}
}

func TestMerchantsThatAreDescribedIncompletely(t *testing.T) {
	for name, spoil := range map[string]func(*Merchant){
		"no id":             func(m *Merchant) { m.ID = "" },
		"no serial":         func(m *Merchant) { m.CertSerial = "" },
		"no private key":    func(m *Merchant) { m.PrivateKey = nil },
		"no APIv3 key":      func(m *Merchant) { m.APIv3Key = "" },
		"key without an id": func(m *Merchant) { m.PublicKeyID = "" },
		"id without a key":  func(m *Merchant) { m.PublicKey = nil },
	} {
		m := merchantOf(directID, true)
		spoil(&m)
		if _, err := New(context.Background(), nil, nil, []Merchant{m}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
