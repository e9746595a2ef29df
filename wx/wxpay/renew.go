package wxpay

import (
	"context"
	"errors"
	"sync"
	"time"
)

// renewAfter is how old a list of platform certificates may become. WeChat Pay lists a
// new certificate days before it signs with it; the SDK renews daily, so twice as often.
const renewAfter = 12 * time.Hour

// renewTick is how often it is looked at.
const renewTick = time.Minute

// RenewCertificates downloads the platform certificates of each merchant that needs them
// and whose list is missing or older than 12 hours; otherwise it does nothing. Call it at
// the start and then every minute or so, in every process that calls WeChat Pay or is
// notified by it. A merchant with a public key has its certificates renewed only after
// WeChat Pay has begun to use them.
//
// Errors: of the downloads that failed; what was held stays.
func (g *Gateway) RenewCertificates(ctx context.Context) error {
	var wait sync.WaitGroup
	var mu sync.Mutex
	var faults []error
	for _, m := range g.merchants {
		if !m.needsRenewal(ctx) {
			continue
		}
		wait.Go(func() {
			if err := m.certificates.refresh(ctx); err != nil && !errors.Is(err, errTooSoon) {
				mu.Lock()
				defer mu.Unlock()
				faults = append(faults, faulty(m.Merchant, err))
			}
		})
	}
	wait.Wait()
	return errors.Join(faults...)
}

// Run calls RenewCertificates at once and then every minute, until ctx ends. It gives
// failures to report.
func (g *Gateway) Run(ctx context.Context, report func(error)) {
	tick := time.NewTicker(renewTick)
	defer tick.Stop()
	for {
		if err := g.RenewCertificates(ctx); err != nil && ctx.Err() == nil {
			report(err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (m *merchant) needsRenewal(ctx context.Context) bool {
	if m.certificates.GetNewestSerial(ctx) == "" {
		return m.usesCertificates()
	}
	m.certificates.mu.Lock()
	defer m.certificates.mu.Unlock()
	return m.now().Sub(m.certificates.renewed) >= renewAfter
}

// CertificateExpiry tells when the last platform certificate of a merchant expires: after
// that nothing of WeChat Pay's verifies unless a new one is downloaded. It is zero for
// a merchant that holds none, or that is not known. It makes no call.
func (g *Gateway) CertificateExpiry(merchantID string) (last time.Time) {
	m, ok := g.merchants[merchantID]
	if !ok {
		return last
	}
	for _, cert := range m.certificates.GetAll(context.Background()) {
		if cert.NotAfter.After(last) {
			last = cert.NotAfter
		}
	}
	return last
}
