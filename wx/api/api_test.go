package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"wxhub/model"
	"wxhub/wx"
	"wxhub/wx/transport"
)

const canary = "CANARY-access-token-"

// tokens counts what is asked of the keeper; the tokens are canary1, canary2 …
type tokens struct {
	n    int
	bad  []model.Secret
	fail error
}

func (t *tokens) Token(context.Context, string, model.TokenKind) (model.Token, error) {
	if t.n == 0 {
		t.n = 1
	}
	return model.Token{Value: model.Secret(fmt.Sprint(canary, t.n))}, nil
}

func (t *tokens) Replace(_ context.Context, _ string, _ model.TokenKind, bad model.Secret) (model.Token, error) {
	t.bad = append(t.bad, bad)
	t.n++
	return model.Token{Value: model.Secret(fmt.Sprint(canary, t.n))}, t.fail
}

type platform struct {
	*Client
	tokens   *tokens
	requests []*http.Request
	bodies   []string
}

// down is a network that fails.
type down struct{}

func (down) RoundTrip(*http.Request) (*http.Response, error) { return nil, errors.New("down") }

// newPlatform is a WeChat that gives its answers in turn, the last one for ever.
func newPlatform(t *testing.T, answers ...string) *platform {
	t.Helper()
	p := &platform{tokens: &tokens{}}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		answer := answers[min(len(p.requests), len(answers)-1)]
		p.requests, p.bodies = append(p.requests, r), append(p.bodies, string(body))
		w.Header().Set("Content-Type", "text/plain")
		answer, failed := strings.CutPrefix(answer, "500 ")
		if failed {
			w.WriteHeader(http.StatusInternalServerError)
		}
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(s.Close)
	client, err := transport.NewClient(transport.Hosts{"api.weixin.qq.com": s.URL})
	if err != nil {
		t.Fatal(err)
	}
	p.Client = &Client{HTTP: client, Tokens: p.tokens}
	return p
}

func TestAnErrcodeBecomesAnErrorOfOurs(t *testing.T) {
	own := model.NewError(model.KindConflict, "own", "the caller's")
	codes := Codes{40003: own, 45011: own}
	for name, c := range map[string]struct {
		answer string
		want   error
	}{
		"good":            {`{"x":"y"}`, nil},
		"good, errcode 0": {`{"errcode":0,"errmsg":"ok","x":"y"}`, nil},
		"good, spaces":    {"\n {\"x\":\"y\"}", nil},
		"busy":            {`{"errcode":-1,"errmsg":"system error"}`, wx.ErrBusy},
		"quota of a day":  {`{"errcode":45009,"errmsg":"reach max api daily quota limit"}`, wx.ErrRateLimited},
		"own":             {`{"errcode":40003}`, own},
		"own goes first":  {`{"errcode":45011}`, own},
		"others":          {`{"errcode":48001,"errmsg":"api unauthorized"}`, wx.ErrRejected},
		"not JSON":        {`<html>`, wx.ErrBusy},
		"half of it":      {`{"x":"`, wx.ErrBusy},
		"a list":          {`[]`, wx.ErrBusy},
		"null":            {`null`, wx.ErrBusy},
		"empty":           {``, wx.ErrBusy},
		"another shape":   {`{"x":{"y":1}}`, wx.ErrBusy},
		"HTTP 500":        {`500 {"x":"y"}`, wx.ErrBusy},
		"too large":       {`{"x":"y"` + strings.Repeat(" ", transport.MaxAnswer) + `}`, wx.ErrBusy},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlatform(t, c.answer)
			var into struct {
				X string `json:"x"`
			}
			err := p.Get(t.Context(), "wxa", "/cgi-bin/user/get", nil, &into, codes)
			if !errors.Is(err, c.want) || (err == nil) != (into.X == "y") {
				t.Errorf("got %v and %+v, want %v", err, into, c.want)
			}
		})
	}
}

func TestUpstreamHasWeChatsWords(t *testing.T) {
	for message, rid := range map[string]string{
		"invalid openid rid: 68aeab00-21ea7900-3a442400":  "68aeab00-21ea7900-3a442400",
		"invalid code, hints: [ req_id: YAeYoA0707th21 ]": "YAeYoA0707th21",
		"no permission": "",
	} {
		u := Refusal(48001, message, nil).Upstream
		if u.Service != "wechat" || u.Code != "48001" || u.Message != message || u.RequestID != rid {
			t.Errorf("%q: got %+v", message, u)
		}
	}
	if u := Refusal(1, strings.Repeat("长", 1000), nil).Upstream; len(u.Message) > maxMessage || strings.ContainsRune(u.Message, '\uFFFD') {
		t.Errorf("a message of %d bytes is kept", len(u.Message))
	}
}

// WeChat has been seen to repeat in an errmsg what it was sent.
func TestNoSecretInAnError(t *testing.T) {
	p := newPlatform(t, `{"errcode":48001,"errmsg":"token `+canary+`1, code C0DE, rid: `+canary+`1"}`)
	err := p.Post(t.Context(), "wxa", "/wxa/business/getuserphonenumber", map[string]string{"code": "C0DE"}, &struct{}{}, nil, "C0DE")
	if text := fmt.Sprintf("%v %+v", err, model.AsError(err).Upstream); strings.Contains(text, canary) || strings.Contains(text, "C0DE") {
		t.Errorf("got %s", text)
	}
	p.HTTP.Transport = down{}
	if err := p.Get(t.Context(), "wxa", "/x", nil, &struct{}{}, nil); !errors.Is(err, wx.ErrBusy) || strings.Contains(err.Error(), canary) {
		t.Errorf("got %v", err)
	}
}

func TestABadTokenIsReplacedOnce(t *testing.T) {
	for _, code := range []int{40001, 40014, 42001} {
		bad := fmt.Sprintf(`{"errcode":%d,"errmsg":"invalid credential"}`, code)
		t.Run(fmt.Sprint(code, " once"), func(t *testing.T) {
			p := newPlatform(t, bad, `{}`)
			if err := p.Post(t.Context(), "wxa", "/x", map[string]string{"a": "<汉&>"}, &struct{}{}, nil); err != nil {
				t.Fatal(err)
			}
			if len(p.requests) != 2 || p.bodies[1] != "{\"a\":\"<汉&>\"}\n" || p.requests[1].URL.Query().Get("access_token") != canary+"2" {
				t.Errorf("%d requests, the last %s %q", len(p.requests), p.requests[1].URL, p.bodies[1])
			}
			if len(p.tokens.bad) != 1 || p.tokens.bad[0] != canary+"1" {
				t.Errorf("%d tokens were reported", len(p.tokens.bad))
			}
		})
		t.Run(fmt.Sprint(code, " for ever"), func(t *testing.T) {
			p := newPlatform(t, bad)
			err := p.Get(t.Context(), "wxa", "/x", nil, &struct{}{}, nil)
			if !errors.Is(err, wx.ErrRejected) || len(p.requests) != 2 {
				t.Errorf("%d requests, %v", len(p.requests), err)
			}
		})
	}
	p := newPlatform(t, `{"errcode":40001}`)
	p.tokens.fail = wx.ErrForceQuota
	if err := p.Get(t.Context(), "wxa", "/x", nil, &struct{}{}, nil); !errors.Is(err, wx.ErrForceQuota) || len(p.requests) != 1 {
		t.Errorf("%d requests, %v", len(p.requests), err)
	}
}

// A caller's own access_token never goes out, and his query stays his.
func TestTheQueryIsNotShared(t *testing.T) {
	p := newPlatform(t, `{}`)
	query := url.Values{"access_token": {"mine"}, "openid": {"a&b=c"}}
	if _, err := p.Do(t.Context(), "wxa", wx.Call{Method: http.MethodGet, Path: "/x", Query: query}); err != nil {
		t.Fatal(err)
	}
	if got := p.requests[0].URL.Query(); len(got["access_token"]) != 1 || got.Get("access_token") != canary+"1" || got.Get("openid") != "a&b=c" {
		t.Errorf("got %v", got)
	}
	if query.Get("access_token") != "mine" {
		t.Error("the caller's query was changed")
	}
}

// What is clearly no JSON is not searched for an errcode.
func TestAPictureIsNoRefusal(t *testing.T) {
	for _, a := range []wx.Answer{
		{ContentType: "image/jpeg", Body: []byte(`{"errcode":40001}`)},
		{ContentType: "application/json", Body: []byte(`{"errcode":40001,"x":"` + strings.Repeat("x", 4096) + `"}`)},
		{Body: []byte(`{"errcode":"40001"}`)},
	} {
		if refusedToken(a) {
			t.Errorf("%s %.40s", a.ContentType, a.Body)
		}
	}
}
