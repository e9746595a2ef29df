package silenceper

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/silenceper/wechat/v2/util"
)

// An SDK call outside of our adapters must not reach the internet.
func TestSDKCallWithoutOurClientIsRefused(t *testing.T) {
	Bind()
	if _, err := util.HTTPGet("https://api.weixin.qq.com/cgi-bin/token"); err == nil || !strings.Contains(err.Error(), "carries no client") {
		t.Errorf("got %v", err)
	}
}

// The SDK prints the URL, appsecret included, of every answer that is not 200.
func TestAnotherStatusIsAnErrorWithoutTheURL(t *testing.T) {
	Bind()
	s := httptest.NewServer(http.NotFoundHandler())
	defer s.Close()
	ctx := WithClient(context.Background(), &http.Client{Transport: http.DefaultTransport, Timeout: time.Second})
	_, err := util.HTTPGetContext(ctx, s.URL+"?secret=CANARY")
	if err == nil || !strings.Contains(err.Error(), "HTTP 404") || strings.Contains(err.Error(), "statusCode=") {
		t.Errorf("got %v", err)
	}
}

func TestTheTimeoutOfOurClientHolds(t *testing.T) {
	Bind()
	release := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer s.Close()
	defer close(release)
	ctx := WithClient(context.Background(), &http.Client{Transport: http.DefaultTransport, Timeout: 50 * time.Millisecond})
	if _, err := util.HTTPGetContext(ctx, s.URL); err == nil || !strings.Contains(err.Error(), "deadline") {
		t.Errorf("got %v", err)
	}
}
