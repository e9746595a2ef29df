package sandbox_test

import (
	"encoding/json"
	"errors"
	"regexp"
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

func TestRawEventsNest(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	r := s.pushReceiver(sandbox.DefaultMiniProgram)
	body := `{"app_id":"` + r.app.ID + `","fields":{"CreateTime":1,"Event":"x","List":[{"Id":12345678901234567,"Ok":true},{"Id":2.5}],"One":{"A":"b"}}}`
	for format, want := range map[string]string{
		"xml": "<xml>\n<ToUserName><![CDATA[gh_]]></ToUserName>\n<MsgType><![CDATA[event]]></MsgType>\n<CreateTime>1</CreateTime>\n<Event><![CDATA[x]]></Event>\n" +
			"<List><Id>12345678901234567</Id>\n<Ok>true</Ok>\n</List>\n<List><Id>2.5</Id>\n</List>\n<One><A><![CDATA[b]]></A>\n</One>\n</xml>",
		"json": `{"ToUserName":"gh_","MsgType":"event","CreateTime":1,"Event":"x","List":[{"Id":12345678901234567,"Ok":true},{"Id":2.5}],"One":{"A":"b"}}`,
	} {
		s.setPush(r, "plain", format)
		before := len(r.all())
		if got := s.control("POST", "/events", body); got.status != 200 {
			t.Fatalf("%d %s", got.status, got.body)
		}
		text := r.wait(t, before+1)[before].body
		if got := regexp.MustCompile(`gh_[0-9a-f]{12}`).ReplaceAllString(text, "gh_"); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", format, got, want)
		}
	}
	if err := s.platform.PushEvent(r.app.ID, map[string]any{"Event": "x", "List": []any{[]string{"a"}}}); !errors.Is(err, sandbox.ErrFields) {
		t.Errorf("a list of another type: %v", err)
	}
}
