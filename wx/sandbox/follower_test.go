package sandbox_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"wxhub/wx/sandbox"
)

func (s *stage) account(method, path, body string) response {
	s.t.Helper()
	joint := "?"
	if strings.Contains(path, "?") {
		joint = "&"
	}
	uri := path + joint + "access_token=" + s.stable(sandbox.DefaultOfficialAccount, false).field("access_token")
	if method == "GET" {
		return s.get(uri)
	}
	return s.post(uri, body)
}

func TestFollowersAreKnownAndOthersAreNot(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	app := sandbox.DefaultOfficialAccount
	openID := s.payer.OpenIDs[app]
	info := func() response { return s.account("GET", "/cgi-bin/user/info?lang=zh_CN&openid="+openID, "") }
	wantJSON(t, info().body, `{"subscribe":0,"openid":"`+openID+`"}`)
	act := func(path, more string, status int) {
		t.Helper()
		if got := s.control("POST", path, `{"app_id":"`+app+`","user":"payer-1"`+more+`}`); got.status != status {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
	act("/unfollow", "", 409)
	act("/follow", `,"scene":"table-4"`, 200)
	act("/follow", "", 409)
	got := info()
	for name, want := range map[string]string{"subscribe": "1", "openid": openID, "unionid": s.payer.UnionIDs["main"], "language": "zh_CN",
		"subscribe_scene": "ADD_SCENE_QR_CODE", "qr_scene_str": "table-4", "qr_scene": "0", "groupid": "0"} {
		if got.field(name) != want {
			t.Errorf("%s is %q in %s", name, got.field(name), got.body)
		}
	}
	s.bind(app, "")
	wantUnionID(t, info(), s, false)
	s.bind(app, "main")
	act("/unfollow", "", 200)
	wantJSON(t, info().body, `{"subscribe":0,"openid":"`+openID+`"}`)
	act("/follow", "", 200)
	s.platform.Reset()
	if _, err := s.platform.CreateUser("payer-1"); err != nil {
		t.Fatal(err)
	}
	wantJSON(t, info().body, `{"subscribe":0,"openid":"`+openID+`"}`)
}

func TestFollowerCallsRefuse(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	mini := s.stable(sandbox.DefaultMiniProgram, false).field("access_token")
	list := func(n int) string {
		return `{"user_list":[` + strings.TrimSuffix(strings.Repeat(`{"openid":"`+s.payer.OpenIDs[sandbox.DefaultOfficialAccount]+`"},`, n), ",") + `]}`
	}
	for name, test := range map[string]struct {
		answer  response
		errcode string
	}{
		"no token":          {s.get("/cgi-bin/user/info?openid=o1"), "41001"},
		"a mini-program":    {s.get("/cgi-bin/user/info?openid=o1&access_token=" + mini), "48001"},
		"unknown openid":    {s.account("GET", "/cgi-bin/user/info?openid=o1", ""), "40003"},
		"no openid":         {s.account("GET", "/cgi-bin/user/info", ""), "40003"},
		"batch of none":     {s.account("POST", "/cgi-bin/user/info/batchget", `{"user_list":[]}`), "40032"},
		"batch of 101":      {s.account("POST", "/cgi-bin/user/info/batchget", list(101)), "40032"},
		"batch of 100":      {s.account("POST", "/cgi-bin/user/info/batchget", list(100)), ""},
		"batch of unknown":  {s.account("POST", "/cgi-bin/user/info/batchget", `{"user_list":[{"openid":"o1"}]}`), "40003"},
		"batch of rubbish":  {s.account("POST", "/cgi-bin/user/info/batchget", `x`), "47001"},
		"list after nobody": {s.account("GET", "/cgi-bin/user/get?next_openid=o1", ""), "40003"},
	} {
		if test.answer.field("errcode") != test.errcode {
			t.Errorf("%s: %s", name, test.answer.body)
		}
	}
	wantJSON(t, s.account("GET", "/cgi-bin/user/get", "").body, `{"total":0,"count":0,"next_openid":""}`)
}

func TestFollowerListIsPaged(t *testing.T) {
	b := sandbox.DefaultBehaviour()
	b.FollowersPage = 2
	s := newStage(t, sandbox.Options{Behaviour: &b})
	app := sandbox.DefaultOfficialAccount
	var want, got []string
	for i := range 5 {
		u, err := s.platform.CreateUser(fmt.Sprintf("fan-%d", i))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.platform.Follow(app, u.ID, ""); err != nil {
			t.Fatal(err)
		}
		want = append(want, u.OpenIDs[app])
	}
	next := ""
	for range 4 {
		var page struct {
			Total, Count int
			Data         struct{ OpenID []string }
			NextOpenID   string `json:"next_openid"`
		}
		if err := json.Unmarshal(s.account("GET", "/cgi-bin/user/get?next_openid="+next, "").body, &page); err != nil {
			t.Fatal(err)
		}
		if page.Total != 5 || page.Count != len(page.Data.OpenID) {
			t.Errorf("%+v", page)
		}
		got, next = append(got, page.Data.OpenID...), page.NextOpenID
		if page.Count == 0 {
			break
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestMovedOpenIDs(t *testing.T) {
	apps := append(sandbox.DefaultApps(), sandbox.App{ID: "wx00000000000000aa", Kind: sandbox.KindOfficialAccount, Secret: "s"})
	s := newStage(t, sandbox.Options{Apps: apps})
	app, old := sandbox.DefaultOfficialAccount, s.payer.OpenIDs["wx00000000000000aa"]
	ask := func(list string) response {
		return s.account("POST", "/cgi-bin/changeopenid", `{"from_appid":"wx00000000000000aa","openid_list":[`+list+`]}`)
	}
	if got := ask(`"` + old + `"`); got.field("errcode") != "63178" {
		t.Errorf("before the move: %s", got.body)
	}
	if made := s.control("POST", "/apps/migrate", `{"from_app_id":"wx00000000000000aa","to_app_id":"`+app+`"}`); made.status != 204 {
		t.Fatalf("%d %s", made.status, made.body)
	}
	wantJSON(t, ask(`"`+old+`","o1"`).body, `{"errcode":0,"errmsg":"ok","result_list":[{"ori_openid":"`+old+`","new_openid":"`+s.payer.OpenIDs[app]+
		`","err_msg":"ok"},{"ori_openid":"o1","err_msg":"ori_openid error"}]}`)
	for name, list := range map[string]string{"none": "", "101": strings.TrimSuffix(strings.Repeat(`"o",`, 101), ",")} {
		if got := ask(list); got.field("errcode") != "40032" {
			t.Errorf("%s: %s", name, got.body)
		}
	}
}
