package sandbox_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"wxhub/wx/sandbox"
	"wxhub/wx/sandbox/wxcrypt"
)

func TestPushedEvents(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	r := s.pushReceiver(sandbox.DefaultOfficialAccount)
	who := `{"app_id":"` + r.app.ID + `","user":"payer-1"`
	if made := s.control("POST", "/apps/push", `{"app_id":"`+r.app.ID+`","url":"`+r.url+`","mode":"safe"}`); made.status != 204 {
		t.Fatalf("%d %s", made.status, made.body)
	}
	openID := s.payer.OpenIDs[r.app.ID]
	for i, test := range []struct {
		path, more, event string
		want              map[string]string
	}{
		{"/scan", `,"scene":"t4"}`, "subscribe", map[string]string{"EventKey": "qrscene_t4"}},
		{"/scan", `,"scene":"t4"}`, "SCAN", map[string]string{"EventKey": "t4"}},
		{"/menu-click", `,"key":"orders"}`, "CLICK", map[string]string{"EventKey": "orders"}},
		{"/menu-click", `,"url":"https://a/?b=1&c=]]>"}`, "VIEW", map[string]string{"EventKey": "https://a/?b=1&c=]]]]><![CDATA[>"}},
		{"/messages", `,"text":"你好"}`, "", map[string]string{"MsgType": "text", "Content": "你好"}},
		{"/revoke", `,"revoke_info":201}`, "user_authorization_revoke", map[string]string{"OpenID": openID, "AppID": r.app.ID, "RevokeInfo": "201", "UnionID": s.payer.UnionIDs["main"]}},
		{"/unfollow", `}`, "unsubscribe", map[string]string{"EventKey": ""}},
		{"/follow", `}`, "subscribe", map[string]string{"EventKey": ""}},
	} {
		if got := s.control("POST", test.path, who+test.more); got.status != 200 || string(got.body) != "{\"pushed\":true}\n" {
			t.Fatalf("%s: %d %s", test.path, got.status, got.body)
		}
		p := r.wait(t, i+1)[i]
		message, app := r.open(t, p)
		if !r.genuine(p) || app != r.app.ID || p.query.Get("openid") != openID || p.query.Get("app") != r.app.ID || p.header.Get("Content-Type") != "text/xml" {
			t.Errorf("%s: %+v", test.path, p)
		}
		if between(message, "Event") != test.event || between(message, "FromUserName") != openID || !strings.HasPrefix(between(message, "ToUserName"), "gh_") || between(message, "CreateTime") == "" {
			t.Errorf("%s: %s", test.path, message)
		}
		for name, want := range test.want {
			if between(message, name) != want {
				t.Errorf("%s: %s is %q, want %q", test.path, name, between(message, name), want)
			}
		}
		if strings.Contains(p.body, openID) {
			t.Errorf("%s: the body shows the openid: %s", test.path, p.body)
		}
	}
	if log := s.waitAttempts(8); log[0].Event != "subscribe" || log[0].App != r.app.ID || log[0].Direction != sandbox.DirectionNotification {
		t.Errorf("%+v", log[0])
	}
}

func TestPushModesAndFormats(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	for app, formats := range map[string][]string{sandbox.DefaultOfficialAccount: {"xml"}, sandbox.DefaultMiniProgram: {"xml", "json"}} {
		for _, format := range formats {
			for _, mode := range []string{"plain", "compatible", "safe"} {
				r := s.pushReceiver(app)
				s.setPush(r, mode, format)
				if err := s.platform.PushEvent(app, map[string]any{"Event": "x_test", "FromUserName": "o1", "MsgId": json.Number("12345678901234567")}); err != nil {
					t.Fatal(err)
				}
				p := r.wait(t, 1)[0]
				message, _ := r.open(t, p)
				plainThere, sealed := strings.Contains(p.body, "x_test"), p.query.Get("encrypt_type") == "aes"
				if !r.genuine(p) || plainThere == (mode == "safe") || sealed != (mode != "plain") || sealed != strings.Contains(message, "12345678901234567") || strings.HasPrefix(p.body, "{") != (format == "json") {
					t.Errorf("%s %s: %+v opens to %q", mode, format, p, message)
				}
				if format == "json" && (!json.Valid([]byte(p.body)) || p.header.Get("Content-Type") != "application/json") {
					t.Errorf("%+v", p)
				}
			}
		}
	}
}

func TestPushIsRetriedThriceAndThenForgotten(t *testing.T) {
	for name, test := range map[string]struct {
		status   int
		body     string
		received bool
	}{
		"success":     {200, "success", true},
		"with spaces": {200, " success\n", true},
		"empty":       {200, "", true},
		"reply":       {200, "<xml><ToUserName>a</ToUserName><MsgType>text</MsgType></xml>", true},
		"HTML":        {200, "<html>", false},
		"JSON":        {200, `{"code":"SUCCESS"}`, false},
		"204":         {204, "", false},
		"500":         {500, "success", false},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, sandbox.Options{})
			r := s.pushReceiver(sandbox.DefaultOfficialAccount)
			s.setPush(r, "plain", "")
			r.answers(test.status, test.body)
			event := func() {
				if err := s.platform.PushEvent(r.app.ID, map[string]any{"Event": "first"}); err != nil {
					t.Fatal(err)
				}
			}
			event()
			if test.received {
				if got := s.waitAttempts(1); got[0].Error != "" {
					t.Errorf("%+v", got[0])
				}
				s.advance(time.Minute)
				event()
				if got := s.waitAttempts(2); got[1].Attempt != 1 {
					t.Errorf("%+v", got[1])
				}
				return
			}
			for n := 1; n <= 3; n++ {
				if got := s.waitAttempts(n)[n-1]; got.Attempt != n || got.Error == "" || got.Status != test.status {
					t.Errorf("%+v", got)
				}
				s.advance(5 * time.Second)
			}
			s.advance(time.Hour)
			event()
			if got := s.waitAttempts(4)[3]; got.Attempt != 1 {
				t.Errorf("a fourth attempt: %+v", got)
			}
			all := r.all()
			if all[0].query.Get("nonce") == all[1].query.Get("nonce") || between(all[0].body, "CreateTime") != between(all[2].body, "CreateTime") {
				t.Errorf("%v", all)
			}
		})
	}
}

func TestEncryptedRepliesAreVerified(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	r := s.pushReceiver(sandbox.DefaultOfficialAccount)
	s.setPush(r, "safe", "")
	key, _ := wxcrypt.Key(r.app.AESKey)
	reply := func(app, token string) string {
		text, err := wxcrypt.SealMessage(key, []byte("aaaabbbbccccdddd"), []byte("<xml><ToUserName>a</ToUserName><MsgType>text</MsgType></xml>"), app)
		if err != nil {
			t.Fatal(err)
		}
		return "<xml><Encrypt>" + text + "</Encrypt><MsgSignature>" + wxcrypt.Signature(token, "1", "n", text) + "</MsgSignature><TimeStamp>1</TimeStamp><Nonce>n</Nonce></xml>"
	}
	for i, test := range []struct{ name, body, text string }{
		{"right", reply(r.app.ID, r.app.Token), ""},
		{"another app", reply("wx0", r.app.Token), "does not verify"},
		{"another token", reply(r.app.ID, "x"), "does not verify"},
		{"plain", "<xml><ToUserName>a</ToUserName><MsgType>text</MsgType></xml>", "plain reply"},
	} {
		r.answers(200, test.body)
		if err := s.platform.PushEvent(r.app.ID, map[string]any{"Event": "x"}); err != nil {
			t.Fatal(err)
		}
		got := s.waitAttempts(i + 1)[i]
		if test.text == "" && got.Error != "" || !strings.Contains(got.Error, test.text) {
			t.Errorf("%s: %+v", test.name, got)
		}
	}
}

func TestPushURLIsCheckedBeforeItIsTaken(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	app := sandbox.DefaultOfficialAccount
	for name, check := range map[string]func(http.ResponseWriter, *http.Request){
		"silent":   func(http.ResponseWriter, *http.Request) {},
		"quoted":   func(w http.ResponseWriter, r *http.Request) { _ = json.NewEncoder(w).Encode(r.FormValue("echostr")) },
		"an error": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403) },
		"redirect": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", 302) },
	} {
		r := s.pushReceiver(app)
		r.check = check
		made := s.control("POST", "/apps/push", `{"app_id":"`+app+`","url":"`+r.url+`"}`)
		if made.status != 409 || made.code() != "url_check_failed" {
			t.Errorf("%s: %d %s", name, made.status, made.body)
		}
	}
	if _, err := s.platform.Follow(app, "payer-1", ""); err != nil {
		t.Fatal(err)
	}
	if got := s.control("POST", "/events", `{"app_id":"`+app+`","fields":{"Event":"x"}}`); got.status != 409 || got.code() != "no_push_url" {
		t.Errorf("%d %s", got.status, got.body)
	}
	for body, status := range map[string]int{
		`{"app_id":"wx0","url":"http://127.0.0.1:1/"}`:                                           404,
		`{"app_id":"` + app + `","url":"http://127.0.0.1:1/","mode":"loud"}`:                     422,
		`{"app_id":"` + app + `","url":"http://127.0.0.1:1/","format":"json"}`:                   422,
		`{"app_id":"` + app + `","url":"http://127.0.0.1:1/","aes_key":"short"}`:                 422,
		`{"app_id":"` + sandbox.DefaultSecondMini + `","url":"http://127.0.0.1:1/"}`:             422,
		`{"app_id":"` + sandbox.DefaultSecondMini + `","url":"http://127.0.0.1:1/","token":"t"}`: 409,
		`{"app_id":"` + app + `","url":""}`:                                                      204,
	} {
		if got := s.control("POST", "/apps/push", body); got.status != status {
			t.Errorf("%s: %d %s", body, got.status, got.body)
		}
	}
}

func TestPushControlsRefuse(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	official, mini := sandbox.DefaultOfficialAccount, sandbox.DefaultMiniProgram
	for _, test := range []struct {
		path, body string
		status     int
	}{
		{"/follow", `{"app_id":"` + mini + `","user":"payer-1"}`, 422},
		{"/follow", `{"app_id":"` + official + `","user":"nobody"}`, 404},
		{"/follow", `{"app_id":"wx0","user":"payer-1"}`, 404},
		{"/scan", `{"app_id":"` + official + `","user":"payer-1"}`, 422},
		{"/menu-click", `{"app_id":"` + official + `","user":"payer-1","key":"a"}`, 409},
		{"/menu-click", `{"app_id":"` + official + `","user":"payer-1"}`, 422},
		{"/messages", `{"app_id":"` + official + `","user":"payer-1","text":"a"}`, 409},
		{"/messages", `{"app_id":"` + mini + `","user":"payer-1","text":""}`, 422},
		{"/messages", `{"app_id":"` + mini + `","user":"payer-1","text":"a"}`, 200},
		{"/revoke", `{"app_id":"` + mini + `","user":"payer-1","revoke_info":"9"}`, 422},
		{"/revoke", `{"app_id":"` + sandbox.DefaultWebsite + `","user":"payer-1"}`, 200},
		{"/cancel", `{"user":"nobody"}`, 404},
		{"/events", `{"app_id":"wx0","fields":{}}`, 404},
		{"/events", `{"app_id":"` + mini + `","fields":{"a b":1}}`, 422},
		{"/events", `{"app_id":"` + mini + `","fields":{"a":null}}`, 422},
	} {
		if got := s.control("POST", test.path, test.body); got.status != test.status {
			t.Errorf("%s %s: %d %s", test.path, test.body, got.status, got.body)
		}
	}
}

func TestCancelledUsersAreToldOfWhereTheyWere(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	mini, official := s.pushReceiver(sandbox.DefaultMiniProgram), s.pushReceiver(sandbox.DefaultOfficialAccount)
	s.setPush(mini, "", "")
	s.setPush(official, "", "")
	s.login(mini.app.ID, s.code(mini.app.ID))
	wantJSON(t, s.control("POST", "/cancel", `{"user":"payer-1"}`).body, `{"pushed":["`+mini.app.ID+`"]}`)
	message, _ := mini.open(t, mini.wait(t, 1)[0])
	got := response{body: []byte(message)}
	if got.field("Event") != "user_authorization_cancellation" || got.field("OpenID") != s.payer.OpenIDs[mini.app.ID] || got.field("AppID") != mini.app.ID {
		t.Errorf("%s", message)
	}
	s.oauth(official.app.ID, s.oauthCode(official.app.ID, "snsapi_userinfo"))
	if apps, err := s.platform.CancelUser("payer-1"); err != nil || len(apps) != 2 {
		t.Errorf("%v %v", apps, err)
	}
	s.advance(31 * 24 * time.Hour)
	if apps, err := s.platform.CancelUser("payer-1"); err != nil || len(apps) != 0 {
		t.Errorf("after 31 days: %v %v", apps, err)
	}
}

func TestWithdrawnConsentIsAskedForAgain(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	app := sandbox.DefaultOfficialAccount
	if err := s.platform.Consent(app, "payer-1"); err != nil {
		t.Fatal(err)
	}
	b, path := s.browser(inWeChat).held("payer-1"), door(authorize, app, "snsapi_userinfo")
	before := b.get(path).status
	if _, err := s.platform.Withdraw(app, "payer-1", ""); err != nil {
		t.Fatal(err)
	}
	if after := b.get(path).status; before != 302 || after != 200 {
		t.Errorf("%d then %d", before, after)
	}
}

func TestResetForgetsThePushURL(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	s.setPush(s.pushReceiver(sandbox.DefaultOfficialAccount), "plain", "")
	s.platform.Reset()
	if err := s.platform.PushEvent(sandbox.DefaultOfficialAccount, map[string]any{"Event": "x"}); err == nil {
		t.Error("still pushed")
	}
}
