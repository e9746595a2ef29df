package sandbox_test

import (
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wxhub/wx/sandbox"
)

var update = flag.Bool("update", false, "write testdata/*.golden anew")

// channelCase is one body; it is tried at all eight endpoints.
type channelCase struct {
	name string
	edit func(map[string]any)
}

func channelCases(s *stage, other sandbox.User) []channelCase {
	scene := func(more ...any) func(map[string]any) {
		info := map[string]any{"payer_client_ip": "14.23.150.211", "h5_info": map[string]any{"type": "Wap"}}
		for i := 0; i < len(more); i += 2 {
			info[more[i].(string)] = more[i+1]
		}
		return set("scene_info", info)
	}
	payer := func(pairs ...string) func(map[string]any) {
		who := map[string]any{}
		for i := 0; i < len(pairs); i += 2 {
			who[pairs[i]] = pairs[i+1]
		}
		return set("payer", who)
	}
	both := func(edits ...func(map[string]any)) func(map[string]any) {
		return func(body map[string]any) {
			for _, edit := range edits {
				edit(body)
			}
		}
	}
	ids := s.payer.OpenIDs
	return []channelCase{
		{"the least", func(map[string]any) {}},
		{"all common fields", both(set("time_expire", "2099-01-01T00:00:00+08:00"), set("attach", "a"), set("goods_tag", "g"), set("support_fapiao", true),
			set("limit_pay", []string{"no_credit"}), set("settle_info", map[string]any{"profit_sharing": true}), set("detail", map[string]any{"cost_price": 1}))},
		{"without appid", unset("appid")}, {"without mchid", unset("mchid")},
		{"without sp_appid", unset("sp_appid")}, {"without sp_mchid", unset("sp_mchid")}, {"without sub_mchid", unset("sub_mchid")},
		{"without description", unset("description")}, {"without out_trade_no", unset("out_trade_no")},
		{"without notify_url", unset("notify_url")}, {"without amount", unset("amount")},
		{"without payer", unset("payer")}, {"without scene_info", unset("scene_info")},
		{"with appid", set("appid", sandbox.DefaultMiniProgram)}, {"with sp_appid", set("sp_appid", sandbox.DefaultPartnerAccount)},
		{"app of a stranger", both(rename("appid", sandbox.DefaultSecondMini), rename("sp_appid", sandbox.DefaultSecondMini))},
		{"a mini-program", both(rename("appid", sandbox.DefaultMiniProgram))},
		{"a mobile app", both(rename("appid", sandbox.DefaultMobileApp), rename("sp_appid", sandbox.DefaultMobileApp))},
		{"unknown merchant", both(rename("mchid", "1900009999"), rename("sp_mchid", "1900009999"))},
		{"another merchant", both(rename("mchid", sandbox.DefaultSecondMerchant), rename("sp_mchid", sandbox.DefaultSecondMerchant))},
		{"its own sub merchant", rename("sub_mchid", sandbox.DefaultPartner)},
		{"a stranger as sub merchant", rename("sub_mchid", sandbox.DefaultMerchant)},
		{"sub_appid", set("sub_appid", sandbox.DefaultSubMini)},
		{"sub_appid of a stranger", set("sub_appid", sandbox.DefaultSecondMini)},
		{"sub_appid of the other sub merchant", both(set("sub_appid", sandbox.DefaultSubMini), rename("sub_mchid", sandbox.DefaultPlainSubMerchant))},
		{"sub_appid is sp_appid", func(body map[string]any) { body["sub_appid"] = body["sp_appid"] }},
		{"openid", payer("openid", ids[sandbox.DefaultMiniProgram])},
		{"sp_openid", payer("sp_openid", ids[sandbox.DefaultPartnerAccount])},
		{"sp_openid of sub_appid", both(set("sub_appid", sandbox.DefaultSubMini), payer("sp_openid", ids[sandbox.DefaultSubMini]))},
		{"sub_openid", both(set("sub_appid", sandbox.DefaultSubMini), payer("sub_openid", ids[sandbox.DefaultSubMini]))},
		{"sub_openid without sub_appid", payer("sub_openid", ids[sandbox.DefaultSubMini])},
		{"sub_openid of sp_appid", both(set("sub_appid", sandbox.DefaultSubMini), payer("sub_openid", ids[sandbox.DefaultPartnerAccount]))},
		{"both openids", both(set("sub_appid", sandbox.DefaultSubMini), payer("sp_openid", ids[sandbox.DefaultPartnerAccount], "sub_openid", ids[sandbox.DefaultSubMini]))},
		{"nobody's openid", both(payer("openid", other.OpenIDs[sandbox.DefaultWebsite]))},
		{"empty payer", payer()},
		{"h5_info", scene()},
		{"all h5_info", scene("h5_info", map[string]any{"type": "iOS", "app_name": "a", "app_url": "https://shop.example.com", "bundle_id": "b", "package_name": "p"})},
		{"h5_info of a fridge", scene("h5_info", map[string]any{"type": "Fridge"})},
		{"h5_info without type", scene("h5_info", map[string]any{"app_name": "a"})},
		{"scene_info without h5_info", set("scene_info", map[string]any{"payer_client_ip": "14.23.150.211", "device_id": "1", "store_info": map[string]any{"id": "1"}})},
		{"scene_info without payer_client_ip", set("scene_info", map[string]any{"h5_info": map[string]any{"type": "Wap"}})},
		{"payer_client_ip 127.0.0.1", scene("payer_client_ip", "127.0.0.1")},
		{"payer_client_ip ::1", scene("payer_client_ip", "::1")},
		{"payer_client_ip a name", scene("payer_client_ip", "localhost")},
	}
}

// rename sets a field only where it is.
func rename(name string, value any) func(map[string]any) {
	return func(body map[string]any) {
		if _, found := body[name]; found {
			body[name] = value
		}
	}
}

// One golden file per channel and mode tells what is accepted and how the rest is refused.
func TestEveryChannelAcceptsAndRefusesAsWritten(t *testing.T) {
	for i, mode := range []string{"direct", "partner"} {
		partner := i == 1
		s := newStage(t, sandbox.Options{})
		if partner {
			s = newPartnerStage(t, sandbox.Options{})
		}
		other, err := s.platform.CreateUser("payer-2")
		if err != nil {
			t.Fatal(err)
		}
		for _, channel := range []string{"jsapi", "native", "h5", "app"} {
			var lines strings.Builder
			for _, c := range channelCases(s, other) {
				answer := s.v3(http.MethodPost, rootOf(partner)+channel, s.channelBody(channel, partner, s.number(), c.edit))
				fmt.Fprintf(&lines, "%s: %d %s %s\n", c.name, answer.status, answer.code(), answer.field("message"))
			}
			golden(t, "prepay-"+channel+"-"+mode, lines.String())
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || string(want) != got {
		t.Errorf("%s: %v\ngot\n%s\nwant\n%s", file, err, got, want)
	}
}

func TestWhatAPrepayHandsOutLivesAsLongAsOnThePlatform(t *testing.T) {
	for channel, life := range map[string]time.Duration{"jsapi": 2 * time.Hour, "native": 2 * time.Hour, "app": 2 * time.Hour, "h5": 5 * time.Minute} {
		for i, partner := range []bool{false, true} {
			s := newStageFor(t, sandbox.Options{}, 2*i)
			early, late := s.placed(channel, partner, s.number()), s.placed(channel, partner, s.number())
			s.advance(life - 2*time.Second)
			if _, err := s.platform.Pay(early, s.payer.ID, sandbox.PaySuccess); err != nil {
				t.Errorf("%s: %v", channel, err)
			}
			s.advance(3 * time.Second)
			var phone *sandbox.PhoneError
			if _, err := s.platform.Pay(late, s.payer.ID, sandbox.PaySuccess); !errors.As(err, &phone) {
				t.Errorf("%s: paid too late: %v", channel, err)
			}
		}
	}
}

func TestAnotherChannelIsAnotherOrder(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	number := s.number()
	s.placed("native", false, number)
	again := s.v3(http.MethodPost, directRoot+"jsapi", s.channelBody("jsapi", false, number))
	if again.status != http.StatusBadRequest || again.code() != "INVALID_REQUEST" {
		t.Errorf("%d %s", again.status, again.body)
	}
	// App and H5 of one app differ in nothing but the path once the scene is the same.
	number = s.number()
	mobile := set("appid", sandbox.DefaultMobileApp)
	s.placed("app", false, number)
	again = s.v3(http.MethodPost, directRoot+"native", s.channelBody("native", false, number, mobile))
	if again.status != http.StatusBadRequest || !strings.Contains(again.field("message"), "请求重入") {
		t.Errorf("%d %s", again.status, again.body)
	}
}
