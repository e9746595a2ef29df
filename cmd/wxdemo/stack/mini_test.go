package stack_test

import (
	"net/http"
	"testing"

	"wxhub/cmd/wxdemo/stack/stacktest"
	"wxhub/wx/sandbox"
)

// What WeChat encrypts for a mini-program opens with the session_key that stays here,
// until the next wx.login replaces it.
func TestEncryptedDataOpenUntilTheNextLogin(t *testing.T) {
	b := start(t)
	v := b.visitor(b.newUser())
	e := enter(t, v, b.app, "")
	sealed := func(kind string) map[string]string {
		t.Helper()
		d, err := b.Sandbox.EncryptedData(b.app, v.User.ID, kind)
		if err != nil {
			t.Fatal(err)
		}
		body := map[string]string{"app_id": b.app, "encrypted_data": d.EncryptedData, "iv": d.IV}
		if d.RawData != "" {
			body["raw_data"], body["signature"] = d.RawData, d.Signature
		}
		return body
	}
	decrypt := func(body map[string]string, want int, out any) {
		t.Helper()
		b.do(http.MethodPost, "/v1/me/decrypt", e.Token, body).into(t, want, out)
	}
	var profile struct {
		OpenID    string `json:"openId"`
		UnionID   string `json:"unionId"`
		Watermark struct {
			AppID string `json:"appid"`
		} `json:"watermark"`
	}
	decrypt(sealed("userinfo"), 200, &profile)
	if profile.Watermark.AppID != b.app || (profile.OpenID != "" && profile.OpenID != v.User.OpenIDs[b.app]) {
		t.Errorf("got %+v", profile)
	}
	var phone struct{ PhoneNumber string }
	decrypt(sealed("phone"), 200, &phone)
	if phone.PhoneNumber == "" {
		t.Error("there is no phone number")
	}

	old := sealed("userinfo")
	old["signature"] = "0123456789abcdef0123456789abcdef01234567"
	var problem struct{ Code string }
	decrypt(old, 409, &problem) // not signed with the key that is held
	old = sealed("phone")
	if again := enter(t, v, b.app, ""); again.Person.ID != e.Person.ID {
		t.Fatalf("got %+v", again)
	}
	decrypt(old, 409, &problem)
	if problem.Code != "session_key_stale" {
		t.Errorf("got %q", problem.Code)
	}
	decrypt(map[string]string{"app_id": b.app, "encrypted_data": "AAAA", "iv": old["iv"]}, 422, nil)
	decrypt(sealed("phone"), 200, nil)
}

func TestTheSessionKeyIsCheckedAndReset(t *testing.T) {
	b := start(t)
	v := b.visitor(b.newUser())
	e := enter(t, v, b.app, "")
	valid := func() bool {
		t.Helper()
		var out struct{ Valid bool }
		b.do(http.MethodPost, "/v1/me/session-key/check", e.Token, map[string]string{"app_id": b.app}).into(t, 200, &out)
		return out.Valid
	}
	if !valid() {
		t.Error("a fresh key is not valid")
	}
	b.do(http.MethodPost, "/v1/me/session-key/reset", e.Token, map[string]string{"app_id": b.app}).into(t, 204, nil)
	if !valid() {
		t.Error("the key is not valid after a reset")
	}
	if _, err := b.Sandbox.LoginCode(b.app, v.User.ID); err != nil { // no exchange, so the key stays
		t.Fatal(err)
	}
	if !valid() {
		t.Error("the key is not valid though nothing replaced it")
	}
}

// A phone code works once, and is not a login code.
func TestPhoneCodes(t *testing.T) {
	b := start(t)
	v := b.visitor(b.newUser())
	e := enter(t, v, b.app, "")
	record := func(code string, want int, out any) {
		t.Helper()
		b.do(http.MethodPost, "/v1/me/phone", e.Token, map[string]string{"app_id": b.app, "code": code}).into(t, want, out)
	}
	var problem struct{ Code string }
	record(b.code(v.User), 422, &problem)
	if problem.Code != "phone_code_invalid" {
		t.Errorf("a login code: %s", problem.Code)
	}
	code, err := b.Sandbox.PhoneCode(b.app, v.User.ID)
	if err != nil {
		t.Fatal(err)
	}
	var me stacktest.Person
	record(code, 200, &me)
	u, err := b.Sandbox.FindUser(v.User.ID)
	if err != nil || me.Phone != u.Phone {
		t.Errorf("the phone is %q, the user has %q, %v", me.Phone, u.Phone, err)
	}
	b.do(http.MethodPost, "/v1/me/phone", e.Token, map[string]string{"app_id": b.app, "code": code}) // used: refused in one way or the other
	stranger := b.visitor(b.newUser())
	theirs, err := b.Sandbox.PhoneCode(b.app, stranger.User.ID)
	if err != nil {
		t.Fatal(err)
	}
	if a := b.do(http.MethodPost, "/v1/me/phone", e.Token, map[string]string{"app_id": b.app, "code": theirs}); a.Status < 400 || a.Status >= 500 {
		t.Errorf("another person's code: %d %s", a.Status, a.Body)
	}
	b.do(http.MethodPost, "/v1/me/phone", e.Token, map[string]string{"app_id": sandbox.DefaultSecondMini, "code": theirs}).into(t, 422, nil)
}
