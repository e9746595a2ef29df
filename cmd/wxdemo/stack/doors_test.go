package stack_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"wxhub/cmd/wxdemo/stack/stacktest"
	"wxhub/wx/sandbox"
)

// boundApps are the sandbox's apps of one open-platform account: one of each door.
var boundApps = []string{
	sandbox.DefaultMiniProgram, sandbox.DefaultSecondMini, sandbox.DefaultOfficialAccount, sandbox.DefaultWebsite, sandbox.DefaultMobileApp,
}

func (b *bench) visitor(u sandbox.User) *stacktest.Visitor {
	b.t.Helper()
	v, err := stacktest.NewVisitor(b.Sandbox, b.SandboxURL, b.URL, u)
	if err != nil {
		b.t.Fatal(err)
	}
	return v
}

func enter(t *testing.T, v *stacktest.Visitor, app, scope string) stacktest.Entry {
	t.Helper()
	e, err := v.Enter(context.Background(), app, scope)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// One person, whichever door they come through first.
func TestOnePersonThroughEveryDoor(t *testing.T) {
	b := start(t)
	for first := range boundApps {
		v := b.visitor(b.newUser())
		order := slices.Concat(boundApps[first:], boundApps[:first])
		var id string
		for n, app := range order {
			e := enter(t, v, app, "snsapi_userinfo")
			if id == "" {
				id = e.Person.ID
			}
			if e.Person.ID != id || len(e.Person.Identities) != n+1 || e.Person.UnionID != v.User.UnionIDs["main"] {
				t.Errorf("through %s after %d others: %+v, want user %s", app, n, e.Person, id)
			}
			if !slices.ContainsFunc(e.Person.Identities, func(i stacktest.Identity) bool {
				return i.AppID == app && i.OpenID == v.User.OpenIDs[app]
			}) {
				t.Errorf("%s is missing in %+v", app, e.Person)
			}
		}
	}
}

// WeChat keeps the UnionID to itself under snsapi_base, so the person is somebody else
// at first. When it tells later, the two are merged, and everything follows.
func TestALateUnionIDMerges(t *testing.T) {
	b := start(t)
	v := b.visitor(b.newUser())
	silent := enter(t, v, sandbox.DefaultOfficialAccount, "snsapi_base")
	mini := enter(t, v, sandbox.DefaultMiniProgram, "")
	if silent.Person.ID == mini.Person.ID || silent.Person.UnionID != "" {
		t.Fatalf("got %+v and %+v", silent.Person, mini.Person)
	}
	var o order
	b.do(http.MethodPost, "/v1/orders", b.APIKey, map[string]any{
		"merchant_id": b.merchant, "amount": 1990, "description": "tea", "user_id": mini.Person.ID,
	}).into(t, 201, &o)

	told := enter(t, v, sandbox.DefaultOfficialAccount, "snsapi_userinfo")
	if told.Person.ID != silent.Person.ID || len(told.Person.Identities) != 2 {
		t.Errorf("the older user does not survive: %+v", told.Person)
	}
	for _, id := range []string{silent.Person.ID, mini.Person.ID} { // both answer with the survivor
		var p stacktest.Person
		b.do(http.MethodGet, "/v1/users/"+id, b.APIKey, nil).into(t, 200, &p)
		if p.ID != silent.Person.ID || p.UnionID != v.User.UnionIDs["main"] {
			t.Errorf("user %s answers with %+v", id, p)
		}
		var list struct {
			Data []struct {
				ID     string `json:"id"`
				UserID string `json:"user_id"`
			} `json:"data"`
		}
		b.do(http.MethodGet, "/v1/orders?user_id="+id, b.APIKey, nil).into(t, 200, &list)
		if len(list.Data) != 1 || list.Data[0].ID != o.ID || list.Data[0].UserID != silent.Person.ID {
			t.Errorf("orders of %s: %+v", id, list)
		}
	}
	b.do(http.MethodGet, "/v1/me", mini.Token, nil).into(t, 200, &told.Person) // the session of before
	if told.Person.ID != silent.Person.ID {
		t.Errorf("the old session speaks for %s", told.Person.ID)
	}
	b.pay(b.prepay(o, payer{v.User, mini.Token}).Invoke, payer{v.User, mini.Token})
	b.waitPaid(o.ID)
	for _, e := range b.waitEvent(o.ID, "order.paid") {
		if e.Data.UserID != silent.Person.ID {
			t.Errorf("order.paid names %s", e.Data.UserID)
		}
	}
	if events := b.waitEvent(silent.Person.ID, "user.merged"); events[0].Data.MergedUserID != mini.Person.ID {
		t.Errorf("user.merged tells %+v", events[0])
	}
}

// An app that is bound later: its people are told apart until WeChat tells.
func TestAnAppThatIsBoundLater(t *testing.T) {
	b := start(t)
	v := b.visitor(b.newUser())
	if err := b.Sandbox.BindApp(sandbox.DefaultSecondMini, ""); err != nil {
		t.Fatal(err)
	}
	before, other := enter(t, v, sandbox.DefaultSecondMini, ""), enter(t, v, sandbox.DefaultMiniProgram, "")
	if before.Person.ID == other.Person.ID {
		t.Fatal("nothing told that they are one")
	}
	if err := b.Sandbox.BindApp(sandbox.DefaultSecondMini, "main"); err != nil {
		t.Fatal(err)
	}
	after := enter(t, v, sandbox.DefaultSecondMini, "")
	if after.Person.ID != before.Person.ID || len(after.Person.Identities) != 2 || after.NewUser {
		t.Errorf("got %+v", after)
	}
}

// A virtual user of a snapshot page is nobody.
func TestSnapshotUsersAreNobody(t *testing.T) {
	b := start(t)
	v := b.visitor(b.newUser())
	for _, scope := range []string{"snsapi_base", "snsapi_userinfo"} {
		if err := b.Sandbox.Snapshot(sandbox.DefaultOfficialAccount, v.User.ID, 1); err != nil {
			t.Fatal(err)
		}
		if err := b.Sandbox.Consent(sandbox.DefaultOfficialAccount, v.User.ID); err != nil {
			t.Fatal(err)
		}
		status, text, err := v.Do(t.Context(), http.MethodGet, v.LoginURL(sandbox.DefaultOfficialAccount, scope, ""), nil, nil)
		if err != nil || status != http.StatusForbidden || !strings.Contains(string(text), "snapshot_user") {
			t.Errorf("%s: %d %s, %v", scope, status, text, err)
		}
		if status, _, _ := v.Do(t.Context(), http.MethodGet, b.URL+"/v1/me", nil, nil); status != http.StatusUnauthorized {
			t.Errorf("the browser is logged in: %d", status)
		}
	}
	var list struct {
		Data []stacktest.Person `json:"data"`
	}
	b.do(http.MethodGet, "/v1/users", b.APIKey, nil).into(t, 200, &list)
	if len(list.Data) != 0 {
		t.Errorf("there are users: %+v", list)
	}
}

// hop stops before the redirect that leads to a callback and returns where it leads.
func hop(t *testing.T, v *stacktest.Visitor, from string) *url.URL {
	t.Helper()
	client := *v.Client
	var found *url.URL
	client.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if strings.HasSuffix(r.URL.Path, "/callback") {
			found = r.URL
			return http.ErrUseLastResponse
		}
		return nil
	}
	still := *v
	still.Client = &client
	if status, text, err := still.Do(t.Context(), http.MethodGet, from, nil, nil); err != nil || found == nil {
		t.Fatalf("no callback on the way: %d %s, %v", status, text, err)
	}
	return found
}

// other is another character.
func other(c string) string {
	if c == "0" {
		return "1"
	}
	return "0"
}

// Nobody gets in by a state that is forged, empty, replayed or another browser's.
func TestStatesThatAreRefused(t *testing.T) {
	b := start(t)
	for _, app := range []string{sandbox.DefaultOfficialAccount, sandbox.DefaultWebsite} {
		v, stranger := b.visitor(b.newUser()), b.visitor(b.newUser())
		for _, x := range []*stacktest.Visitor{v, stranger} {
			if err := b.Sandbox.Consent(app, x.User.ID); err != nil {
				t.Fatal(err)
			}
		}
		back := hop(t, v, v.LoginURL(app, "", "/v1/me"))
		hop(t, stranger, stranger.LoginURL(app, "", "")) // has a login of their own under way
		with := func(change func(url.Values)) string {
			u, q := *back, back.Query()
			change(q)
			u.RawQuery = q.Encode()
			return u.String()
		}
		refuse := func(name string, who *stacktest.Visitor, target string, want int, code string) {
			t.Helper()
			status, text, err := who.Do(t.Context(), http.MethodGet, target, nil, nil)
			if err != nil || status != want || !strings.Contains(string(text), `"`+code+`"`) {
				t.Errorf("%s, %s: %d %s, %v; want %d %s", app, name, status, text, err, want, code)
			}
			if status, _, _ := who.Do(t.Context(), http.MethodGet, b.URL+"/v1/me", nil, nil); status != http.StatusUnauthorized {
				t.Errorf("%s, %s: somebody is logged in", app, name)
			}
		}
		state := back.Query().Get("state")
		refuse("empty state", v, with(func(q url.Values) { q.Set("state", "") }), 400, "state_invalid")
		refuse("no state", v, with(func(q url.Values) { q.Del("state") }), 400, "state_invalid")
		refuse("forged state", v, with(func(q url.Values) { q.Set("state", strings.Repeat("a", len(state))) }), 400, "state_invalid")
		refuse("changed state", v, with(func(q url.Values) { q.Set("state", other(state[:1])+state[1:]) }), 400, "state_invalid")
		refuse("another browser", stranger, back.String(), 400, "state_invalid")
		wrong := strings.Replace(back.String(), "official-account", "website", 1)
		if wrong == back.String() {
			wrong = strings.Replace(back.String(), "website", "official-account", 1)
		}
		refuse("another door", v, wrong, 400, "state_invalid")

		status, text, err := v.Do(t.Context(), http.MethodGet, back.String(), nil, nil)
		if err != nil || status != 200 || !strings.Contains(string(text), v.User.OpenIDs[app]) {
			t.Fatalf("%s, the right one: %d %s, %v", app, status, text, err)
		}
		v.Client.Jar = b.visitor(v.User).Client.Jar // without the session
		refuse("replayed without the browser's cookie", v, back.String(), 400, "state_invalid")
	}
}

// The same browser replays the callback: the code is used up.
func TestAReplayedCallbackIsAConflict(t *testing.T) {
	b := start(t)
	v := b.visitor(b.newUser())
	back := hop(t, v, v.LoginURL(sandbox.DefaultOfficialAccount, "", ""))
	if status, text, err := v.Do(t.Context(), http.MethodGet, back.String(), nil, nil); err != nil || status != 200 {
		t.Fatalf("%d %s, %v", status, text, err)
	}
	asked := b.exchanges()
	status, text, err := v.Do(t.Context(), http.MethodGet, back.String(), nil, nil)
	if err != nil || status != http.StatusConflict || !strings.Contains(string(text), "login_code_used") {
		t.Errorf("%d %s, %v", status, text, err)
	}
	if b.exchanges() != asked {
		t.Error("WeChat was asked again")
	}
}

// exchanges counts the OAuth codes that WeChat was asked about.
func (b *bench) exchanges() (n int) {
	for _, e := range b.Sandbox.Log(0) {
		if strings.HasPrefix(e.Path, "/sns/oauth2/access_token") {
			n++
		}
	}
	return n
}
