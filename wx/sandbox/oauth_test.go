package sandbox_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"wxhub/wx/sandbox"
)

func (s *stage) oauth(app, code string) response {
	s.t.Helper()
	return s.get(fmt.Sprintf("/sns/oauth2/access_token?appid=%s&secret=%s&code=%s&grant_type=authorization_code", app, s.secret(app), code))
}

func (s *stage) oauthCode(app, scope string) string {
	s.t.Helper()
	code, err := s.platform.OAuthCode(app, s.payer.ID, scope)
	if err != nil {
		s.t.Fatal(err)
	}
	return code
}

func (s *stage) userInfo(tokens response) response {
	s.t.Helper()
	return s.get("/sns/userinfo?lang=zh_CN&access_token=" + tokens.field("access_token") + "&openid=" + tokens.field("openid"))
}

func (s *stage) bind(app, open string) {
	s.t.Helper()
	if err := s.platform.BindApp(app, open); err != nil {
		s.t.Fatal(err)
	}
}

func TestOAuthGivesUnionIDUnderWeChatsConditions(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	for _, test := range []struct {
		app, scope      string
		exchange, later bool // unionid in access_token, in userinfo
		info            bool // userinfo is allowed at all
	}{
		{sandbox.DefaultOfficialAccount, "snsapi_base", false, false, false},
		{sandbox.DefaultOfficialAccount, "snsapi_userinfo", true, true, true},
		{sandbox.DefaultWebsite, "snsapi_login", true, true, true},
		{sandbox.DefaultMobileApp, "snsapi_userinfo", true, true, true},
	} {
		for _, bound := range []bool{true, false} {
			s.bind(test.app, map[bool]string{true: "main", false: ""}[bound])
			tokens := s.oauth(test.app, s.oauthCode(test.app, test.scope))
			if tokens.field("openid") != s.payer.OpenIDs[test.app] || tokens.field("scope") != test.scope || tokens.field("expires_in") != "7200" || tokens.header.Get("Content-Type") != "text/plain" {
				t.Errorf("%+v: %s", test, tokens.body)
			}
			wantUnionID(t, tokens, s, test.exchange && bound)
			info := s.userInfo(tokens)
			if !test.info {
				if info.field("errcode") != "48001" {
					t.Errorf("%+v: %s", test, info.body)
				}
				continue
			}
			if info.field("nickname") != "payer-1" || info.field("openid") != s.payer.OpenIDs[test.app] || !strings.Contains(string(info.body), `"privilege":[]`) {
				t.Errorf("%+v: %s", test, info.body)
			}
			wantUnionID(t, info, s, test.later && bound)
		}
	}
}

// wantUnionID wants the field with its value, or no field at all.
func wantUnionID(t *testing.T, answer response, s *stage, there bool) {
	t.Helper()
	if there && answer.field("unionid") != s.payer.UnionIDs["main"] || !there && strings.Contains(string(answer.body), "unionid") {
		t.Errorf("unionid wanted: %t, got %s", there, answer.body)
	}
}

func TestLateUnionIDComesByItself(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	app := sandbox.DefaultUnboundMini
	before := s.login(app, s.code(app))
	if made := s.control("POST", "/apps/bind", `{"app_id":"`+app+`","open_platform":"main"}`); made.status != 204 {
		t.Fatalf("%d %s", made.status, made.body)
	}
	after := s.login(app, s.code(app))
	if before.field("unionid") != "" || after.field("unionid") != s.payer.UnionIDs["main"] || before.field("openid") != after.field("openid") {
		t.Errorf("%s then %s", before.body, after.body)
	}
	s.bind(app, "second")
	user, _ := s.platform.FindUser("payer-1")
	if moved := s.login(app, s.code(app)); moved.field("unionid") != user.UnionIDs["second"] || moved.field("unionid") == after.field("unionid") {
		t.Errorf("%s", moved.body)
	}
	s.platform.Reset()
	for _, a := range s.platform.Credentials().Apps {
		if a.ID == app && a.OpenPlatform != "" {
			t.Error("the binding survived a reset")
		}
	}
}

func TestOAuthRefusals(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	app := sandbox.DefaultOfficialAccount
	secret := s.secret(app)
	fresh := func() string { return s.oauthCode(app, "snsapi_base") }
	used, expired := fresh(), fresh()
	qr := s.oauthCode(sandbox.DefaultWebsite, "")
	s.oauth(app, used)
	s.advance(5 * time.Minute)
	for name, test := range map[string]struct{ appID, secret, code, grant, errcode string }{
		"no appid":             {"", secret, fresh(), "authorization_code", "41002"},
		"no secret":            {app, "", fresh(), "authorization_code", "41004"},
		"no code":              {app, secret, "", "authorization_code", "41008"},
		"unknown appid":        {"wx0", secret, fresh(), "authorization_code", "40013"},
		"wrong secret":         {app, "x", fresh(), "authorization_code", "40125"},
		"wrong grant":          {app, secret, fresh(), "x", "40002"},
		"unknown code":         {app, secret, "0x", "authorization_code", "40029"},
		"another app's code":   {app, secret, s.oauthCode(sandbox.DefaultMobileApp, ""), "authorization_code", "40029"},
		"a mini-program's":     {app, secret, s.code(sandbox.DefaultMiniProgram), "authorization_code", "40029"},
		"used code":            {app, secret, used, "authorization_code", "40163"},
		"expired code":         {app, secret, expired, "authorization_code", "40029"},
		"qr code after 5 min":  {sandbox.DefaultWebsite, s.secret(sandbox.DefaultWebsite), qr, "authorization_code", ""},
		"mini-program's login": {sandbox.DefaultMiniProgram, s.secret(sandbox.DefaultMiniProgram), fresh(), "authorization_code", "40029"},
	} {
		query := url.Values{"appid": {test.appID}, "secret": {test.secret}, "code": {test.code}, "grant_type": {test.grant}}
		answer := s.get("/sns/oauth2/access_token?" + query.Encode())
		if answer.status != 200 || answer.field("errcode") != test.errcode {
			t.Errorf("%s: %d %s", name, answer.status, answer.body)
		}
	}
}

func TestOAuthTokensEndAndAreRefreshed(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	app := sandbox.DefaultOfficialAccount
	first := s.oauth(app, s.oauthCode(app, "snsapi_userinfo"))
	refresh := func(app, token string) response {
		return s.get("/sns/oauth2/refresh_token?grant_type=refresh_token&appid=" + app + "&refresh_token=" + token)
	}
	auth := func(token, openID string) string {
		return s.get("/sns/auth?access_token=" + token + "&openid=" + openID).field("errcode")
	}
	access, openID := first.field("access_token"), first.field("openid")
	for name, got := range map[string][2]string{
		"good":           {auth(access, openID), "0"},
		"another openid": {auth(access, s.payer.OpenIDs[sandbox.DefaultWebsite]), "40003"},
		"unknown":        {auth("x", openID), "40001"},
		"no token":       {auth("", openID), "41001"},
		"no openid":      {auth(access, ""), "41009"},
		"app's token":    {auth(s.stable(app, false).field("access_token"), openID), "40001"},
		"bad refresh":    {refresh(app, "x").field("errcode"), "40030"},
		"other app":      {refresh(sandbox.DefaultWebsite, first.field("refresh_token")).field("errcode"), "40030"},
		"no refresh":     {refresh(app, "").field("errcode"), "41003"},
		"unknown app":    {refresh("wx0", "x").field("errcode"), "40013"},
		"no app":         {refresh("", "x").field("errcode"), "41002"},
	} {
		if got[0] != got[1] {
			t.Errorf("%s: %s, want %s", name, got[0], got[1])
		}
	}
	s.advance(time.Hour)
	if again := refresh(app, first.field("refresh_token")); again.field("access_token") != access || again.field("refresh_token") != first.field("refresh_token") {
		t.Errorf("a living token changes: %s", again.body)
	}
	s.advance(2 * time.Hour)
	if got := auth(access, openID); got != "42001" {
		t.Errorf("expired: %s", got)
	}
	if again := refresh(app, first.field("refresh_token")); again.field("access_token") == access || auth(again.field("access_token"), openID) != "0" {
		t.Errorf("a dead token stays: %s", again.body)
	}
	s.advance(30 * 24 * time.Hour)
	if got := refresh(app, first.field("refresh_token")).field("errcode"); got != "42002" {
		t.Errorf("after 30 days: %s", got)
	}
}
