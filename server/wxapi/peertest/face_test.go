package peertest

import (
	"log/slog"
	"strings"
	"testing"

	"wxhub/cmd/wxdemo/stack"
)

const weChat = "https://api.weixin.qq.com/"

// face is the drop-in face of a running wxhub, for one app.
type face struct {
	*stack.Stack
	app  string
	base string // stands in for https://api.weixin.qq.com/
}

func newFace(t *testing.T) face {
	t.Helper()
	s, err := stack.Start(t.Context(), stack.Options{
		Dir: t.TempDir(), Version: "test", Log: slog.New(slog.DiscardHandler),
		Env: []string{"WXHUB_JOBS__HARVEST_INTERVAL=0s"}, // it would ask for a token of its own
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	app := s.Sandbox.Credentials().Apps[0].ID
	return face{s, app, s.URL + "/v1/wxapi/" + app + "/"}
}

// peer is what a program does with its SDK.
type peer struct {
	token  func() (string, error)
	ticket func() (string, error)
	call   func() ([]string, error) // get_api_domain_ip
}

// use does all of it, before and after WeChat makes the token invalid. The peer is not
// told: it goes on with the token that it keeps.
func (f face) use(t *testing.T, p peer) {
	t.Helper()
	for _, when := range []string{"at first", "after the token was revoked"} {
		token, err := p.token()
		if err != nil || len(token) < 100 {
			t.Fatalf("%s: a token of %d characters, %v", when, len(token), err)
		}
		if ticket, err := p.ticket(); err != nil || len(ticket) < 20 {
			t.Errorf("%s: a ticket of %d characters, %v", when, len(ticket), err)
		}
		if ips, err := p.call(); err != nil || len(ips) == 0 {
			t.Errorf("%s: the call gave %v, %v", when, ips, err)
		}
		if err := f.Sandbox.RevokeTokens(f.app, false); err != nil {
			t.Fatal(err)
		}
	}
	if got := f.fetches(); got != 2 {
		t.Errorf("WeChat was asked for a token %d times, want 2", got)
	}
	for _, e := range f.Sandbox.Log(0) {
		if e.Code == "40125" || e.Code == "40013" {
			t.Errorf("a credential of the peer reached WeChat: %s", e.Path)
		}
	}
}

func (f face) fetches() (n int) {
	for _, e := range f.Sandbox.Log(0) {
		if strings.HasPrefix(e.Path, "/cgi-bin/stable_token") || strings.HasPrefix(e.Path, "/cgi-bin/token") {
			n++
		}
	}
	return n
}
