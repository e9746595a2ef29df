package browsertest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience bounds every wait; none of these tests measures speed.
const patience = 45 * time.Second

// chromium is the one browser of all tests; each test has a context of its own in it.
var chromium context.Context

func TestMain(m *testing.M) {
	path := ""
	for _, name := range []string{os.Getenv("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"} {
		if at, err := exec.LookPath(name); err == nil && name != "" {
			path = at
			break
		}
	}
	if path == "" {
		fmt.Fprintln(os.Stderr, "the browser tests need chromium on the PATH; install chromium (apt, brew, dnf …) or set CHROMIUM, and try again")
		os.Exit(1)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, // root has no other way
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
		chromedp.Flag("hide-scrollbars", true), chromedp.WSURLReadTimeout(patience),
	)
	allocated, stop := chromedp.NewExecAllocator(context.Background(), options...)
	var end context.CancelFunc
	chromium, end = chromedp.NewContext(allocated)
	if err := chromedp.Do(chromium); err != nil {
		fmt.Fprintln(os.Stderr, "chromium does not start:", err)
		os.Exit(1)
	}
	code := m.Run()
	end()
	stop()
	os.Exit(code)
}

// device is what a browser says and shows.
type device struct {
	name, userAgent string
	width, height   int64
	touch, dark     bool
	language        string
}

const (
	iPhone  = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1"
	weChat  = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.42(0x18002a2f) NetType/WIFI Language/zh_CN"
	windows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"
)

var (
	phone   = device{name: "phone", userAgent: iPhone, width: 390, height: 844, touch: true}
	small   = device{name: "320", userAgent: iPhone, width: 320, height: 568, touch: true}
	inside  = device{name: "wechat", userAgent: weChat, width: 390, height: 844, touch: true}
	desktop = device{name: "desktop", userAgent: windows, width: 1280, height: 800}
)

func (d device) as(name, userAgent string) device {
	d.name, d.userAgent = name, userAgent
	return d
}

// tab is one browser with one page: its cookies are its own.
type tab struct {
	context.Context
	t *testing.T

	mu       sync.Mutex
	faults   []string            // what must not happen
	requests []*network.Request  // in order
	answers  map[string]int64    // last status by URL
	headers  map[string][]string // Referer by URL, as sent
	weights  []int               // bytes on the wire, of each answer
	kinds    []*network.EventRequestWillBeSent
	worlds   []world // of the pages in it
	loopback bool    // any port of this machine may be contacted
}

func (s *stage) open(d device) *tab {
	s.t.Helper()
	ctx, cancel := chromedp.NewContext(chromium, chromedp.WithNewBrowserContext())
	s.t.Cleanup(cancel)
	ctx, cancelTime := context.WithTimeout(ctx, 2*patience)
	s.t.Cleanup(cancelTime)
	b := &tab{Context: ctx, t: s.t, answers: map[string]int64{}, headers: map[string][]string{}}
	b.run()
	if err := chromedp.Listen(ctx, func(event any) { b.note(s, event) }); err != nil {
		s.t.Fatal(err)
	}
	scheme := "light"
	if d.dark {
		scheme = "dark"
	}
	language := d.language
	if language == "" {
		language = "zh-CN"
	}
	call(b, network.Enable, network.EnableParams{})
	call(b, log.Enable, cdp.Empty{})
	call(b, runtime.Enable, cdp.Empty{})
	call(b, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: d.userAgent, AcceptLanguage: language})
	call(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: d.width, Height: d.height, DeviceScaleFactor: 1, Mobile: d.touch})
	call(b, emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: d.touch})
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}, // what moves is hard to tap
	}})
	call(b, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"X-Forwarded-For": "203.0.113.7"}})
	s.t.Cleanup(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, f := range b.faults {
			s.t.Error(f)
		}
	})
	return b
}

// note watches for what no page may do: reach another host, break its own policy, throw.
func (b *tab) note(s *stage, event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.watch(event)
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.requests, b.kinds = append(b.requests, e.Request), append(b.kinds, e)
		if u, err := url.Parse(e.Request.URL); err != nil || (u.Host != s.host && u.Host != s.weChatHost && u.Scheme != "about" && !(b.loopback && u.Hostname() == "127.0.0.1")) {
			b.faults = append(b.faults, "another host is contacted: "+e.Request.URL)
		}
	case *network.EventRequestWillBeSentExtraInfo:
		for name, value := range e.Headers {
			if strings.EqualFold(name, "Referer") {
				b.headers["Referer"] = append(b.headers["Referer"], fmt.Sprint(value))
			}
		}
	case *network.EventLoadingFinished:
		b.weights = append(b.weights, int(e.EncodedDataLength))
	case *network.EventResponseReceived:
		b.answers[e.Response.URL] = e.Response.Status
	case *log.EventEntryAdded:
		if e.Entry.Source == "security" || strings.Contains(e.Entry.Text, "Content Security Policy") || strings.Contains(e.Entry.Text, "Refused to") {
			b.faults = append(b.faults, "the browser complains: "+e.Entry.Text)
		}
	case *runtime.EventExceptionThrown:
		b.faults = append(b.faults, "the script throws: "+e.ExceptionDetails.Text)
	case *page.EventJavascriptDialogOpening:
		b.faults = append(b.faults, "a dialog: "+e.Message)
	}
}

// call sends one command of the DevTools protocol.
func call[P, R any](b *tab, command cdp.Command[P, R], params P) {
	b.t.Helper()
	if _, err := chromedp.Call(b.Context, command, params); err != nil {
		b.t.Fatalf("%s: %v", command.Method, err)
	}
}

func (b *tab) run(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.Context, actions...); err != nil {
		b.t.Fatalf("%v; the page says: %s", err, b.tryText())
	}
}

// tryText is what the page says, for a failure.
func (b *tab) tryText() string {
	text, err := chromedp.Run(b.Context, chromedp.Evaluate[string](`location.href + " " + (document.body ? document.body.innerText : "")`))
	if err != nil {
		return err.Error()
	}
	return text
}

func (b *tab) visit(address string) { b.t.Helper(); b.run(chromedp.Navigate(address)) }

// see waits until the page's text contains every word.
func (b *tab) see(words ...string) {
	b.t.Helper()
	for _, w := range words {
		b.until(fmt.Sprintf(`!!document.body && document.body.innerText.indexOf(%q) >= 0`, w))
	}
}

func (b *tab) until(expression string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.Context, patience)
	defer cancel()
	for {
		// A page that is being replaced cannot be asked; the next one can.
		if fine, err := chromedp.Run(ctx, chromedp.Evaluate[bool](expression)); err == nil && fine {
			return
		}
		select {
		case <-ctx.Done():
			b.t.Fatalf("never so: %s; the page says: %s", expression, b.tryText())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// ask evaluates an expression.
func ask[T any](b *tab, expression string) T {
	b.t.Helper()
	got, err := chromedp.Run(b.Context, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatalf("%s: %v; the page says: %s", expression, err, b.tryText())
	}
	return got
}

func (b *tab) path() string { b.t.Helper(); return ask[string](b, `location.pathname`) }

// tap is a real tap, or click, in the middle of an element.
func (b *tab) tap(selector string) { b.t.Helper(); b.run(chromedp.Click(chromedp.CSS(selector))) }

// cookie gives this browser a cookie of a site.
func (b *tab) cookie(site, name, value string) {
	b.t.Helper()
	call(b, network.SetCookie, network.SetCookieParams{Name: name, Value: value, URL: site})
}
