package sandbox_test

import (
	"testing"

	"github.com/silenceper/wechat/v2/cache"
	"github.com/silenceper/wechat/v2/credential"
	"github.com/silenceper/wechat/v2/officialaccount/config"
	offcontext "github.com/silenceper/wechat/v2/officialaccount/context"
	"github.com/silenceper/wechat/v2/officialaccount/menu"
	"github.com/silenceper/wechat/v2/util"

	"wxhub/wx/sandbox"
)

// The SDK makes a menu, reads it back, and takes it away.
func TestSilenceperSDKKeepsAMenu(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	before := util.DefaultHTTPClient
	util.DefaultHTTPClient = s.rewriting()
	t.Cleanup(func() { util.DefaultHTTPClient = before })
	app, secret := sandbox.DefaultOfficialAccount, s.secret(sandbox.DefaultOfficialAccount)
	m := menu.NewMenu(&offcontext.Context{
		Config: &config.Config{AppID: app, AppSecret: secret}, AccessTokenHandle: credential.NewStableAccessToken(app, secret, "test", cache.NewMemory()),
	})
	if _, err := m.GetMenu(); err == nil {
		t.Error("there is a menu before any was made")
	}
	buttons := []*menu.Button{
		menu.NewViewButton("买单", "https://shop.example/c/1"),
		menu.NewSubButton("更多", []*menu.Button{
			menu.NewClickButton("Help & <hours>", "help"), menu.NewMiniprogramButton("Shop", "https://shop.example", "wx1", "pages/index"),
		}),
	}
	if err := m.SetMenu(buttons); err != nil {
		t.Fatal(err)
	}
	if err := m.AddConditional([]*menu.Button{menu.NewClickButton("会员", "vip")}, &menu.MatchRule{ClientPlatformType: "1"}); err != nil {
		t.Fatal(err)
	}
	got, err := m.GetMenu()
	if err != nil || len(got.Menu.Button) != 2 || got.Menu.Button[0].URL != "https://shop.example/c/1" || len(got.Menu.Button[1].SubButtons) != 2 ||
		got.Menu.Button[1].SubButtons[0].Name != "Help & <hours>" || len(got.Conditionalmenu) != 1 || got.Conditionalmenu[0].MatchRule.ClientPlatformType != "1" {
		t.Fatalf("%+v, %v", got, err)
	}
	if err := m.DeleteConditional(got.Conditionalmenu[0].MenuID); err != nil {
		t.Error(err)
	}
	if err := m.SetMenu([]*menu.Button{menu.NewClickButton("more than sixteen bytes", "k")}); err == nil {
		t.Error("a name that is too long is taken")
	}
	if err := m.DeleteMenu(); err != nil {
		t.Error(err)
	}
}
