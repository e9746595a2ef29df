package server_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"wxhub/identity"
	"wxhub/model"
	"wxhub/wx"
)

const inMini = `{"app_id":"wx0000000000000001"}`

// sealedBody asks to open encrypted data.
func sealedBody(data, more string) string {
	return fmt.Sprintf(`{"app_id":%q,"encrypted_data":%q,"iv":"AAAA"%s}`, miniApp, data, more)
}

func TestPhoneNumberIsRecordedAndShown(t *testing.T) {
	w := newWorld(t)
	alice := w.login(t, "alice")
	if alice.User.Phone != "" {
		t.Errorf("got %+v", alice.User)
	}
	got := decode[identity.UserView](t, w.post(t, "/v1/me/phone", alice.Token, loginBody("phone")), 200)
	if got.ID != alice.User.ID || got.Phone != "13800000000" || w.me(t, alice.Token).Phone != "13800000000" {
		t.Errorf("got %+v", got)
	}
	if lines := w.log.lines("13800000000"); len(lines) > 0 {
		t.Errorf("the number is in the log: %s", lines[0])
	}
}

func TestEncryptedDataAreOpenedForWhomTheyBelongTo(t *testing.T) {
	w := newWorld(t)
	alice := w.login(t, "alice").Token
	w.wechat.sealed = map[string]string{
		"mine":   `{"openId":"openid-alice","nickName":"茶","watermark":{"appid":"wx0000000000000001"}}`,
		"anyone": `{"phoneNumber":"13800000000"}`, "bobs": `{"openId":"openid-bob"}`,
	}
	got := decode[map[string]any](t, w.post(t, "/v1/me/decrypt", alice, sealedBody("mine", "")), 200)
	if got["openId"] != "openid-alice" || got["nickName"] != "茶" || len(got) != 3 {
		t.Errorf("got %v", got)
	}
	good := `,"raw_data":"{}","signature":"` + strings.Repeat("a", 40) + `"`
	decode[map[string]any](t, w.post(t, "/v1/me/decrypt", alice, sealedBody("anyone", good)), 200)
	wantProblem(t, w.post(t, "/v1/me/decrypt", alice, sealedBody("mine", strings.Replace(good, "aaaa", "bbbb", 1))), 409, "session_key_stale")
	p := wantProblem(t, w.post(t, "/v1/me/decrypt", alice, sealedBody("bobs", "")), 422, "invalid_input")
	if len(p.Errors) != 1 || p.Errors[0].Field != "encrypted_data" {
		t.Errorf("blames %+v", p.Errors)
	}
	if me := w.me(t, alice); me.Phone != "" { // they are not authenticated: nothing of them is recorded
		t.Errorf("got %+v", me)
	}
}

func TestSessionKeyIsCheckedAndReset(t *testing.T) {
	w := newWorld(t)
	alice := w.login(t, "alice").Token
	valid := func(want bool) {
		t.Helper()
		if got := decode[map[string]bool](t, w.post(t, "/v1/me/session-key/check", alice, inMini), 200); len(got) != 1 || got["valid"] != want {
			t.Errorf("got %v", got)
		}
	}
	valid(true)
	w.wechat.stale = true
	valid(false)
	if a := w.post(t, "/v1/me/session-key/reset", alice, inMini); a.Status != 204 || len(a.Body) != 0 {
		t.Errorf("status %d: %s", a.Status, a.Body)
	}
	// Redis lost the key: log in again, says each call.
	if err := w.redis.DeleteSessionKey(t.Context(), miniApp, "openid-alice"); err != nil {
		t.Fatal(err)
	}
	w.wechat.stale = false
	valid(false)
	wantProblem(t, w.post(t, "/v1/me/session-key/reset", alice, inMini), 409, "session_key_stale")
	wantProblem(t, w.post(t, "/v1/me/decrypt", alice, sealedBody("x", "")), 409, "session_key_stale")
	w.login(t, "alice")
	valid(true)
}

// The calls are about a mini-program that the user has come through.
func TestMiniProgramCallsNeedTheUserInTheMiniProgram(t *testing.T) {
	w := newWorld(t)
	app := w.loginApp(t, "carol").Token
	for path, body := range map[string]string{
		"/v1/me/phone": loginBody("phone"), "/v1/me/decrypt": sealedBody("x", ""),
		"/v1/me/session-key/check": inMini, "/v1/me/session-key/reset": inMini,
	} {
		wantProblem(t, w.post(t, path, app, body), 422, "user_not_in_app")
		for _, other := range []string{"wx-oa", mobileApp, "wx-nobody"} {
			p := wantProblem(t, w.post(t, path, app, strings.Replace(body, miniApp, other, 1)), 422, "invalid_input")
			if len(p.Errors) != 1 || p.Errors[0].Field != "app_id" {
				t.Errorf("%s: blames %+v", path, p.Errors)
			}
		}
	}
	w.login(t, "carol") // the same person in the mini-program: now the session of the app may ask, too
	for path, status := range map[string]int{"/v1/me/session-key/check": 200, "/v1/me/session-key/reset": 204} {
		if a := w.post(t, path, app, inMini); a.Status != status {
			t.Errorf("%s: status %d: %s", path, a.Status, a.Body)
		}
	}
}

// Each of WeChat's errors has one status and one code, as for login and payment.
func TestWeChatsErrorsInAMiniProgramBecomeProblems(t *testing.T) {
	w := newWorld(t)
	alice := w.login(t, "alice").Token
	calls := map[string]func() answer{
		"phone":   func() answer { return w.post(t, "/v1/me/phone", alice, loginBody("phone")) },
		"decrypt": func() answer { return w.post(t, "/v1/me/decrypt", alice, sealedBody("x", "")) },
		"check":   func() answer { return w.post(t, "/v1/me/session-key/check", alice, inMini) },
		"reset":   func() answer { return w.post(t, "/v1/me/session-key/reset", alice, inMini) },
	}
	outbound := []string{"phone", "check", "reset"}
	for _, c := range []struct {
		err    *model.Error
		calls  []string
		status int
		code   string
	}{
		{wx.ErrPhoneCodeInvalid, []string{"phone"}, 422, "phone_code_invalid"},
		{wx.ErrPhoneCodeUsed, []string{"phone"}, 409, "phone_code_used"},
		{wx.ErrSessionKeyStale, []string{"decrypt", "reset"}, 409, "session_key_stale"},
		{model.InvalidField("iv", "must be the iv"), []string{"decrypt"}, 422, "invalid_input"},
		{wx.ErrOpenIDUnknown, outbound, 422, "openid_unknown"},
		{wx.ErrRateLimited, outbound, 429, "wechat_rate_limited"},
		{wx.ErrRejected, outbound, 502, "wechat_rejected"},
		{wx.ErrBusy, outbound, 502, "wechat_unavailable"},
		{wx.ErrTimeout, outbound, 504, "wechat_timeout"},
		{model.ErrUnavailable, outbound, 503, "unavailable"},
	} {
		for _, call := range c.calls {
			t.Run(c.code+" from "+call, func(t *testing.T) {
				w.wechat.next(call, c.err.Because(errors.New("private "+mark)))
				a := calls[call]()
				wantProblem(t, a, c.status, c.code)
				wantPrivacy(t, a)
				if w.wechat.count(call) == 0 {
					t.Error("WeChat was not asked")
				}
			})
		}
	}
	if me := w.me(t, alice); me.Phone != "" {
		t.Errorf("a failure left the number %q", me.Phone)
	}
}

func TestMiniProgramCallsThatMakeNoSenseAreRefused(t *testing.T) {
	row := func(name, path, body string) malformed {
		return malformed{path + ": " + name, "POST", path, "alice", body, nil, 422, "invalid_input"}
	}
	var rows []malformed
	for name, code := range map[string]string{
		"no code": "", "code with a space": "a s3cr3t", "code that would change a URL": "a&secret=s3cr3t",
		"code too long": strings.Repeat("a", 129), "code in another script": "茶", "code with a line break": "a\n",
	} {
		rows = append(rows, row(name, "/v1/me/phone", fmt.Sprintf(`{"app_id":%q,"code":%q}`, miniApp, code)))
		rows = append(rows, row(name, "/v1/login/mobile-app", fmt.Sprintf(`{"app_id":%q,"code":%q}`, mobileApp, code)))
	}
	long := strings.Repeat("A", 65537)
	for name, body := range map[string]string{
		"no data": sealedBody("", ""), "data too long": sealedBody(long, ""),
		"no iv":                 strings.Replace(sealedBody("s3cr3t", ""), "AAAA", "", 1),
		"iv too long":           strings.Replace(sealedBody("s3cr3t", ""), "AAAA", long[:65], 1),
		"raw data long":         sealedBody("s3cr3t", `,"raw_data":"`+long+`"`),
		"signature short":       sealedBody("s3cr3t", `,"signature":"`+strings.Repeat("a", 39)+`"`),
		"signature in capitals": sealedBody("s3cr3t", `,"signature":"`+strings.Repeat("A", 40)+`"`),
		"signature a number":    sealedBody("s3cr3t", `,"signature":1`),
		"session_key":           sealedBody("s3cr3t", `,"session_key":"s3cr3t"`), // it never comes from outside
		"unknown app":           strings.Replace(sealedBody("s3cr3t", ""), miniApp, "wx-s3cr3t", 1),
	} {
		rows = append(rows, row(name, "/v1/me/decrypt", body))
	}
	for _, path := range []string{"/v1/me/session-key/check", "/v1/me/session-key/reset"} {
		for name, app := range map[string]string{"no app": "", "unknown app": "wx-s3cr3t", "official account": "wx-oa", "app id too long": strings.Repeat("w", 65)} {
			rows = append(rows, row(name, path, fmt.Sprintf(`{"app_id":%q}`, app)))
		}
	}
	refuses(t, rows)
}
