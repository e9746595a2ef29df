package wxpay

import (
	"context"
	"crypto/x509"
	"errors"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/utils"

	"wxhub/wx"
)

const (
	// downloadPause is the least time between two downloads for one merchant: whoever can reach
	// the notification route can name serials that nobody knows. What is refused meanwhile,
	// WeChat Pay sends again after 15 seconds.
	downloadPause = 5 * time.Second
	// retryPause replaces it after a download that got no answer.
	retryPause = 10 * time.Second
)

var (
	errTooSoon       = errors.New("the platform certificates were asked for a moment ago")
	errNoCertificate = errors.New("WeChat Pay listed no platform certificate that is valid now")
	// certificateSerial is what a certificate's serial looks like: a PUB_KEY_ID_… cannot be downloaded.
	certificateSerial = regexp.MustCompile(`^[0-9A-F]{1,40}$`)
)

// certificates are WeChat Pay's platform certificates for one merchant. They are kept
// while they are valid, whatever a later download says or fails to say, so that the old and
// the new one overlap. It stands in for the SDK's downloader, whose goroutine cannot be
// stopped and which refuses merchants that have no certificates.
//
// It is a core.CertificateGetter.
type certificates struct {
	now   func() time.Time
	fetch fetcher

	mu      sync.Mutex
	held    map[string]*x509.Certificate // by serial, upper-case hex
	running *download                    // nil when none is under way
	next    time.Time                    // no download before
	renewed time.Time                    // of the last download that succeeded
	last    error                        // of the last download
}

// fetcher asks WeChat Pay for the list. Errors: of the call.
type fetcher func(context.Context) ([]*x509.Certificate, error)

// download is one call that any number of goroutines wait for.
type download struct {
	done chan struct{}
	err  error // to be read after done
}

func newCertificates(now func() time.Time, fetch fetcher) *certificates {
	return &certificates{now: now, fetch: fetch, held: map[string]*x509.Certificate{}}
}

// Get finds the certificate with a serial. One that is not held is looked for in one
// download that all who ask share, unless the last was a moment ago.
func (c *certificates) Get(ctx context.Context, serial string) (*x509.Certificate, bool) {
	serial = strings.ToUpper(serial)
	if cert, held := c.find(serial); held || !certificateSerial.MatchString(serial) {
		return cert, cert != nil
	}
	_ = c.refresh(ctx) // whatever it says, another goroutine's download may have brought it meanwhile
	cert, _ := c.find(serial)
	return cert, cert != nil
}

// find returns nil for a certificate that is not held, or held and not valid now.
func (c *certificates) find(serial string) (cert *x509.Certificate, held bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	cert, held = c.held[serial]
	if held && !valid(cert, c.now()) {
		return nil, true
	}
	return cert, held
}

// GetAll lists the certificates that are valid now.
func (c *certificates) GetAll(context.Context) map[string]*x509.Certificate {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := map[string]*x509.Certificate{}
	for serial, cert := range c.held {
		if valid(cert, c.now()) {
			out[serial] = cert
		}
	}
	return out
}

// GetNewestSerial names the valid certificate that began last; "" when there is none.
func (c *certificates) GetNewestSerial(ctx context.Context) string {
	newest, at := "", time.Time{}
	for serial, cert := range c.GetAll(ctx) {
		if newest == "" || cert.NotBefore.After(at) || (cert.NotBefore.Equal(at) && serial > newest) {
			newest, at = serial, cert.NotBefore
		}
	}
	return newest
}

// ready makes sure that something can be verified at all, before a call is made whose
// answer could not be. Errors: those of the last download; wx.ErrBusy when it brought nothing.
func (c *certificates) ready(ctx context.Context) error {
	if c.GetNewestSerial(ctx) != "" {
		return nil
	}
	err := c.refresh(ctx)
	if c.GetNewestSerial(ctx) != "" {
		return nil
	}
	if errors.Is(err, errTooSoon) {
		c.mu.Lock()
		defer c.mu.Unlock()
		err = c.last
	}
	if err == nil {
		err = wx.ErrBusy.Because(errNoCertificate)
	}
	return err
}

// refresh downloads, or waits for the download that is under way.
func (c *certificates) refresh(ctx context.Context) error {
	c.mu.Lock()
	d := c.running
	if d == nil {
		if c.now().Before(c.next) {
			c.mu.Unlock()
			return errTooSoon
		}
		d = &download{done: make(chan struct{})}
		c.running = d
		// It serves everybody, so it does not end with the caller who happened to begin it.
		go c.download(context.WithoutCancel(ctx), d)
	}
	c.mu.Unlock()
	select {
	case <-d.done:
		return d.err
	case <-ctx.Done():
		return wx.Silent(ctx.Err())
	}
}

func (c *certificates) download(ctx context.Context, d *download) {
	got, err := c.fetch(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	d.err, c.last, c.running = err, err, nil
	c.next = now.Add(downloadPause)
	if err == nil {
		c.renewed = now
	} else if errors.Is(err, wx.ErrTimeout) || errors.Is(err, wx.ErrBusy) {
		c.next = now.Add(retryPause)
	}
	for serial, cert := range c.held {
		if now.After(cert.NotAfter) {
			delete(c.held, serial)
		}
	}
	for _, cert := range got {
		c.held[utils.GetCertificateSerialNumber(*cert)] = cert
	}
	close(d.done)
}

// failure is why a serial is not held, if a download failed last.
func (c *certificates) failure(serial string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, held := c.held[strings.ToUpper(serial)]; held {
		return nil
	}
	return c.last
}

func valid(cert *x509.Certificate, at time.Time) bool {
	return !at.Before(cert.NotBefore) && !at.After(cert.NotAfter)
}
