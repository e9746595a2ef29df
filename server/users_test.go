package server_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"wxhub/identity"
	"wxhub/server/login"
)

type userPage struct {
	Data       []identity.UserView `json:"data"`
	NextCursor string              `json:"next_cursor"`
}

// loginApp logs somebody in through the mobile app.
func (w *world) loginApp(t testing.TB, name string) login.Session {
	t.Helper()
	return decode[login.Session](t, w.post(t, "/v1/login/mobile-app", "", fmt.Sprintf(`{"app_id":%q,"code":%q}`, mobileApp, codeOf(name))), 200)
}

// twice makes two users of one person: WeChat does not tell the UnionID at first.
func (w *world) twice(t testing.TB, name string) (older, younger login.Session) {
	t.Helper()
	w.wechat.tells(name, false)
	older, younger = w.login(t, name), w.loginApp(t, name)
	if older.User.ID == younger.User.ID {
		t.Fatalf("both are %s", older.User.ID)
	}
	if older.User.ID > younger.User.ID { // made within one millisecond
		older, younger = younger, older
	}
	return older, younger
}

// merges lets WeChat tell it at last: the next logins make the two one.
func (w *world) merges(t testing.TB, name string) {
	t.Helper()
	w.wechat.tells(name, true)
	w.loginApp(t, name)
	w.login(t, name)
}

func TestUserIsFoundByEveryName(t *testing.T) {
	w := newWorld(t)
	alice, bob := w.login(t, "alice"), w.loginApp(t, "bob")
	decode[identity.UserView](t, w.post(t, "/v1/me/phone", alice.Token, loginBody("phone")), 200)
	for path, want := range map[string]string{
		"/v1/users/" + alice.User.ID:                                 alice.User.ID,
		"/v1/users?app_id=" + miniApp + "&open_id=openid-alice":      alice.User.ID,
		"/v1/users?union_id=unionid-alice":                           alice.User.ID,
		"/v1/users?union_id=unionid-alice&open_platform=main":        alice.User.ID,
		"/v1/users?app_id=" + mobileApp + "&open_id=openid-bob":      bob.User.ID,
		"/v1/users?union_id=unionid-bob&limit=1":                     bob.User.ID,
		"/v1/users?app_id=" + mobileApp + "&open_id=openid-alice":    "", // never came through there
		"/v1/users?app_id=wx-nobody&open_id=openid-alice":            "",
		"/v1/users?union_id=openid-alice":                            "",
		"/v1/users?union_id=unionid-alice&open_platform=other":       "",
		"/v1/users?union_id=UNIONID-ALICE":                           "",
		"/v1/users?app_id=" + miniApp + "&open_id=openid-alice%00":   "",
		"/v1/users?app_id=" + miniApp + "&open_id=openid-alice%27--": "",
	} {
		a := w.get(t, path, usersKey)
		if want == "" {
			wantProblem(t, a, 404, "user_not_found")
		} else if u := decode[identity.UserView](t, a, 200); u.ID != want {
			t.Errorf("%s: got %+v", path, u)
		}
	}
	// A backend sees everything as it is.
	u := decode[identity.UserView](t, w.get(t, "/v1/users/"+alice.User.ID, usersKey), 200)
	if u.UnionID != "unionid-alice" || u.Phone != "13800000000" || !slices.Equal(u.Identities, []identity.IdentityView{{AppID: miniApp, Kind: "mini_program", OpenID: "openid-alice"}}) {
		t.Errorf("got %+v", u)
	}
}

func TestMergedIDAnswersWithTheSurvivor(t *testing.T) {
	w := newWorld(t)
	older, younger := w.twice(t, "alice")
	for _, s := range []login.Session{older, younger} {
		if u := decode[identity.UserView](t, w.get(t, "/v1/users/"+s.User.ID, usersKey), 200); u.ID != s.User.ID || len(u.Identities) != 1 || u.UnionID != "" {
			t.Errorf("before: %+v", u)
		}
	}
	w.merges(t, "alice")
	for _, path := range []string{
		"/v1/users/" + older.User.ID, "/v1/users/" + younger.User.ID, "/v1/users?union_id=unionid-alice",
		"/v1/users?app_id=" + miniApp + "&open_id=openid-alice", "/v1/users?app_id=" + mobileApp + "&open_id=openid-alice",
	} {
		if u := decode[identity.UserView](t, w.get(t, path, usersKey), 200); u.ID != older.User.ID || len(u.Identities) != 2 || u.UnionID != "unionid-alice" {
			t.Errorf("%s: %+v", path, u)
		}
	}
	for _, s := range []login.Session{older, younger} { // and the sessions go on
		if me := w.me(t, s.Token); me.ID != older.User.ID {
			t.Errorf("got %+v", me)
		}
	}
	if all := decode[userPage](t, w.get(t, "/v1/users", usersKey), 200); len(all.Data) != 1 || all.Data[0].ID != older.User.ID {
		t.Errorf("the list shows %+v", all.Data)
	}
}

func TestErasedUserAnswersWithNobody(t *testing.T) {
	w := newWorld(t)
	alice := w.login(t, "alice")
	if err := w.people.Erase(t.Context(), alice.User.ID, "test"); err != nil {
		t.Fatal(err)
	}
	u := decode[identity.UserView](t, w.get(t, "/v1/users/"+alice.User.ID, usersKey), 200)
	if u.ErasedAt == nil || len(u.Identities) != 0 || u.UnionID != "" || u.Phone != "" {
		t.Errorf("got %+v", u)
	}
	wantProblem(t, w.get(t, "/v1/users?union_id=unionid-alice", usersKey), 404, "user_not_found")
}

func TestQuestionsForUsersThatMakeNoSenseAreRefused(t *testing.T) {
	w := newWorld(t)
	var rows []malformed
	for query, field := range map[string]string{
		"app_id=" + miniApp: "open_id", "open_id=s3cr3t": "open_id", "open_platform=main": "open_platform",
		"app_id=a&open_id=b&union_id=s3cr3t": "union_id", "app_id=a&union_id=s3cr3t": "union_id", "open_id=a&open_platform=s3cr3t": "union_id",
		"limit=0": "query.limit", "limit=101": "query.limit", "limit=s3cr3t": "query.limit", "limit=-1": "query.limit", "cursor=s3cr3t": "cursor", "cursor=" + foreignID + "0": "cursor",
		"cursor=%00": "cursor", "unknown=s3cr3t": "query.unknown", "App_ID=s3cr3t": "query.App_ID", "union_id=" + fmt.Sprintf("%0129d", 1): "query.union_id",
		"app_id=" + fmt.Sprintf("%065d", 1) + "&open_id=b": "query.app_id", "phone=s3cr3t": "query.phone",
	} {
		rows = append(rows, malformed{name: query, path: "/v1/users?" + query, who: "users", status: 422, code: "invalid_input"})
		p := wantProblem(t, w.get(t, "/v1/users?"+query, usersKey), 422, "invalid_input")
		if len(p.Errors) != 1 || p.Errors[0].Field != field {
			t.Errorf("%.40s blames %+v, want %q", query, p.Errors, field)
		}
	}
	refuses(t, rows)
}

// Every user who was there at the beginning is on exactly one page, newest first, while
// more come: who pages by id and not by number misses nobody.
func TestPagesOfUsersHoldWhileUsersAreAdded(t *testing.T) {
	w := newWorld(t)
	var made []string
	for i := range 45 {
		made = append(made, w.login(t, fmt.Sprintf("user%d", i)).User.ID)
	}
	slices.Sort(made)
	slices.Reverse(made)
	more := 0
	for _, limit := range []int{1, 7, 20, 44, 45, 46, 100} {
		var seen []string
		for cursor, pages := "", 0; ; pages++ {
			p := decode[userPage](t, w.get(t, fmt.Sprintf("/v1/users?limit=%d&cursor=%s", limit, cursor), usersKey), 200)
			for _, u := range p.Data {
				seen = append(seen, u.ID)
			}
			if cursor = p.NextCursor; cursor == "" {
				break
			}
			if len(p.Data) != limit || pages > 200 {
				t.Fatalf("limit %d: %d users on page %d", limit, len(p.Data), pages)
			}
			more++
			w.login(t, fmt.Sprintf("late%d", more))
		}
		if !slices.IsSortedFunc(seen, func(a, b string) int { return cmp.Compare(b, a) }) || len(slices.Compact(slices.Clone(seen))) != len(seen) {
			t.Errorf("limit %d: not newest first, each once", limit)
		}
		// A late one of the same millisecond may stand between the first ones.
		old := slices.DeleteFunc(seen, func(id string) bool { return !slices.Contains(made, id) })
		if !slices.Equal(old, made) {
			t.Errorf("limit %d: %d of the first users seen", limit, len(old))
		}
	}
}
