package client

import (
	"errors"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Options may all stay empty.
type Options struct {
	HTTP      *http.Client // how to send; a client with a timeout of 30 s
	Attempts  int          // how often a safe call is tried in all; 3
	UserAgent string       // names your program in wxhub's log; wxhub-go/1
}

// Client calls one wxhub with one API key. It may be used concurrently.
type Client struct {
	base      *url.URL
	key       func() string // a function, because that does not print
	http      *http.Client
	attempts  int
	userAgent string
	pause     func(attempt int) time.Duration // before the attempt, counted from 1
}

// New makes a client of the wxhub at publicURL (server.public_url of its configuration).
func New(publicURL, apiKey string, o Options) (*Client, error) {
	base, err := url.Parse(strings.TrimRight(publicURL, "/"))
	if err != nil || (base.Scheme != "http" && base.Scheme != "https") || base.Host == "" || base.RawQuery != "" || base.Fragment != "" || base.User != nil {
		return nil, errors.New("client: the URL must be wxhub's public_url, such as https://pay.example.com")
	}
	if apiKey == "" || strings.ContainsAny(apiKey, " \r\n") {
		return nil, errors.New("client: the API key is empty or has spaces; it is the key of server.api_keys")
	}
	if o.HTTP == nil {
		o.HTTP = &http.Client{Timeout: 30 * time.Second}
	}
	if o.Attempts <= 0 {
		o.Attempts = 3
	}
	if o.UserAgent == "" {
		o.UserAgent = "wxhub-go/1"
	}
	h := *o.HTTP
	h.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse } // wxhub's API has none
	return &Client{base: base, key: func() string { return apiKey }, http: &h, attempts: o.Attempts, userAgent: o.UserAgent, pause: backoff}, nil
}

// backoff is 200 ms, 600 ms, 1.8 s …, at most 5 s, less up to half by chance.
func backoff(attempt int) time.Duration {
	d := 200 * time.Millisecond
	for range attempt - 1 {
		d = min(3*d, 5*time.Second)
	}
	return d - rand.N(d/2) //nolint:gosec // it spreads callers and keeps no secret
}
