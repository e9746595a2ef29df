package wxpay

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wxhub/wx/transport"
)

const (
	directID, providerID, subID = "1900000001", "1900000100", "1900000109"
	keyID                       = "PUB_KEY_ID_0119000000012026010100000000000001"
	oldSerial, newSerial        = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1", "7A7232F1B8E15157F09EFDC096DE15EBE81A4705"
	merchantSerial              = "3775B6A45ACD588826D15E583A95F5DD00000001"
)

// begin is when the story of a test begins.
var begin = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// keys are made once: each costs a tenth of a second.
var keys = sync.OnceValue(func() (k struct{ merchant, public, old, new, forger *rsa.PrivateKey }) {
	for _, into := range []**rsa.PrivateKey{&k.merchant, &k.public, &k.old, &k.new, &k.forger} {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		*into = key
	}
	return k
})

// testClock is moved by the test alone.
type testClock struct{ at atomic.Int64 }

func (c *testClock) now() time.Time          { return time.Unix(0, c.at.Load()) }
func (c *testClock) advance(d time.Duration) { c.at.Add(int64(d)) }

// request is one call as the platform saw it.
type request struct{ method, uri, body, mchid, serial string }

// platform plays WeChat Pay: it verifies requests and signs answers with the key that the
// request names, as the real one does.
type platform struct {
	t     testing.TB
	clock *testClock
	url   string

	mu       sync.Mutex
	keys     map[string]*rsa.PrivateKey // by serial or id
	listed   map[string]*x509.Certificate
	seen     []request
	lists    int                             // calls of /v3/certificates
	answer   func(request) (int, string)     // to everything else
	spoil    func(r request, a *signed) bool // true: break the connection off
	sealKey  string
	signWith string // "" for the key that the request names
}

// signed is an answer on its way out.
type signed struct {
	status int
	header map[string]string
	body   []byte
}

func newPlatform(t testing.TB) *platform {
	p := &platform{
		t: t, clock: &testClock{}, sealKey: testAPIv3Key, listed: map[string]*x509.Certificate{},
		keys: map[string]*rsa.PrivateKey{keyID: keys().public, oldSerial: keys().old, newSerial: keys().new},
	}
	p.clock.at.Store(begin.UnixNano())
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	p.url = server.URL
	return p
}

// list puts a certificate on the list, valid from one day to another.
func (p *platform) list(serial string, from, to time.Time) *x509.Certificate {
	p.t.Helper()
	number, _ := new(big.Int).SetString(serial, 16)
	template := &x509.Certificate{SerialNumber: number, NotBefore: from, NotAfter: to}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &p.keys[serial].PublicKey, p.keys[serial])
	if err != nil {
		p.t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		p.t.Fatal(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.listed[serial] = cert
	return cert
}

func (p *platform) set(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
}

func (p *platform) requests() []request {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]request{}, p.seen...)
}

func (p *platform) downloads() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lists
}

var authorization = regexp.MustCompile(`^WECHATPAY2-SHA256-RSA2048 mchid="(\d+)",nonce_str="(\w+)",timestamp="(\d+)",serial_no="(\w+)",signature="(.+)"$`)

// ServeHTTP verifies, answers and signs.
func (p *platform) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, _ := io.ReadAll(r.Body) // what did not arrive does not verify
	auth := authorization.FindStringSubmatch(r.Header.Get("Authorization"))
	if auth == nil || auth[4] != merchantSerial {
		p.t.Errorf("Authorization: %q", r.Header.Get("Authorization"))
		return
	}
	message := r.Method + "\n" + r.URL.RequestURI() + "\n" + auth[3] + "\n" + auth[2] + "\n" + string(raw) + "\n"
	if !signedBy(&keys().merchant.PublicKey, message, auth[5]) {
		p.t.Errorf("%s %s: the request's signature is wrong", r.Method, r.URL)
	}
	if named, ok := r.Header["Wechatpay-Serial"]; ok && named[0] == "" {
		p.t.Errorf("%s %s: an empty Wechatpay-Serial names no key", r.Method, r.URL)
	}
	seen := request{r.Method, r.URL.RequestURI(), string(raw), auth[1], r.Header.Get("Wechatpay-Serial")}
	p.mu.Lock()
	a := p.reply(seen)
	broken := p.spoil != nil && p.spoil(seen, a)
	p.mu.Unlock()
	if broken {
		panic(http.ErrAbortHandler)
	}
	for name, value := range a.header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // a client that is gone is no fault of this one
}

func (p *platform) reply(r request) *signed {
	status, body := http.StatusNoContent, ""
	if strings.HasPrefix(r.uri, "/v3/certificates") {
		p.lists++
		status, body = p.certificates()
	} else {
		p.seen = append(p.seen, r)
		if p.answer != nil {
			status, body = p.answer(r)
		}
	}
	serial := p.signWith
	if serial == "" {
		serial = r.serial
	}
	if serial == "" {
		serial = oldSerial
	}
	return &signed{status, p.headers(serial, []byte(body)), []byte(body)}
}

// merchantOf describes a merchant; withKey gives it the public key.
func merchantOf(id string, withKey bool) Merchant {
	m := Merchant{ID: id, Partner: id == providerID, CertSerial: merchantSerial, PrivateKey: keys().merchant, APIv3Key: testAPIv3Key}
	if withKey {
		m.PublicKeyID, m.PublicKey = keyID, &keys().public.PublicKey
	}
	return m
}

func (p *platform) gateway(merchants ...Merchant) *Gateway {
	p.t.Helper()
	client, err := transport.NewClient(transport.Hosts{"api.mch.weixin.qq.com": p.url})
	if err != nil {
		p.t.Fatal(err)
	}
	g, err := New(context.Background(), client, p.clock.now, merchants)
	if err != nil {
		p.t.Fatal(err)
	}
	return g
}
