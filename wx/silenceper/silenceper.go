// Package silenceper tames the one global HTTP client of silenceper/wechat, for every
// adapter that goes through that SDK.
//
// The SDK's client has no timeout and is shared by all of its calls. Bind puts a client
// there, once, that does nothing by itself: it takes the real one out of the call's
// context, where WithClient put it. So two hubs in one process (tests, the demo) never
// meet, and a call of the SDK's that has no context variant is refused instead of going
// to the internet without limits.
package silenceper

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"

	"github.com/silenceper/wechat/v2/util"
)

type clientKey struct{}

var bindOnce sync.Once

// Bind takes the SDK's client over. It may be called any number of times.
func Bind() {
	bindOnce.Do(func() {
		util.DefaultHTTPClient = &http.Client{
			Transport: fromContext{},
			CheckRedirect: func(*http.Request, []*http.Request) error {
				return http.ErrUseLastResponse
			},
		}
	})
}

// WithClient makes the SDK send the calls of this context with c, which comes from
// transport.NewClient.
func WithClient(ctx context.Context, c *http.Client) context.Context {
	return context.WithValue(ctx, clientKey{}, c)
}

type fromContext struct{}

// RoundTrip sends the request with the client of its context. A status other than
// 200 becomes an error here, because silenceper would print the URL with it.
func (fromContext) RoundTrip(r *http.Request) (*http.Response, error) {
	client, ok := r.Context().Value(clientKey{}).(*http.Client)
	if !ok {
		return nil, errors.New("this SDK call carries no client of wxhub's")
	}
	ctx, cancel := context.WithTimeout(r.Context(), client.Timeout)
	answer, err := client.Transport.RoundTrip(r.WithContext(ctx))
	if err != nil {
		cancel()
		return nil, err
	}
	if answer.StatusCode != http.StatusOK {
		cancel()
		_ = answer.Body.Close()
		return nil, fmt.Errorf("WeChat answered HTTP %d", answer.StatusCode)
	}
	answer.Body = cancelOnClose{answer.Body, cancel}
	return answer, nil
}

// cancelOnClose ends the deadline of a call when its answer has been read.
type cancelOnClose struct {
	io.ReadCloser
	cancel context.CancelFunc
}

// Close closes the body and frees the deadline.
func (b cancelOnClose) Close() error {
	defer b.cancel()
	return b.ReadCloser.Close()
}
