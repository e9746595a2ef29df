package wxpay

import (
	"context"
	"crypto/x509"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"wxhub/wx"
)

// During the grey switch old and new keys sign side by side (FIELD-NOTES N3). 64
// goroutines get genuine notifications and forgeries of all of them at once, and make calls
// whose answers any of the keys may have signed, while renewals fail: every genuine message
// is believed, no forgery is.
func TestGreySwitch(t *testing.T) {
	for _, withKey := range []bool{true, false} {
		p, ctx := newPlatform(t), context.Background()
		p.list(oldSerial, begin.Add(-day), begin.Add(50*day))
		p.list(newSerial, begin.Add(-day), begin.Add(50*day))
		p.answer = func(request) (int, string) { return 200, directPaid }
		g := p.gateway(merchantOf(directID, withKey))
		genuine := []string{oldSerial, newSerial}
		if withKey {
			genuine = append(genuine, keyID)
		}
		body := sealed(t)
		var good, bad []func(string) string
		for _, serial := range genuine {
			good = append(good, p.notify(serial, body))
			bad = append(bad,
				renamed(p.notify(serial, body), "Wechatpay-Serial", other(genuine, serial)), // signed with another's key
				p.notify(serial, []byte("{}")),                                              // another body's signature
				renamed(p.notify(serial, body), "Wechatpay-Serial", "00"),
				renamed(p.notify(serial, body), "Wechatpay-Signature", probePrefix+"x"),
			)
		}
		if _, err := g.Open(ctx, directID, good[0], body); err != nil {
			t.Fatal(err)
		}
		var refused, accepted, failed atomic.Int64
		var wait sync.WaitGroup
		for i := range 64 {
			wait.Go(func() {
				for j := range 20 {
					if i == 32 && j == 10 { // from now on the forgeries cause downloads that fail
						p.set(func() { p.spoil = listsBreak })
						p.clock.advance(downloadPause)
					}
					if _, err := g.Open(ctx, directID, good[(i+j)%len(good)], body); err != nil {
						refused.Add(1)
					}
					if _, err := g.Open(ctx, directID, bad[(i+j)%len(bad)], body); err == nil {
						accepted.Add(1)
					}
				}
				p.set(func() { p.signWith = genuine[i%len(genuine)] })
				_, err := g.Query(ctx, directTrade)
				for errors.Is(err, wx.ErrTimeout) { // on a machine that is too busy to sign in time
					_, err = g.Query(ctx, directTrade)
				}
				if err != nil {
					failed.Add(1)
				}
			})
		}
		wait.Wait()
		if refused.Load() != 0 || accepted.Load() != 0 || failed.Load() != 0 {
			t.Errorf("with key %v: %d genuine refused, %d forgeries accepted, %d answers refused", withKey, refused.Load(), accepted.Load(), failed.Load())
		}
		if n := p.downloads(); n > 2 {
			t.Errorf("with key %v: %d downloads", withKey, n)
		}
	}
}

func listsBreak(r request, a *signed) bool {
	if strings.HasPrefix(r.uri, "/v3/certificates") {
		a.status = 500
	}
	return false
}

func other(all []string, than string) string {
	for _, s := range all {
		if s != than {
			return s
		}
	}
	return ""
}

func renamed(header func(string) string, name, value string) func(string) string {
	return func(n string) string {
		if n == name {
			return value
		}
		return header(n)
	}
}

// A caller who gives up does not take the download away from the others.
func TestDownloadOutlivesItsFirstCaller(t *testing.T) {
	p := newPlatform(t)
	p.list(oldSerial, begin.Add(-day), begin.Add(day))
	entered, release := make(chan struct{}), make(chan struct{})
	c := p.gateway(merchantOf(directID, false)).merchants[directID].certificates
	c.fetch = gated(c.fetch, entered, release)
	ctx, cancel := context.WithCancel(context.Background())
	first := make(chan error)
	go func() { first <- c.refresh(ctx) }()
	<-entered
	cancel()
	if err := <-first; !errors.Is(err, wx.ErrTimeout) {
		t.Errorf("who gave up: %v", err)
	}
	second := make(chan bool)
	go func() {
		_, ok := c.Get(context.Background(), oldSerial)
		second <- ok
	}()
	close(release)
	if !<-second || p.downloads() != 1 {
		t.Errorf("who stayed has no certificate after %d downloads", p.downloads())
	}
}

func gated(fetch fetcher, entered chan<- struct{}, release <-chan struct{}) fetcher {
	return func(ctx context.Context) ([]*x509.Certificate, error) {
		close(entered)
		<-release
		return fetch(ctx)
	}
}
