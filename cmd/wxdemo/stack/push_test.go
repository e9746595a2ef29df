package stack_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"wxhub/cmd/wxdemo/stack/stacktest"
	"wxhub/wx/sandbox"
)

// pushes has the sandbox push an app's messages to wxhub.
func (b *bench) pushes(app, mode, format string) {
	b.t.Helper()
	err := b.Sandbox.SetPush(app, sandbox.PushSettings{URL: b.URL + "/v1/wechat/" + app + "/callback", Mode: mode, Format: format})
	if err != nil {
		b.t.Fatal(err)
	}
}

// follower is somebody who follows an official account since before anything was pushed;
// nobody follows a mini-program.
func (b *bench) follower(app string) sandbox.User {
	b.t.Helper()
	u := b.newUser()
	if app == sandbox.DefaultOfficialAccount {
		if _, err := b.Sandbox.Follow(app, u.ID, ""); err != nil {
			b.t.Fatal(err)
		}
	}
	return u
}

// within waits until something is so.
func within(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within %s: %s", patience, what)
		}
	}
}

// Who follows is known by UnionID before they ever log in: the silent login of the
// official account then leads to the user of the mini-program.
func TestAFollowerIsKnownBeforeTheyLogIn(t *testing.T) {
	b := start(t)
	b.pushes(sandbox.DefaultOfficialAccount, "safe", "xml")
	v := b.visitor(b.newUser())
	mini := enter(t, v, sandbox.DefaultMiniProgram, "")
	if _, err := b.Sandbox.Follow(sandbox.DefaultOfficialAccount, v.User.ID, "table-7"); err != nil {
		t.Fatal(err)
	}
	openID := v.User.OpenIDs[sandbox.DefaultOfficialAccount]
	var e struct {
		UserID   string `json:"user_id"`
		EventKey string `json:"event_key"`
	}
	within(t, "the shop hears of the follower", func() bool {
		heard := b.Shop.OfType("follower.subscribed")
		return len(heard) > 0 && json.Unmarshal(heard[0].Raw, &e) == nil
	})
	if e.UserID != mini.Person.ID || e.EventKey != "qrscene_table-7" {
		t.Errorf("the shop heard %+v", e)
	}
	silent := enter(t, v, sandbox.DefaultOfficialAccount, "snsapi_base")
	if silent.Person.ID != mini.Person.ID || len(silent.Person.Identities) != 2 {
		t.Errorf("the silent login made %+v of %s", silent.Person, openID)
	}
}

// Every mode and format that WeChat has, with its tricks and repetitions: one event each.
func TestMessagesArriveOnce(t *testing.T) {
	for _, c := range []struct{ app, mode, format string }{
		{sandbox.DefaultOfficialAccount, "safe", "xml"}, {sandbox.DefaultOfficialAccount, "compatible", "xml"},
		{sandbox.DefaultMiniProgram, "safe", "json"}, {sandbox.DefaultMiniProgram, "safe", "xml"}, {sandbox.DefaultMiniProgram, "compatible", "json"},
	} {
		t.Run(c.mode+" "+c.format+" "+c.app, func(t *testing.T) {
			b := start(t)
			u := b.follower(c.app)
			b.pushes(c.app, c.mode, c.format)
			b.fault("push", "duplicate", 1)
			b.fault("push", "replay", 1)
			for _, text := range []string{"one", "two", "three"} {
				if _, err := b.Sandbox.SendMessage(c.app, u.ID, text); err != nil {
					t.Fatal(err)
				}
			}
			within(t, "the shop hears all three", func() bool { return len(b.Shop.OfType("message.received")) >= 3 })
			heard := map[string]int{}
			for _, e := range b.Shop.OfType("message.received") {
				var m struct {
					Content string `json:"content"`
					OpenID  string `json:"open_id"`
				}
				if err := json.Unmarshal(e.Raw, &m); err != nil || m.OpenID != u.OpenIDs[c.app] {
					t.Errorf("%s, %v", e.Raw, err)
				}
				heard[m.Content]++
			}
			for _, text := range []string{"one", "two", "three"} {
				if heard[text] != 1 {
					t.Errorf("%q was heard %d times: %v", text, heard[text], heard)
				}
			}
		})
	}
}

// What is wrong on purpose is refused, and WeChat's next attempt counts.
func TestForgedPushesHaveNoEffect(t *testing.T) {
	for _, kind := range []string{"bad_signature", "downgrade", "wrong_appid", "old_timestamp"} {
		t.Run(kind, func(t *testing.T) {
			b := start(t)
			u := b.follower(sandbox.DefaultOfficialAccount)
			b.pushes(sandbox.DefaultOfficialAccount, "safe", "xml")
			b.fault("push", kind, 1)
			if _, err := b.Sandbox.SendMessage(sandbox.DefaultOfficialAccount, u.ID, "hello"); err != nil {
				t.Fatal(err)
			}
			within(t, "it is refused", func() bool {
				return slices.ContainsFunc(b.Sandbox.Log(0), func(e sandbox.Entry) bool { return e.Fault == kind && e.Status >= 400 && e.Status < 500 })
			})
			if heard := b.Shop.OfType("message.received"); len(heard) > 0 {
				t.Errorf("the shop heard %+v", heard)
			}
			if _, err := b.Sandbox.AdvanceClock(6 * time.Second); err != nil { // WeChat's pause before it tries again
				t.Fatal(err)
			}
			within(t, "the honest repetition arrives", func() bool { return len(b.Shop.OfType("message.received")) == 1 })
		})
	}
}

// A person takes back what they allowed, then leaves WeChat. Their orders stay.
func TestRevocationAndCancellation(t *testing.T) {
	b := start(t)
	b.pushes(sandbox.DefaultMiniProgram, "safe", "json")
	v := b.visitor(b.newUser())
	e := enter(t, v, sandbox.DefaultMiniProgram, "")
	code, err := b.Sandbox.PhoneCode(sandbox.DefaultMiniProgram, v.User.ID)
	if err != nil {
		t.Fatal(err)
	}
	phone := func() (p stacktest.Person) {
		b.do(http.MethodGet, "/v1/users/"+e.Person.ID, b.APIKey, nil).into(t, 200, &p)
		return p
	}
	b.do(http.MethodPost, "/v1/me/phone", e.Token, map[string]string{"app_id": sandbox.DefaultMiniProgram, "code": code}).into(t, 200, nil)
	if phone().Phone == "" {
		t.Fatal("there is no phone")
	}
	var o order
	b.do(http.MethodPost, "/v1/orders", b.APIKey, map[string]any{"merchant_id": b.merchant, "amount": 1, "description": "tea", "user_id": e.Person.ID}).into(t, 201, &o)

	if _, err := b.Sandbox.Withdraw(sandbox.DefaultMiniProgram, v.User.ID, "8"); err != nil {
		t.Fatal(err)
	}
	within(t, "the phone is erased", func() bool { p := phone(); return p.Phone == "" && p.UnionID == "" })
	b.do(http.MethodGet, "/v1/me", e.Token, nil).into(t, 200, nil) // still the same user

	if _, err := b.Sandbox.CancelUser(v.User.ID); err != nil {
		t.Fatal(err)
	}
	within(t, "the person is erased", func() bool { p := phone(); return p.ErasedAt != "" && len(p.Identities) == 0 })
	b.do(http.MethodGet, "/v1/me", e.Token, nil).into(t, 401, nil)
	if kept := b.get(o.ID, ""); kept.ID != o.ID {
		t.Errorf("the order is gone: %+v", kept)
	}
	b.waitEvent(e.Person.ID, "user.erased")
	if err := b.Stop(); err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(b.log.String(), "audit: personal data are erased"); lines != 2 {
		t.Errorf("%d audit lines", lines)
	}
	for _, personal := range []string{v.User.OpenIDs[sandbox.DefaultMiniProgram], v.User.UnionIDs["main"]} {
		if strings.Contains(b.log.String(), personal) {
			t.Errorf("the log holds %s", personal)
		}
	}
}

// A payer whose UnionID nobody told is asked for right after they paid.
func TestThePayersUnionIDIsLearned(t *testing.T) {
	b := start(t)
	if err := b.Sandbox.BindApp(b.app, ""); err != nil {
		t.Fatal(err)
	}
	p := b.login(b.newUser())
	if err := b.Sandbox.BindApp(b.app, "main"); err != nil {
		t.Fatal(err)
	}
	o := b.order()
	b.pay(b.prepay(o, p).Invoke, p)
	b.waitPaid(o.ID)
	within(t, "the UnionID is known", func() bool {
		var me stacktest.Person
		b.do(http.MethodGet, "/v1/me", p.session, nil).into(t, 200, &me)
		return me.UnionID == p.user.UnionIDs["main"]
	})
}

// The backfill learns followers who came before wxhub did.
func TestFollowersAreBackfilled(t *testing.T) {
	b := start(t, "WXHUB_JOBS__HARVEST_INTERVAL=1s")
	v := b.visitor(b.newUser())
	mini := enter(t, v, sandbox.DefaultMiniProgram, "")
	if _, err := b.Sandbox.Follow(sandbox.DefaultOfficialAccount, v.User.ID, ""); err != nil { // nothing is pushed: no URL is set
		t.Fatal(err)
	}
	within(t, "the follower is known", func() bool {
		var p stacktest.Person
		b.do(http.MethodGet, "/v1/users/"+mini.Person.ID, b.APIKey, nil).into(t, 200, &p)
		return len(p.Identities) == 2
	})
}
