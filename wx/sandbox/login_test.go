package sandbox_test

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"wxhub/wx/sandbox"
)

// secret of a default app.
func (s *stage) secret(appID string) string {
	s.t.Helper()
	for _, a := range s.platform.Credentials().Apps {
		if a.ID == appID {
			return a.Secret
		}
	}
	s.t.Fatalf("no app %s", appID)
	return ""
}

func (s *stage) code(appID string) string {
	s.t.Helper()
	code, err := s.platform.LoginCode(appID, s.payer.ID)
	if err != nil {
		s.t.Fatal(err)
	}
	return code
}

func (s *stage) login(appID, code string) response {
	s.t.Helper()
	return s.get(fmt.Sprintf("/sns/jscode2session?appid=%s&secret=%s&js_code=%s&grant_type=authorization_code", appID, s.secret(appID), code))
}

func TestLoginGivesTheUsersIDsAndRotatesTheKey(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	first := s.login(sandbox.DefaultMiniProgram, s.code(sandbox.DefaultMiniProgram))
	second := s.login(sandbox.DefaultMiniProgram, s.code(sandbox.DefaultMiniProgram))
	if first.field("openid") != s.payer.OpenIDs[sandbox.DefaultMiniProgram] || len(first.field("openid")) != 28 {
		t.Errorf("%s", first.body)
	}
	if first.field("unionid") != s.payer.UnionIDs["main"] || first.field("unionid") == "" {
		t.Errorf("%s", first.body)
	}
	key, err := base64.StdEncoding.DecodeString(first.field("session_key"))
	if err != nil || len(key) != 16 {
		t.Errorf("session key %q: %v", first.field("session_key"), err)
	}
	if first.field("session_key") == second.field("session_key") {
		t.Error("the key stayed")
	}
	if kind := first.header.Get("Content-Type"); kind != "text/plain" {
		t.Errorf("Content-Type %q", kind)
	}
	other := s.login(sandbox.DefaultSecondMini, s.code(sandbox.DefaultSecondMini))
	if other.field("openid") == first.field("openid") || other.field("unionid") != first.field("unionid") {
		t.Errorf("another app: %s", other.body)
	}
	unbound := s.login(sandbox.DefaultUnboundMini, s.code(sandbox.DefaultUnboundMini))
	if strings.Contains(string(unbound.body), "unionid") || unbound.field("openid") == "" {
		t.Errorf("unbound app: %s", unbound.body)
	}
}

func TestLoginIDsDependOnSeedAndNameOnly(t *testing.T) {
	a, b, c := newStage(t, sandbox.Options{Seed: 3}), newStage(t, sandbox.Options{Seed: 3}), newStage(t, sandbox.Options{Seed: 4})
	if a.payer.OpenIDs[sandbox.DefaultWebsite] != b.payer.OpenIDs[sandbox.DefaultWebsite] || a.payer.ID != b.payer.ID {
		t.Error("the same seed gives other ids")
	}
	if a.payer.OpenIDs[sandbox.DefaultWebsite] == c.payer.OpenIDs[sandbox.DefaultWebsite] {
		t.Error("another seed gives the same ids")
	}
}

func TestLoginRefusals(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	app, secret := sandbox.DefaultMiniProgram, s.secret(sandbox.DefaultMiniProgram)
	used := s.code(app)
	s.login(app, used)
	expired := s.code(app)
	s.advance(5 * time.Minute)
	for name, test := range map[string]struct{ appID, secret, code, grant, errcode string }{
		"no appid":            {"", secret, s.code(app), "authorization_code", "41002"},
		"no secret":           {app, "", s.code(app), "authorization_code", "41004"},
		"no code":             {app, secret, "", "authorization_code", "41008"},
		"unknown appid":       {"wx0", secret, s.code(app), "authorization_code", "40013"},
		"wrong secret":        {app, "x", s.code(app), "authorization_code", "40125"},
		"wrong grant":         {app, secret, s.code(app), "client_credential", "40002"},
		"unknown code":        {app, secret, "0x", "authorization_code", "40029"},
		"code of another app": {app, secret, s.code(sandbox.DefaultSecondMini), "authorization_code", "40029"},
		"used code":           {app, secret, used, "authorization_code", "40163"},
		"expired code":        {app, secret, expired, "authorization_code", "40029"},
	} {
		query := url.Values{"appid": {test.appID}, "secret": {test.secret}, "js_code": {test.code}, "grant_type": {test.grant}}
		answer := s.get("/sns/jscode2session?" + query.Encode())
		if answer.status != 200 || answer.field("errcode") != test.errcode || !strings.Contains(answer.field("errmsg"), "req_id") {
			t.Errorf("%s: %d %s", name, answer.status, answer.body)
		}
	}
}

func TestLoginIsLimitedPerUserAndMinute(t *testing.T) {
	b := sandbox.DefaultBehaviour()
	b.LoginsPerMinute = 2
	s := newStage(t, sandbox.Options{Behaviour: &b})
	var last response
	for range 3 {
		last = s.login(sandbox.DefaultMiniProgram, s.code(sandbox.DefaultMiniProgram))
	}
	if last.field("errcode") != "45011" {
		t.Errorf("%s", last.body)
	}
	s.advance(time.Minute)
	if answer := s.login(sandbox.DefaultMiniProgram, s.code(sandbox.DefaultMiniProgram)); answer.field("openid") == "" {
		t.Errorf("%s", answer.body)
	}
}

func TestSessionCheckAndReset(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	login := s.login(sandbox.DefaultMiniProgram, s.code(sandbox.DefaultMiniProgram))
	token := s.stable(sandbox.DefaultMiniProgram, false).field("access_token")
	call := func(path, signature, openid, token string) response {
		return s.get(path + "?" + url.Values{"access_token": {token}, "openid": {openid}, "signature": {signature}, "sig_method": {"hmac_sha256"}}.Encode())
	}
	key, openid := login.field("session_key"), login.field("openid")
	good := sandbox.SessionSignature(key, "")
	if answer := call("/wxa/checksession", good, openid, token); answer.field("errcode") != "0" {
		t.Errorf("%s", answer.body)
	}
	for name, test := range map[string]struct{ signature, openid, token, errcode string }{
		"wrong signature":       {sandbox.SessionSignature("x", ""), openid, token, "87009"},
		"unknown openid":        {good, "o123", token, "40003"},
		"openid of another app": {good, s.payer.OpenIDs[sandbox.DefaultSecondMini], token, "40003"},
		"no token":              {good, openid, "", "41001"},
		"malformed token":       {good, openid, "x", "40014"},
		"unknown token":         {good, openid, token[:len(token)-4] + "____", "40001"},
	} {
		if answer := call("/wxa/checksession", test.signature, test.openid, test.token); answer.field("errcode") != test.errcode {
			t.Errorf("%s: %s", name, answer.body)
		}
	}
	reset := call("/wxa/resetusersessionkey", good, openid, token)
	if reset.field("errcode") != "0" || reset.field("session_key") == key || reset.field("openid") != openid {
		t.Errorf("%s", reset.body)
	}
	if answer := call("/wxa/checksession", good, openid, token); answer.field("errcode") != "87009" {
		t.Errorf("the old key still works: %s", answer.body)
	}
}
