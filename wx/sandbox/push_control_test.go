package sandbox_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"wxhub/wx/sandbox"
)

func TestPushURLIsCheckedBeforeItIsTaken(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	app := sandbox.DefaultOfficialAccount
	for name, check := range map[string]func(http.ResponseWriter, *http.Request){
		"silent":   func(http.ResponseWriter, *http.Request) {},
		"quoted":   func(w http.ResponseWriter, r *http.Request) { _ = json.NewEncoder(w).Encode(r.FormValue("echostr")) },
		"an error": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403) },
		"redirect": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) },
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
