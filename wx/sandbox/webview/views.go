package webview

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"time"
)

// ErrAddress: nothing that a web view can open.
var ErrAddress = errors.New("url is an absolute http or https URL")

// maxViews is how many sites are open at once; the one that was used least recently is closed for the next.
const maxViews = 64

// Phone is whose web view it is, and where.
type Phone struct {
	Origin string // of the page that shows the phone; it alone may frame a view
	Host   string // by which the browser reaches this machine, without a port
	Listen string // IP address to listen on
	Holder string // whose cookies
	WeChat bool   // in WeChat, or in the phone's browser
}

// Options of Views.
type Options struct {
	// Own adds what the platform's own pages know about the phone to a request for them, and returns false for any other
	// site. nil: there are none.
	Own func(r *http.Request, p Phone) bool
}

// Views are the web views that are open.
type Views struct {
	options Options

	mu     sync.Mutex
	turn   int64
	views  map[key]*view
	hosts  map[string]*view // by the host of the view
	jars   map[jarKey]http.CookieJar
	closed bool
}

type key struct {
	phone  Phone
	origin string
}

type jarKey struct {
	holder string
	weChat bool
}

// New makes Views without any view.
func New(o Options) *Views {
	v := &Views{options: o}
	v.forget()
	return v
}

func (v *Views) forget() {
	v.views, v.hosts, v.jars = map[key]*view{}, map[string]*view{}, map[jarKey]http.CookieJar{}
}

// Open returns where the phone's frame finds the address. An address of a view is taken for that of its site.
// It returns ErrAddress, or why no port is free.
func (v *Views) Open(p Phone, address string) (string, error) {
	u, err := url.Parse(v.Original(address))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", fmt.Errorf("%.100q: %w", address, ErrAddress)
	}
	w, err := v.of(p, u)
	if err != nil {
		return "", err
	}
	u.Scheme, u.Host, u.User = "http", w.host, nil
	return u.String(), nil
}

// Original is the address of the site's page that a view's address stands for; any other address is its own.
func (v *Views) Original(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" {
		return address
	}
	v.mu.Lock()
	w := v.hosts[u.Host]
	v.mu.Unlock()
	if w == nil {
		return address
	}
	u.Scheme, u.Host = w.site.Scheme, w.site.Host
	return u.String()
}

// of finds or opens the view of a site.
func (v *Views) of(p Phone, u *url.URL) (*view, error) {
	site := &url.URL{Scheme: u.Scheme, Host: strings.ToLower(u.Host)}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.closed {
		return nil, net.ErrClosed
	}
	v.turn++
	k := key{p, site.String()}
	if w := v.views[k]; w != nil {
		w.used = v.turn
		return w, nil
	}
	v.makeRoom()
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", net.JoinHostPort(p.Listen, "0"))
	if err != nil {
		return nil, err
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	w := &view{views: v, phone: p, site: site, host: net.JoinHostPort(p.Host, port), used: v.turn, jar: v.jar(p)}
	w.server = &http.Server{Handler: w.handler(), ReadHeaderTimeout: 10 * time.Second}
	w.ended.Go(func() { _ = w.server.Serve(l) }) // http.ErrServerClosed
	v.views[k], v.hosts[w.host] = w, w
	return w, nil
}

// makeRoom closes the view that was used least recently when there are too many. The lock is held.
func (v *Views) makeRoom() {
	if len(v.views) < maxViews {
		return
	}
	var oldest key
	for k, w := range v.views {
		if o := v.views[oldest]; o == nil || w.used < o.used {
			oldest = k
		}
	}
	w := v.views[oldest]
	delete(v.views, oldest)
	delete(v.hosts, w.host)
	_ = w.server.Close()
}

// jar is the cookies of a person, in WeChat or in the browser. The lock is held.
func (v *Views) jar(p Phone) http.CookieJar {
	k := jarKey{p.Holder, p.WeChat}
	if v.jars[k] == nil {
		v.jars[k], _ = cookiejar.New(nil) // never fails
	}
	return v.jars[k]
}

// Reset closes all views and forgets all cookies.
func (v *Views) Reset() {
	v.mu.Lock()
	open := v.views
	v.forget()
	v.mu.Unlock()
	for _, w := range open {
		_ = w.server.Close()
		w.ended.Wait()
	}
}

// Close closes all views for good.
func (v *Views) Close() {
	v.mu.Lock()
	v.closed = true
	v.mu.Unlock()
	v.Reset()
}
