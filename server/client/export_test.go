package client

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"
	"time"
)

// WithoutPauses takes the waiting out of a client and reports what it would have been.
func (c *Client) WithoutPauses(waits func(attempt int)) {
	c.pause = func(attempt int) time.Duration {
		waits(attempt)
		return 0
	}
}

// Backoff is the pause before an attempt.
var Backoff = backoff

// RetryAfter reads the header.
var RetryAfter = retryAfter

// At sets the clock of a Webhook.
func (w *Webhook) At(now time.Time) { w.now = func() time.Time { return now } }

// Sign signs what the Standard Webhooks library would refuse to sign.
func Sign(t *testing.T, secret, content string) string {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha256.New, raw)
	mac.Write([]byte(content))
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
