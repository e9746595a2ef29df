package transport

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestClientGoesWhereItIsSent(t *testing.T) {
	var host, path string
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		host, path = r.Host, r.URL.RequestURI()
	}))
	defer s.Close()
	for prefix, want := range map[string]string{"": "/v3/x%2Fy?a=%2B", "/": "/v3/x%2Fy?a=%2B", "/proxy/": "/proxy/v3/x%2Fy?a=%2B"} {
		c, err := NewClient(Hosts{"api.mch.weixin.qq.com": s.URL + prefix})
		if err != nil {
			t.Fatal(err)
		}
		answer, err := c.Get("https://api.mch.weixin.qq.com/v3/x%2Fy?a=%2B")
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if "http://"+host != s.URL || path != want {
			t.Errorf("prefix %q: went to %s%s", prefix, host, path)
		}
	}
	c, err := NewClient(Hosts{"api.mch.weixin.qq.com": s.URL})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Get("https://elsewhere.example/"); err == nil {
		t.Error("a host that is not configured was reached")
	}
}

func TestClientFollowsNoRedirect(t *testing.T) {
	s := httptest.NewServer(http.RedirectHandler("https://elsewhere.example/", http.StatusFound))
	defer s.Close()
	c, err := NewClient(Hosts{"h": s.URL})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := c.Get("https://h/")
	if err != nil || answer.StatusCode != http.StatusFound {
		t.Fatalf("got %v, %v", answer, err)
	}
	_ = answer.Body.Close()
}

func TestClientLimitsTheAnswer(t *testing.T) {
	size := MaxAnswer
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, strings.Repeat("x", size))
	}))
	defer s.Close()
	c, err := NewClient(Hosts{"h": s.URL})
	if err != nil {
		t.Fatal(err)
	}
	read := func() (int, error) {
		answer, err := c.Get("https://h/")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = answer.Body.Close() }()
		b, err := io.ReadAll(answer.Body)
		return len(b), err
	}
	if n, err := read(); n != MaxAnswer || err != nil {
		t.Errorf("an answer of the limit: %d bytes, %v", n, err)
	}
	size++
	if _, err := read(); !errors.Is(err, ErrTooLarge) {
		t.Errorf("one byte more: %v", err)
	}
}

func TestCauseHidesTheURL(t *testing.T) {
	c, err := NewClient(Hosts{"h": "http://127.0.0.1:1"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Get("https://h/?secret=CANARY")
	if err == nil || !strings.Contains(err.Error(), "CANARY") {
		t.Fatalf("net/http no longer quotes the URL: %v", err)
	}
	if strings.Contains(Cause(err).Error(), "CANARY") {
		t.Errorf("got %v", Cause(err))
	}
}

func TestNewClientRefusesARelativeEndpoint(t *testing.T) {
	for _, bad := range []string{"", "localhost", "/x", "http://"} {
		if _, err := NewClient(Hosts{"h": bad}); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}
