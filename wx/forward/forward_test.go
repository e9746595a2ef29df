package forward

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"wxhub/model"
	"wxhub/wx"
	"wxhub/wx/transport"
)

type tokens struct{}

func (tokens) Token(context.Context, string, model.TokenKind) (model.Token, error) {
	return model.Token{Value: "old"}, nil
}

func (tokens) Replace(context.Context, string, model.TokenKind, model.Secret) (model.Token, error) {
	return model.Token{Value: "new"}, nil
}

func TestAllowed(t *testing.T) {
	f := Forwarder{Allow: []string{"/cgi-bin/", "!/cgi-bin/token", "/cgi-bin/token_of_ours", "/wxa/x"}}
	for path, want := range map[string]bool{
		"/cgi-bin/user/get": true, "/wxa/x": true, "/wxa/xy": true, "/cgi-bin/token_of_ours": true,
		"/cgi-bin/token": false, "/cgi-bin/TOKEN": false, "/Cgi-Bin/token": false, "/wxa/y": false, "/": false, "": false,
		"/cgi-bin/../wxa/y": false, "/cgi-bin//user": false, "/cgi-bin/%74oken": false, "/cgi-bin/user/": false, "cgi-bin/user": false,
		"/cgi-bin/a?b": false, "/cgi-bin/.hidden": false,
	} {
		if f.allowed(path) != want {
			t.Errorf("%q: want %v", path, want)
		}
	}
}

func TestAnswersGoThroughAsTheyAre(t *testing.T) {
	asked := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		if r.URL.Query().Get("access_token") == "old" {
			_, _ = io.WriteString(w, `{"errcode":40001}`)
			return
		}
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Disposition", "attachment")
		w.Header().Set("Content-Type", "image/png")
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, r.Method+" "+r.URL.Path+" "+r.URL.Query().Get("a")+" "+r.Header.Get("Content-Type")+" "+string(body))
	}))
	defer s.Close()
	client, err := transport.NewClient(transport.Hosts{"api.weixin.qq.com": s.URL})
	if err != nil {
		t.Fatal(err)
	}
	f := Forwarder{Client: client, Tokens: tokens{}, Allow: []string{"/cgi-bin/"}}
	got, err := f.Do(t.Context(), "wxa", wx.Call{Method: "POST", Path: "/cgi-bin/x", Query: url.Values{"a": {"b"}}, ContentType: "text/x", Body: []byte("body")})
	if err != nil || got.Status != http.StatusTeapot || string(got.Body) != "POST /cgi-bin/x b text/x body" || got.ContentType != "image/png" || got.ContentDisposition != "attachment" {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := f.Do(t.Context(), "wxa", wx.Call{Method: "GET", Path: "/wxa/x"}); !errors.Is(err, wx.ErrPath) || asked != 2 {
		t.Errorf("got %v after %d calls", err, asked)
	}
}
