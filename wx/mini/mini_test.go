package mini

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/wx"
	"wxhub/wx/transport"
)

const canary = "CANARY-appsecret-8842"

// platform is a WeChat that answers one thing.
func platform(t *testing.T, answer http.HandlerFunc) (*Client, *atomic.Int64) {
	t.Helper()
	var calls atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		answer(w, r)
	}))
	t.Cleanup(s.Close)
	client, err := transport.NewClient(transport.Hosts{"api.weixin.qq.com": s.URL})
	if err != nil {
		t.Fatal(err)
	}
	return New(client, map[string]model.Secret{"wxapp1": canary}, tokens{}), &calls
}

func says(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

func TestCode2SessionAnswers(t *testing.T) {
	key := base64.StdEncoding.EncodeToString([]byte("0123456789abcdef"))
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   error
	}{
		"good":            {says(200, `{"openid":"oAB-_9","session_key":"`+key+`","unionid":"u1"}`), nil},
		"good, errcode 0": {says(200, `{"openid":"oAB","session_key":"`+key+`","errcode":0,"errmsg":"ok"}`), nil},
		"code invalid":    {says(200, `{"errcode":40029,"errmsg":"invalid code, hints: [ req_id: x ]"}`), wx.ErrCodeInvalid},
		"code used":       {says(200, `{"errcode":40163,"errmsg":"code been used"}`), wx.ErrCodeUsed},
		"blocked":         {says(200, `{"errcode":40226,"errmsg":"code blocked"}`), wx.ErrUserBlocked},
		"too often":       {says(200, `{"errcode":45011,"errmsg":"api minute-quota reach limit"}`), wx.ErrRateLimited},
		"bad appid":       {says(200, `{"errcode":40013,"errmsg":"invalid appid"}`), wx.ErrRejected},
		"bad secret":      {says(200, `{"errcode":40125,"errmsg":"invalid appsecret"}`), wx.ErrRejected},
		"busy":            {says(200, `{"errcode":-1,"errmsg":"system error"}`), wx.ErrBusy},
		"unknown errcode": {says(200, `{"errcode":99999,"errmsg":"?"}`), wx.ErrRejected},
		"HTTP 500":        {says(500, `oops`), wx.ErrBusy},
		"HTTP 302": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://example.org/", http.StatusFound)
		}, wx.ErrBusy},
		"not JSON":             {says(200, `<html>`), wx.ErrBusy},
		"empty":                {says(200, ``), wx.ErrBusy},
		"null":                 {says(200, `null`), wx.ErrBusy},
		"no openid":            {says(200, `{"session_key":"`+key+`"}`), wx.ErrBusy},
		"no session_key":       {says(200, `{"openid":"o"}`), wx.ErrBusy},
		"openid with a space":  {says(200, `{"openid":"a b","session_key":"`+key+`"}`), wx.ErrBusy},
		"unionid with a break": {says(200, `{"openid":"ab","unionid":"u\n","session_key":"`+key+`"}`), wx.ErrBusy},
		"openid of a megabyte": {says(200, `{"openid":"`+strings.Repeat("a", 1<<19)+`","session_key":"`+key+`"}`), wx.ErrBusy},
		"answer too large":     {says(200, strings.Repeat(" ", transport.MaxAnswer+1)+`{"openid":"o","session_key":"`+key+`"}`), wx.ErrBusy},
		"connection dropped":   {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, wx.ErrBusy},
	} {
		t.Run(name, func(t *testing.T) {
			client, _ := platform(t, c.answer)
			got, err := client.Code2Session(context.Background(), "wxapp1", "code")
			if !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			if err != nil && strings.Contains(fmt.Sprintf("%v %+v", err, err), canary) {
				t.Error("the error holds the appsecret")
			}
			if err == nil && (got.OpenID == "" || got.SessionKey.IsZero()) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// A code that could change the URL never leaves the house.
func TestCode2SessionChecksTheCodeFirst(t *testing.T) {
	client, calls := platform(t, says(200, `{}`))
	for _, code := range []string{"", "c1&appid=EVIL", "a b", "a/b", "a%26b", "ü", "a\n", strings.Repeat("a", 129)} {
		_, err := client.Code2Session(context.Background(), "wxapp1", code)
		if model.AsError(err).Kind != model.KindInvalid {
			t.Errorf("code %q: got %v", code, err)
		}
	}
	if _, err := client.Code2Session(context.Background(), "wxother", "good"); model.AsError(err).Kind != model.KindInvalid {
		t.Errorf("unknown app: got %v", err)
	}
	if n := calls.Load(); n != 0 {
		t.Errorf("%d calls reached WeChat", n)
	}
}

func TestCode2SessionSendsWhatWeChatExpects(t *testing.T) {
	var got url.Values
	client, _ := platform(t, func(w http.ResponseWriter, r *http.Request) {
		got = r.URL.Query()
		says(200, `{"errcode":40029}`)(w, r)
	})
	_, _ = client.Code2Session(context.Background(), "wxapp1", "c0de_-") // the answer is not the point
	want := url.Values{"appid": {"wxapp1"}, "secret": {canary}, "js_code": {"c0de_-"}, "grant_type": {"authorization_code"}}
	if got.Encode() != want.Encode() {
		t.Errorf("got %v", got)
	}
}

func TestCode2SessionHonoursItsContext(t *testing.T) {
	release := make(chan struct{})
	client, _ := platform(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	defer close(release)
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	_, err := client.Code2Session(ctx, "wxapp1", "code")
	if !errors.Is(err, wx.ErrTimeout) || strings.Contains(err.Error(), canary) {
		t.Errorf("got %v", err)
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add([]byte(`{"openid":"o","session_key":"MDEyMzQ1Njc4OWFiY2RlZg=="}`))
	f.Add([]byte(`{"errcode":40029,"errmsg":"x"}`))
	f.Add([]byte(`{"errcode":"40029"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		client := New(&http.Client{Timeout: time.Second, Transport: canned(body)}, map[string]model.Secret{"wxapp1": canary}, tokens{})
		got, err := client.Code2Session(context.Background(), "wxapp1", "code")
		if err == nil && (got.OpenID == "" || got.SessionKey.IsZero()) {
			t.Fatalf("an empty session was believed: %q", body)
		}
		if err != nil && strings.Contains(err.Error(), canary) {
			t.Fatal("the error holds the appsecret")
		}
	})
}

// canned answers every request with itself.
type canned []byte

func (b canned) RoundTrip(*http.Request) (*http.Response, error) {
	rec := httptest.NewRecorder()
	_, _ = rec.Write(b)
	return rec.Result(), nil
}
