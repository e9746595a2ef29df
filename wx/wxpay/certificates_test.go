package wxpay

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"wxhub/wx"
)

const day = 24 * time.Hour

// sealed is a payment notification of the direct merchant.
func sealed(t testing.TB) []byte {
	t.Helper()
	return notification("TRANSACTION.SUCCESS", "transaction", "AEAD_AES_256_GCM", "123456789012", "transaction",
		seal(t, "123456789012", "transaction", directPaid))
}

// opens tells whether a notification signed with a serial's key is believed.
func (p *platform) opens(g *Gateway, serial string) error {
	body := sealed(p.t)
	_, err := g.Open(context.Background(), directID, p.notify(serial, body), body)
	return err
}

// A merchant without a public key starts with nothing and downloads before its first call.
func TestCertificateModeBootstraps(t *testing.T) {
	p, ctx := newPlatform(t), context.Background()
	p.list(oldSerial, begin.Add(-day), begin.Add(day))
	p.answer = answers
	g := p.gateway(merchantOf(directID, false))
	if at := g.CertificateExpiry(directID); !at.IsZero() || p.downloads() != 0 {
		t.Errorf("before: %v, %d downloads", at, p.downloads())
	}
	for range 3 {
		if _, err := g.Prepay(ctx, prepayOf(directTrade, wx.ChannelJSAPI, "")); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.opens(g, oldSerial); err != nil {
		t.Errorf("notification: %v", err)
	}
	if r := p.requests()[0]; r.serial != oldSerial || p.downloads() != 1 {
		t.Errorf("asked to sign with %q after %d downloads", r.serial, p.downloads())
	}
	if at := g.CertificateExpiry(directID); !at.Equal(begin.Add(day)) {
		t.Errorf("expiry: %v", at)
	}
	if at := g.CertificateExpiry("1"); !at.IsZero() {
		t.Errorf("expiry of nobody: %v", at)
	}
}

// WeChat Pay being away stops no start; nothing is sent whose answer could not be
// verified, and the first moment after its return is good.
func TestCertificateModeStartsWhileWeChatIsAway(t *testing.T) {
	p, ctx := newPlatform(t), context.Background()
	p.list(oldSerial, begin.Add(-day), begin.Add(day))
	p.answer = answers
	p.spoil = func(request, *signed) bool { return true }
	g := p.gateway(merchantOf(directID, false))
	if err := g.RenewCertificates(ctx); !errors.Is(err, wx.ErrBusy) || !strings.Contains(err.Error(), directID) {
		t.Errorf("renewal: %v", err)
	}
	if _, err := g.Prepay(ctx, prepayOf(directTrade, wx.ChannelJSAPI, "")); !errors.Is(err, wx.ErrBusy) {
		t.Errorf("prepay: %v", err)
	}
	if n := len(p.requests()); n != 0 {
		t.Errorf("%d prepays were sent", n)
	}
	p.set(func() { p.spoil = nil })
	p.clock.advance(retryPause)
	if _, err := g.Prepay(ctx, prepayOf(directTrade, wx.ChannelJSAPI, "")); err != nil {
		t.Errorf("after its return: %v", err)
	}
}

// The old and the new certificate overlap, no download that fails takes one away, and each
// ends by its own date.
func TestCertificatesRotate(t *testing.T) {
	p, ctx := newPlatform(t), context.Background()
	p.list(oldSerial, begin.Add(-day), begin.Add(5*day))
	g := p.gateway(merchantOf(directID, false))
	renew := func(want int) {
		t.Helper()
		if err := g.RenewCertificates(ctx); err != nil || p.downloads() != want {
			t.Errorf("renewal: %v, %d downloads, want %d", err, p.downloads(), want)
		}
	}
	both := func(old, fresh error) {
		t.Helper()
		if err := p.opens(g, oldSerial); !errors.Is(err, old) {
			t.Errorf("old: %v", err)
		}
		if err := p.opens(g, newSerial); !errors.Is(err, fresh) {
			t.Errorf("new: %v", err)
		}
	}
	renew(1)
	renew(1) // fresh enough
	p.clock.advance(renewAfter)
	p.list(newSerial, begin, begin.Add(50*day))
	renew(2)
	both(nil, nil)
	if s := g.merchants[directID].certificates.GetNewestSerial(ctx); s != newSerial {
		t.Errorf("asks for answers signed with %s", s)
	}
	p.set(func() { delete(p.listed, oldSerial) })
	p.clock.advance(renewAfter)
	renew(3)
	both(nil, nil) // no longer listed, still valid
	p.set(func() { p.spoil = func(request, *signed) bool { return true } })
	p.clock.advance(renewAfter)
	if err := g.RenewCertificates(ctx); !errors.Is(err, wx.ErrBusy) {
		t.Errorf("failed renewal: %v", err)
	}
	both(nil, nil)
	p.clock.advance(5 * day)
	both(wx.ErrNotificationForged, nil)
	if at := g.CertificateExpiry(directID); !at.Equal(begin.Add(50 * day)) {
		t.Errorf("expiry: %v", at)
	}
	p.clock.advance(50 * day)
	both(wx.ErrNotificationForged, wx.ErrNotificationForged)
	if at := g.CertificateExpiry(directID); !at.IsZero() {
		t.Errorf("expiry of nothing: %v", at)
	}
}

// A certificate may be listed before it is valid.
func TestCertificateOfTomorrow(t *testing.T) {
	p := newPlatform(t)
	p.list(oldSerial, begin.Add(-day), begin.Add(day))
	p.list(newSerial, begin.Add(time.Hour), begin.Add(50*day))
	g := p.gateway(merchantOf(directID, false))
	if err := g.RenewCertificates(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := p.opens(g, newSerial); !errors.Is(err, wx.ErrNotificationForged) {
		t.Errorf("before its time: %v", err)
	}
	p.clock.advance(time.Hour)
	if err := p.opens(g, newSerial); err != nil || p.downloads() != 1 {
		t.Errorf("in its time: %v after %d downloads", err, p.downloads())
	}
}

// An answer may be the first message that a new certificate signs.
func TestAnswerSignedWithACertificateThatAppeared(t *testing.T) {
	p, ctx := newPlatform(t), context.Background()
	p.list(oldSerial, begin.Add(-day), begin.Add(50*day))
	p.answer = func(request) (int, string) { return 200, directPaid }
	g := p.gateway(merchantOf(directID, false))
	if _, err := g.Query(ctx, directTrade); err != nil {
		t.Fatal(err)
	}
	p.list(newSerial, begin.Add(-day), begin.Add(50*day))
	p.set(func() { p.signWith = newSerial })
	if _, err := g.Query(ctx, directTrade); !errors.Is(err, wx.ErrForged) || p.downloads() != 1 {
		t.Errorf("within the minute: %v, %d downloads", err, p.downloads())
	}
	p.clock.advance(downloadPause)
	p.set(func() { p.spoil = spoilFirst(1, header("Wechatpay-Signature", probePrefix+"x")) })
	if _, err := g.Query(ctx, directTrade); err != nil || p.downloads() != 2 {
		t.Errorf("after it, with a probe in between: %v, %d downloads", err, p.downloads())
	}
}

func TestRunRenewsAtOnceAndEnds(t *testing.T) {
	p := newPlatform(t)
	p.list(oldSerial, begin.Add(-day), begin.Add(day))
	ctx, cancel := context.WithCancel(context.Background())
	p.spoil = func(request, *signed) bool { return true }
	g := p.gateway(merchantOf(directID, false))
	var reported error
	g.Run(ctx, func(err error) {
		reported = err
		cancel()
	})
	if !errors.Is(reported, wx.ErrBusy) || p.downloads() != 1 {
		t.Errorf("reported %v after %d downloads", reported, p.downloads())
	}
}
