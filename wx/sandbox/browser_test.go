package sandbox_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
)

const inWeChat = "Mozilla/5.0 (iPhone) MicroMessenger/8.0.42"

// browser keeps cookies and follows no redirect out of the platform.
type browser struct {
	t      testing.TB
	s      *stage
	agent  string
	client *http.Client
}

func (s *stage) browser(agent string) *browser {
	s.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	client := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &browser{s.t, s, agent, client}
}

// held makes the browser the phone of a user.
func (b *browser) held(user string) *browser {
	at, _ := url.Parse(b.s.url)
	b.client.Jar.SetCookies(at, []*http.Cookie{{Name: "wxsandbox_user", Value: user, Path: "/"}})
	return b
}

func (b *browser) do(method, path, form string) response {
	b.t.Helper()
	r, err := http.NewRequest(method, b.s.url+path, strings.NewReader(form))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("User-Agent", b.agent)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return response{answer.StatusCode, answer.Header, body}
}

func (b *browser) get(path string) response { return b.do(http.MethodGet, path, "") }

func (b *browser) submit(path string, form url.Values) response {
	return b.do(http.MethodPost, path, form.Encode())
}

// door is the path of a login page; edits change its parameters.
func door(path, app, scope string, edits ...string) string {
	query := url.Values{
		"appid": {app}, "redirect_uri": {"https://shop.example/back?next=%2Fcart"}, "response_type": {"code"},
		"scope": {scope}, "state": {"s1"},
	}
	for i := 0; i+1 < len(edits); i += 2 {
		query.Set(edits[i], edits[i+1])
	}
	return path + "?" + query.Encode()
}

// landed reads where a 302 leads to.
func landed(t testing.TB, r response) url.Values {
	t.Helper()
	to, err := url.Parse(r.header.Get("Location"))
	if err != nil || r.status != http.StatusFound || to.Host != "shop.example" || to.Query().Get("next") != "/cart" {
		t.Fatalf("%d %q %v %s", r.status, r.header.Get("Location"), err, r.body)
	}
	return to.Query()
}
