package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"wxhub/wx/sandbox"
)

const (
	menuYAML = `[{name: 买单, type: view, url: /c/counter-1}, {name: 更多, sub_button: [
		{name: 小程序, type: miniprogram, url: "https://shop.example", appid: wx1a2b3c4d5e6f7081, pagepath: pages/index},
		{name: "Help & <hours>", type: click, key: help}]}]`
	conditionalYAML = `[{platform: ios, menu: [{name: iPhone, type: click, key: ios}]}, {tag_id: "100", menu: [{name: 会员, type: click, key: vip}]}]`
)

// A menu goes to WeChat, is changed there by somebody, and is brought back; who taps a
// button that leads to us comes through the login of the app that the menu belongs to.
func TestMenuAsCode(t *testing.T) {
	platform, configFile := weChat(t)
	at := slices.IndexFunc(platform.Credentials().Apps, func(a sandbox.AppCredentials) bool { return a.ID == sandbox.DefaultOfficialAccount })
	key := fmt.Sprintf("WXHUB_WECHAT__APPS__%d__", at)
	plain := settings(configFile, "127.0.0.1:0", "https://shop.example")
	env := append(plain, key+"MENU="+menuYAML, key+"CONDITIONAL_MENUS="+conditionalYAML)
	wants := func(code int, says []string, args ...string) string {
		t.Helper()
		got, out := run(t, configFile, env, append(append([]string{"menu"}, args...), "--app", sandbox.DefaultOfficialAccount)...)
		for _, want := range says {
			if !strings.Contains(out, want) {
				t.Errorf("menu %s does not say %q:\n%s", strings.Join(args, " "), want, out)
			}
		}
		if got != code || strings.Contains(out, "goroutine") {
			t.Errorf("menu %s: exit code %d, want %d:\n%s", strings.Join(args, " "), got, code, out)
		}
		return out
	}
	door := "url=https://shop.example/v1/login/official-account?app_id=" + sandbox.DefaultOfficialAccount + "&return_to=%2Fc%2Fcounter-1"
	wants(0, []string{"no menu"}, "show")
	wants(3, []string{"+for everybody", "+  买单  view " + door, "+    Help & <hours>  click key=help", "+for those with tag 100"}, "plan")
	wants(0, []string{"no menu"}, "show") // plan changes nothing
	wants(0, []string{"pushed"}, "push")
	wants(0, []string{"no drift"}, "plan")
	wants(0, []string{"no drift"}, "push")
	shown := wants(0, []string{"for those with platform ios", "  会员  click key=vip"}, "show")
	if strings.Index(shown, "platform ios") > strings.Index(shown, "tag 100") {
		t.Errorf("another order than in the configuration, in which WeChat tries them:\n%s", shown)
	}

	env = append(plain, key+"MENU=[{name: Other, type: click, key: other}]")
	wants(3, []string{"-  买单", "+  Other  click key=other", "-for those with tag 100"}, "plan")
	wants(0, []string{"pushed"}, "push")
	wants(0, []string{"no drift"}, "plan")
	wants(0, []string{"deleted"}, "delete")
	wants(0, []string{"deleted"}, "delete")
	wants(0, []string{"no menu"}, "show")

	env = append(plain, key+"MENU=[{name: A name of more than 16 bytes, type: click, key: other}]")
	before := len(platform.Log(0))
	wants(2, []string{"at most 16"}, "push")
	if len(platform.Log(0)) != before {
		t.Error("WeChat was called with a menu that it would refuse")
	}
	if code, out := run(t, configFile, env, "menu", "plan", "--app", "wx0000000000000000"); code != 2 || !strings.Contains(out, "at most 16") {
		t.Errorf("exit code %d:\n%s", code, out)
	}
}
