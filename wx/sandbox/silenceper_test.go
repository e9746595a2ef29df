package sandbox_test

import (
	"context"
	"strings"
	"testing"

	"github.com/silenceper/wechat/v2/cache"
	"github.com/silenceper/wechat/v2/credential"
	"github.com/silenceper/wechat/v2/miniprogram/auth"
	"github.com/silenceper/wechat/v2/miniprogram/config"
	minicontext "github.com/silenceper/wechat/v2/miniprogram/context"
	"github.com/silenceper/wechat/v2/util"

	"wxhub/wx/sandbox"
)

// The SDK's HTTP client is a global of its package, so this test is one and does not run in parallel.
func TestSilenceperSDKLogsInAndGetsTokens(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	before := util.DefaultHTTPClient
	util.DefaultHTTPClient = s.rewriting()
	t.Cleanup(func() { util.DefaultHTTPClient = before })

	app, secret := sandbox.DefaultMiniProgram, s.secret(sandbox.DefaultMiniProgram)
	tokens := credential.NewStableAccessToken(app, secret, "test", cache.NewMemory())
	mini := auth.NewAuth(&minicontext.Context{Config: &config.Config{AppID: app, AppSecret: secret}, AccessTokenContextHandle: tokens})

	code := s.code(app)
	session, err := mini.Code2Session(code)
	if err != nil || session.OpenID != s.payer.OpenIDs[app] || session.UnionID != s.payer.UnionIDs["main"] {
		t.Fatalf("%+v %v", session, err)
	}
	if _, err := mini.Code2Session(code); err == nil || !strings.Contains(err.Error(), "40163") {
		t.Errorf("a used code: %v", err)
	}
	token, err := tokens.GetAccessTokenContext(context.Background())
	if err != nil || s.tokenCode(token) != good {
		t.Fatalf("%q %v", token, err)
	}
	if err := mini.CheckSession(sandbox.SessionSignature(session.SessionKey, ""), session.OpenID); err != nil {
		t.Errorf("check session: %v", err)
	}
	reset, err := mini.ResetUserSessionKey(sandbox.SessionSignature(session.SessionKey, ""), session.OpenID)
	if err != nil || reset.SessionKey == session.SessionKey {
		t.Errorf("reset session key: %+v %v", reset, err)
	}
}
