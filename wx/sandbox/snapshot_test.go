package sandbox_test

import (
	"strings"
	"testing"

	"wxhub/wx/sandbox"
)

func TestSnapshotUsersAreNobody(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	app := sandbox.DefaultOfficialAccount
	if made := s.control("POST", "/snapshots", `{"app_id":"`+app+`","user":"payer-1","times":2}`); made.status != 204 {
		t.Fatalf("%d %s", made.status, made.body)
	}
	got := landed(t, s.browser(inWeChat).held("payer-1").get(door(authorize, app, "snsapi_userinfo")))
	first, second := s.oauth(app, got.Get("code")), s.oauth(app, s.oauthCode(app, "snsapi_userinfo"))
	for _, tokens := range []response{first, second} {
		if tokens.field("is_snapshotuser") != "1" || tokens.field("openid") == s.payer.OpenIDs[app] || len(tokens.field("openid")) != 28 {
			t.Errorf("%s", tokens.body)
		}
		wantUnionID(t, tokens, s, false)
		if info := s.userInfo(tokens); info.field("errcode") != "48001" {
			t.Errorf("%s", info.body)
		}
	}
	if first.field("openid") == second.field("openid") {
		t.Error("the same virtual user twice")
	}
	if real := s.oauth(app, s.oauthCode(app, "snsapi_userinfo")); real.field("openid") != s.payer.OpenIDs[app] || strings.Contains(string(real.body), "snapshot") {
		t.Errorf("%s", real.body)
	}
	if err := s.platform.Snapshot(app, "payer-1", -1); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if tokens := s.oauth(app, s.oauthCode(app, "snsapi_base")); tokens.field("is_snapshotuser") != "1" {
			t.Errorf("%s", tokens.body)
		}
	}
}
