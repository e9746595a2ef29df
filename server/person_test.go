package server_test

import (
	"strings"
	"testing"

	"wxhub/identity"
)

// lifeOfAPerson is what people do beside paying, from every door to logout.
func (w *world) lifeOfAPerson(t *testing.T) {
	t.Helper()
	w.loginApp(t, "dora")
	for _, d := range doors {
		b := w.browser()
		wantRedirect(t, b.returns(t, d.path, codeOf("dora"), b.begins(t, d.path, d.app, "&return_to=/shop")))
	}
	dora := w.login(t, "dora")
	if len(dora.User.Identities) != 4 || dora.NewUser {
		t.Errorf("got %+v", dora)
	}
	decode[identity.UserView](t, w.post(t, "/v1/me/phone", dora.Token, loginBody("phone")), 200)
	decode[map[string]any](t, w.post(t, "/v1/me/decrypt", dora.Token, sealedBody("x", "")), 200)
	decode[map[string]any](t, w.post(t, "/v1/me/session-key/check", dora.Token, inMini), 200)
	if a := w.post(t, "/v1/me/session-key/reset", dora.Token, inMini); a.Status != 204 {
		t.Errorf("status %d", a.Status)
	}
	for _, query := range []string{"", "?limit=1", "?union_id=unionid-dora", "?app_id=wx-oa&open_id=openid-dora"} {
		if a := w.get(t, "/v1/users"+query, usersKey); a.Status != 200 {
			t.Errorf("%s: status %d: %s", query, a.Status, a.Body)
		}
	}
	older, younger := w.twice(t, "erin")
	w.merges(t, "erin")
	if u := decode[identity.UserView](t, w.get(t, "/v1/users/"+younger.User.ID, usersKey), 200); u.ID != older.User.ID {
		t.Errorf("got %+v", u)
	}
	if err := w.people.Erase(t.Context(), older.User.ID, "test"); err != nil {
		t.Fatal(err)
	}
	decode[identity.UserView](t, w.get(t, "/v1/users/"+younger.User.ID, usersKey), 200)
	if a := w.post(t, "/v1/logout", dora.Token, ""); a.Status != 204 {
		t.Errorf("status %d", a.Status)
	}
}

func TestLifeOfAPerson(t *testing.T) { newWorld(t).lifeOfAPerson(t) }

// everyRefusalOfPeople asks for one answer of each failure of these calls.
func (w *world) everyRefusalOfPeople(t *testing.T) int {
	t.Helper()
	user := w.login(t, "alice").Token
	answers := []answer{
		w.post(t, "/v1/login/mobile-app", "", "{"), w.post(t, "/v1/login/mobile-app", "", "{}"), w.post(t, "/v1/login/mobile-app", "", `{"app_id":"wx-mobile","code":"unknown"}`),
		w.get(t, "/v1/login/official-account", ""), w.get(t, "/v1/login/official-account?app_id=wx-oa&return_to=//evil.example", ""),
		w.get(t, "/v1/login/official-account/callback?state=x", ""), w.get(t, "/v1/login/website", ""), w.get(t, "/v1/login/website/callback?state=x", ""),
		w.get(t, "/v1/users?app_id=x", usersKey), w.get(t, "/v1/users?union_id=x", usersKey), w.get(t, "/v1/users?cursor=x", usersKey), w.get(t, "/v1/users", user),
		w.post(t, "/v1/me/session-key/check", user, inMini, "Content-Type: text/plain"), w.get(t, "/v1/wechat/wx-oa/callback", ""), w.post(t, "/v1/wechat/wx-oa/callback", "", "{}"),
		w.post(t, "/v1/me/phone", user, strings.Replace(loginBody("x"), miniApp, "wx-oa", 1)),
	}
	for _, path := range []string{"/v1/me/phone", "/v1/me/decrypt", "/v1/me/session-key/check", "/v1/me/session-key/reset"} {
		answers = append(answers, w.post(t, path, "", "{}"), w.post(t, path, usersKey, "{}"), w.post(t, path, user, "{"), w.post(t, path, user, "{}"))
	}
	for _, a := range answers {
		if a.Status < 400 || a.Status > 499 {
			t.Errorf("%s %s: status %d", a.request.Method, a.request.URL, a.Status)
		}
	}
	return len(answers)
}
