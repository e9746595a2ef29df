package sandbox_test

import (
	"strings"
	"testing"

	"github.com/silenceper/wechat/v2/cache"
	"github.com/silenceper/wechat/v2/credential"
	miniauth "github.com/silenceper/wechat/v2/miniprogram/auth"
	"github.com/silenceper/wechat/v2/miniprogram/business"
	miniconfig "github.com/silenceper/wechat/v2/miniprogram/config"
	minicontext "github.com/silenceper/wechat/v2/miniprogram/context"
	"github.com/silenceper/wechat/v2/miniprogram/encryptor"
	"github.com/silenceper/wechat/v2/officialaccount/config"
	"github.com/silenceper/wechat/v2/officialaccount/context"
	"github.com/silenceper/wechat/v2/officialaccount/oauth"
	"github.com/silenceper/wechat/v2/officialaccount/user"
	"github.com/silenceper/wechat/v2/util"

	"wxhub/wx/sandbox"
)

// sdk makes the SDK call the stage. Its HTTP client is a global of its package, so no such test runs in parallel.
func (s *stage) sdk() *context.Context {
	s.t.Helper()
	before := util.DefaultHTTPClient
	util.DefaultHTTPClient = s.rewriting()
	s.t.Cleanup(func() { util.DefaultHTTPClient = before })
	r := s.pushReceiver(sandbox.DefaultOfficialAccount)
	return &context.Context{
		Config:            &config.Config{AppID: r.app.ID, AppSecret: r.app.Secret, Token: r.app.Token, EncodingAESKey: r.app.AESKey},
		AccessTokenHandle: credential.NewStableAccessToken(r.app.ID, r.app.Secret, "test", cache.NewMemory()),
	}
}

func TestSilenceperSDKLogsInByOAuth(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	ctx := s.sdk()
	login := oauth.NewOauth(ctx)
	to, err := login.GetRedirectURL("https://shop.example/back?next=%2Fcart", "snsapi_userinfo", "s1")
	if err != nil {
		t.Fatal(err)
	}
	_, path, _ := strings.Cut(strings.TrimSuffix(to, "#wechat_redirect"), "open.weixin.qq.com")
	if err := s.platform.Consent(ctx.AppID, "payer-1"); err != nil {
		t.Fatal(err)
	}
	code := landed(t, s.browser(inWeChat).held("payer-1").get(path)).Get("code")
	tokens, err := login.GetUserAccessToken(code)
	if err != nil || tokens.OpenID != s.payer.OpenIDs[ctx.AppID] || tokens.UnionID != s.payer.UnionIDs["main"] || tokens.IsSnapShotUser != 0 {
		t.Fatalf("%+v %v", tokens, err)
	}
	info, err := login.GetUserInfo(tokens.AccessToken, tokens.OpenID, "")
	if err != nil || info.Nickname != "payer-1" || info.Unionid != tokens.UnionID {
		t.Errorf("%+v %v", info, err)
	}
	if good, err := login.CheckAccessToken(tokens.AccessToken, tokens.OpenID); err != nil || !good {
		t.Errorf("check: %t %v", good, err)
	}
	if again, err := login.RefreshAccessToken(tokens.RefreshToken); err != nil || again.OpenID != tokens.OpenID {
		t.Errorf("refresh: %+v %v", again, err)
	}
	if _, err := login.GetUserAccessToken(code); err == nil || !strings.Contains(err.Error(), "40163") {
		t.Errorf("a used code: %v", err)
	}
	if err := s.platform.Snapshot(ctx.AppID, "payer-1", 1); err != nil {
		t.Fatal(err)
	}
	if tokens, err := login.GetUserAccessToken(s.oauthCode(ctx.AppID, "snsapi_userinfo")); err != nil || tokens.IsSnapShotUser != 1 || tokens.UnionID != "" {
		t.Errorf("a snapshot: %+v %v", tokens, err)
	}
}

func TestSilenceperSDKReadsFollowers(t *testing.T) {
	apps := append(sandbox.DefaultApps(), sandbox.App{ID: "wx00000000000000aa", Kind: sandbox.KindOfficialAccount, Secret: "s"})
	s := newStage(t, sandbox.Options{Apps: apps})
	ctx := s.sdk()
	openID := s.payer.OpenIDs[ctx.AppID]
	fans := user.NewUser(ctx)
	if info, err := fans.GetUserInfo(openID); err != nil || info.Subscribe != 0 || info.UnionID != "" {
		t.Errorf("a stranger: %+v %v", info, err)
	}
	if _, err := s.platform.Follow(ctx.AppID, "payer-1", "42"); err != nil {
		t.Fatal(err)
	}
	if info, err := fans.GetUserInfo(openID); err != nil || info.Subscribe != 1 || info.UnionID != s.payer.UnionIDs["main"] || info.QrScene != 42 {
		t.Errorf("%+v %v", info, err)
	}
	batch, err := fans.BatchGetUserInfo(user.BatchGetUserInfoParams{UserList: []user.BatchGetUserListItem{{OpenID: openID}}})
	if err != nil || len(batch.UserInfoList) != 1 || batch.UserInfoList[0].UnionID != s.payer.UnionIDs["main"] {
		t.Errorf("%+v %v", batch, err)
	}
	if list, err := fans.ListUserOpenIDs(); err != nil || list.Total != 1 || len(list.Data.OpenIDs) != 1 || list.Data.OpenIDs[0] != openID {
		t.Errorf("%+v %v", list, err)
	}
	if err := s.platform.MigrateApp("wx00000000000000aa", ctx.AppID); err != nil {
		t.Fatal(err)
	}
	moved, err := fans.ListChangeOpenIDs("wx00000000000000aa", s.payer.OpenIDs["wx00000000000000aa"])
	if err != nil || len(moved.List) != 1 || moved.List[0].NewOpenID != openID {
		t.Errorf("%+v %v", moved, err)
	}
}

func TestSilenceperSDKReadsPhonesAndSensitiveData(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	s.sdk()
	app, secret := sandbox.DefaultMiniProgram, s.secret(sandbox.DefaultMiniProgram)
	ctx := &minicontext.Context{
		Config:                   &miniconfig.Config{AppID: app, AppSecret: secret},
		AccessTokenContextHandle: credential.NewStableAccessToken(app, secret, "mini", cache.NewMemory()),
	}
	phone, err := business.NewBusiness(ctx).GetPhoneNumber(&business.GetPhoneNumberRequest{Code: s.phoneCode(app, "payer-1")})
	if err != nil || phone.PurePhoneNumber != s.payer.Phone || phone.Watermark.AppID != app {
		t.Errorf("%+v %v", phone, err)
	}
	payment := s.pay(s.prepay(s.number()))
	unionID, err := miniauth.NewAuth(ctx).GetPaidUnionID(&miniauth.GetPaidUnionIDRequest{OpenID: s.payer.OpenIDs[app], TransactionID: payment.TransactionID})
	if err != nil || unionID != s.payer.UnionIDs["main"] {
		t.Errorf("%q %v", unionID, err)
	}
	key := s.login(app, s.code(app)).field("session_key")
	for kind, good := range map[string]func(*encryptor.PlainData) bool{
		sandbox.DataUserInfo: func(d *encryptor.PlainData) bool {
			return d.OpenID == s.payer.OpenIDs[app] && d.UnionID == s.payer.UnionIDs["main"] && d.NickName == "payer-1"
		},
		sandbox.DataPhone: func(d *encryptor.PlainData) bool { return d.PurePhoneNumber == s.payer.Phone && d.CountryCode == "86" },
	} {
		sealed, err := s.platform.EncryptedData(app, "payer-1", kind)
		if err != nil {
			t.Fatal(err)
		}
		data, err := encryptor.NewEncryptor(ctx).Decrypt(key, sealed.EncryptedData, sealed.IV)
		if err != nil || !good(data) {
			t.Errorf("%s: %+v %v", kind, data, err)
		}
	}
}
