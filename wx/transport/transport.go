// Package transport decides where a call to WeChat goes, how long it may take and
// how much it may answer.
//
// The SDKs have the platform's hosts as constants, so the host is rewritten here,
// after signing (the signed path does not change). Every client made here refuses
// redirects, because a redirect would carry an appsecret to another host, and
// limits the size of an answer. An error of net/http quotes the whole URL, secret
// included: Cause takes it apart.
package transport

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Limits of one call.
const (
	// Timeout bounds a call from dialling to the last byte of the answer.
	Timeout = 5 * time.Second
	// MaxAnswer is the largest answer read, in bytes. ForFiles makes a client that reads more.
	MaxAnswer = 1 << 20
)

// ErrTooLarge: the answer was longer than MaxAnswer.
var ErrTooLarge = errors.New("the answer is larger than allowed")

// Hosts maps a platform host ("api.weixin.qq.com") to the base URL that stands in
// for it. A host that is not named is refused: nothing escapes to the internet
// from a test or a closed installation.
type Hosts map[string]string

// NewClient returns an HTTP client that sends each call to the base URL of its host.
func NewClient(hosts Hosts) (*http.Client, error) { return WithCertificate(hosts, nil) }

// WithCertificate returns such a client that shows a certificate on connections whose
// server asks for one: WeChat Pay's APIv2 does for what moves money back. nil is none.
func WithCertificate(hosts Hosts, certificate *tls.Certificate) (*http.Client, error) {
	bases := make(map[string]*url.URL, len(hosts))
	for host, raw := range hosts {
		base, err := url.Parse(raw)
		if err != nil || base.Host == "" {
			return nil, fmt.Errorf("endpoint for %s is not an absolute URL", host)
		}
		bases[host] = base
	}
	pool := http.DefaultTransport.(*http.Transport).Clone()
	if certificate != nil {
		pool.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
		// Shown whatever authorities the server names: its list may be older than the certificate.
		pool.TLSClientConfig.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return certificate, nil }
	}
	pool.MaxIdleConnsPerHost = 64 // the default of 2 would open a connection for nearly every call
	return &http.Client{
		Timeout:   Timeout,
		Transport: rewriter{bases: bases, next: pool, most: MaxAnswer},
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}, nil
}

type rewriter struct {
	bases map[string]*url.URL
	next  http.RoundTripper
	most  int64 // bytes of an answer
}

// RoundTrip sends the request to the base of its host and limits the answer.
func (t rewriter) RoundTrip(r *http.Request) (*http.Response, error) {
	base, ok := t.bases[r.URL.Host]
	if !ok {
		return nil, fmt.Errorf("no endpoint is configured for host %s", r.URL.Host)
	}
	out := r.Clone(r.Context())
	out.URL.Scheme, out.URL.Host, out.Host = base.Scheme, base.Host, base.Host
	if prefix := strings.TrimSuffix(base.EscapedPath(), "/"); prefix != "" { // a proxy that lives below a path
		out.URL.Opaque = prefix + r.URL.EscapedPath()
	}
	answer, err := t.next.RoundTrip(out)
	if err != nil {
		return nil, err
	}
	answer.Body = &limitedBody{ReadCloser: answer.Body, left: t.most}
	return answer, nil
}

// limitedBody fails instead of ending silently when the limit is passed.
type limitedBody struct {
	io.ReadCloser
	left int64
}

func (b *limitedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.left -= int64(n)
	if b.left < 0 {
		return 0, ErrTooLarge
	}
	return n, err
}

// Cause strips the URL from an error of net/http.
func Cause(err error) error {
	var withURL *url.Error
	if errors.As(err, &withURL) {
		return withURL.Err
	}
	return err
}
