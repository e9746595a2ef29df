package push_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/wx"
)

// knows logs somebody in through the mini-program, so that their UnionID is known.
func (w *world) knows(name string) (userID string) {
	w.t.Helper()
	l, err := w.people.LoginMiniProgram(context.Background(), "wx-mini", name+"-code")
	if err != nil {
		w.t.Fatal(err)
	}
	_, err = w.people.Phone(context.Background(), model.Session{UserID: l.Person.User.ID, AppID: "wx-mini", OpenID: "mini-" + name}, "wx-mini", "code")
	if err != nil {
		w.t.Fatal(err)
	}
	return l.Person.User.ID
}

func (w *world) identity(name string) (model.Identity, error) {
	return w.store.Identity(context.Background(), model.IdentityKey{AppID: plainApp, OpenID: "openid-" + name})
}

// What WeChat says happened becomes one event, and says who it was when that is known.
func TestEventsOfWeChatBecomeEventsOfOurs(t *testing.T) {
	for name, c := range map[string]struct {
		body string
		want model.EventType
		told told
	}{
		"subscribe":           {event("alice", "subscribe", ""), "follower.subscribed", told{Event: "subscribe"}},
		"subscribe by code":   {event("alice", "subscribe", "<EventKey>qrscene_12</EventKey><Ticket>T</Ticket>"), "follower.subscribed", told{Event: "subscribe", Key: "qrscene_12", Ticket: "T"}},
		"unsubscribe":         {event("alice", "unsubscribe", ""), "follower.unsubscribed", told{Event: "unsubscribe"}},
		"scan":                {event("alice", "SCAN", "<EventKey>12</EventKey><Ticket>T</Ticket>"), "follower.scanned", told{Event: "SCAN", Key: "12", Ticket: "T"}},
		"menu click":          {event("alice", "CLICK", "<EventKey>HELP</EventKey>"), "menu.clicked", told{Event: "CLICK", Key: "HELP"}},
		"menu link":           {event("alice", "VIEW", "<EventKey>https://shop.example</EventKey>"), "menu.viewed", told{Event: "VIEW", Key: "https://shop.example"}},
		"menu mini-program":   {event("alice", "view_miniprogram", "<EventKey>pages/index</EventKey>"), "menu.viewed", told{Event: "view_miniprogram", Key: "pages/index"}},
		"text":                {text("alice", "7"), "message.received", told{MsgID: "7", Content: "你好 <b>"}},
		"picture":             {strings.Replace(text("alice", "7"), "[text]", "[image]", 1), "message.received", told{MsgID: "7", Content: "你好 <b>"}},
		"of a type to come":   {strings.Replace(text("alice", "7"), "[text]", "[hologram]", 1), "message.received", told{MsgID: "7", Content: "你好 <b>"}},
		"click without a key": {event("alice", "CLICK", ""), "menu.clicked", told{Event: "CLICK"}},
	} {
		for _, known := range []bool{true, false} {
			t.Run(name, func(t *testing.T) {
				w := newWorld(t)
				user := ""
				if known { // the same person in a mini-program, and already met here
					user = w.knows("alice")
					if err := w.people.Meet(t.Context(), model.IdentityKey{AppID: plainApp, OpenID: "openid-alice"}, "unionid-alice"); err != nil {
						t.Fatal(err)
					}
				}
				w.accepts(plainApp, plain(c.body))
				events := w.works()
				if len(events) != 1 || events[0].Type != c.want || !strings.HasPrefix(events[0].ID, "evt_") {
					t.Fatalf("got %+v", events)
				}
				got := read(events[0].Data)
				if got.Fields["FromUserName"] != "openid-alice" || got.Fields["CreateTime"] == "" {
					t.Errorf("fields %v", got.Fields)
				}
				want := c.told
				want.AppID, want.OpenID, want.UserID, want.Created, want.MsgType = plainApp, "openid-alice", user, created, got.MsgType
				got.Fields, want.Fields = nil, nil
				if got.AppID != want.AppID || got.OpenID != want.OpenID || got.UserID != want.UserID || got.Created != want.Created ||
					got.MsgID != want.MsgID || got.Event != want.Event || got.Key != want.Key || got.Ticket != want.Ticket || got.Content != want.Content {
					t.Errorf("got  %+v\nwant %+v", got, want)
				}
				if log := w.log.String(); strings.Contains(log, "openid-") || strings.Contains(log, "unionid-") {
					t.Errorf("the log tells: %s", log)
				}
			})
		}
	}
}

// Who follows is met: with the UnionID they are the person who is known already. That
// alone makes nobody a user.
func TestFollowerIsMet(t *testing.T) {
	t.Run("with a UnionID that is known", func(t *testing.T) {
		w := newWorld(t)
		user := w.knows("alice")
		w.accepts(plainApp, plain(event("alice", "subscribe", "")))
		if events := w.works(); len(events) != 1 || read(events[0].Data).UserID != user {
			t.Errorf("got %+v", events)
		}
		if p, err := w.people.Person(t.Context(), user); err != nil || len(p.Identities) != 2 {
			t.Errorf("%+v, %v", p, err)
		}
	})
	t.Run("with a UnionID that is not", func(t *testing.T) {
		w := newWorld(t)
		w.accepts(plainApp, plain(event("alice", "subscribe", "")))
		if events := w.works(); len(events) != 1 || read(events[0].Data).UserID != "" {
			t.Errorf("got %+v", events)
		}
		if user := w.knows("alice"); user == "" {
			t.Error("nobody")
		} else if p, err := w.people.Person(t.Context(), user); err != nil || len(p.Identities) != 2 {
			t.Errorf("%+v, %v", p, err)
		}
	})
	t.Run("without a UnionID", func(t *testing.T) {
		w := newWorld(t)
		w.weChat.silent = true
		w.accepts(plainApp, plain(event("alice", "subscribe", "")))
		events := w.works()
		i, err := w.identity("alice")
		if len(events) != 1 || err != nil || i.UnionID != "" {
			t.Errorf("%d events, %+v, %v", len(events), i, err)
		}
		if people, _, err := w.people.List(t.Context(), "", 10); err != nil || len(people) != 0 {
			t.Errorf("%d users, %v", len(people), err)
		}
	})
	t.Run("of an account that may not ask", func(t *testing.T) { // 48001
		w := newWorld(t)
		w.weChat.says(wx.Refused(wx.ErrRejected, model.Upstream{Service: "wechat", Code: "48001", Message: "api unauthorized"}))
		w.accepts(plainApp, plain(event("alice", "subscribe", "")))
		events := w.works()
		if i, err := w.identity("alice"); len(events) != 1 || err != nil || i.UnionID != "" {
			t.Errorf("%d events, %+v, %v", len(events), i, err)
		}
		if !strings.Contains(w.log.String(), "48001") {
			t.Error("the log does not say why")
		}
	})
	t.Run("when WeChat is away for a while", func(t *testing.T) {
		for _, err := range []error{wx.ErrBusy, wx.ErrTimeout, wx.ErrRateLimited, errors.New("boom")} {
			w := newWorld(t)
			w.weChat.says(err)
			w.accepts(plainApp, plain(event("alice", "subscribe", "")))
			left := w.works()
			if later := w.tasks(); len(left) != 0 || len(later) != 1 || later[0].Attempts != 1 || !later[0].DueAt.After(time.Now()) {
				t.Fatalf("%v: %d events, %+v", err, len(left), later)
			}
			w.weChat.says(nil)
			w.queue.Now = func() time.Time { return time.Now().Add(time.Hour) }
			if events := w.works(); len(events) != 1 {
				t.Errorf("%v: %d events", err, len(events))
			}
		}
	})
}

// A person takes back in WeChat what an app was allowed to know, or leaves WeChat.
func TestRevocationAndCancellationForgetThePerson(t *testing.T) {
	revoke := event("service", "user_authorization_revoke", "<OpenID>openid-alice</OpenID><AppID>"+plainApp+"</AppID><RevokeInfo>1,2</RevokeInfo>")
	cancel := event("service", "user_authorization_cancellation", "<OpenID>openid-alice</OpenID><AppID>"+plainApp+"</AppID>")
	meet := func(w *world) string {
		user := w.knows("alice")
		if err := w.people.Meet(t.Context(), model.IdentityKey{AppID: plainApp, OpenID: "openid-alice"}, "unionid-alice"); err != nil {
			t.Fatal(err)
		}
		return user
	}
	t.Run("revoked", func(t *testing.T) {
		w := newWorld(t)
		user := meet(w)
		w.accepts(plainApp, plain(revoke))
		if events := w.works(); len(events) != 0 || len(w.tasks()) != 0 {
			t.Errorf("%d events, %d tasks", len(events), len(w.tasks()))
		}
		p, err := w.people.Person(t.Context(), user)
		i, failure := w.identity("alice")
		if err != nil || failure != nil || p.User.Phone != "" || i.UnionID != "" || len(p.Identities) != 2 {
			t.Errorf("%+v, %+v, %v", p, i, errors.Join(err, failure))
		}
	})
	t.Run("cancelled", func(t *testing.T) {
		w := newWorld(t)
		user := meet(w)
		w.accepts(plainApp, plain(cancel))
		w.accepts(plainApp, plain(cancel))
		if events := w.works(); len(events) != 0 || len(w.tasks()) != 0 {
			t.Errorf("%d events, %d tasks", len(events), len(w.tasks()))
		}
		if p, err := w.people.Person(t.Context(), user); err != nil || p.User.ErasedAt.IsZero() || len(p.Identities) != 0 {
			t.Errorf("%+v, %v", p, err)
		}
		told, err := w.store.UserOutbox().PendingEvents(t.Context(), 10)
		if err != nil || len(told) != 2 || told[1].Type != model.EventUserErased {
			t.Errorf("%+v, %v", told, err)
		}
	})
	for name, body := range map[string]string{"revoked": revoke, "cancelled": cancel} {
		t.Run(name+" by somebody who is not known", func(t *testing.T) {
			w := newWorld(t)
			w.accepts(plainApp, plain(body))
			if events := w.works(); len(events) != 0 || len(w.tasks()) != 0 || strings.Contains(w.log.String(), `"level":"ERROR"`) {
				t.Errorf("%d events, %d tasks: %s", len(events), len(w.tasks()), w.log)
			}
		})
		t.Run(name+" while the store is away", func(t *testing.T) {
			w := newWorld(t)
			meet(w)
			w.accepts(plainApp, plain(body))
			if err := w.redis.Close(); err != nil { // the session key cannot be forgotten now
				t.Fatal(err)
			}
			if w.works(); len(w.tasks()) != 1 {
				t.Errorf("%d tasks: it was not done, and will not be", len(w.tasks()))
			}
		})
	}
}

func TestUnknownEventIsAcknowledgedAndLogged(t *testing.T) {
	w := newWorld(t)
	w.accepts(plainApp, plain(event("alice", "TEMPLATESENDJOBFINISH", "<Status>success</Status>")))
	if events := w.works(); len(events) != 0 || len(w.tasks()) != 0 {
		t.Errorf("%d events, %d tasks", len(events), len(w.tasks()))
	}
	if log := w.log.String(); !strings.Contains(log, "TEMPLATESENDJOBFINISH") || strings.Contains(log, "openid-") {
		t.Errorf("the log: %s", log)
	}
}

// A task that no version of ours wrote ends, loudly.
func TestTaskThatCannotBeReadIsGivenUp(t *testing.T) {
	w := newWorld(t)
	for id, body := range map[string]string{"a": "", "b": "null x", "c": `{"MsgType":1}`} {
		if _, err := w.queue.Add(t.Context(), "wechat_push", id, []byte(body)); err != nil {
			t.Fatal(err)
		}
	}
	if events := w.works(); len(events) != 0 || len(w.tasks()) != 0 || strings.Count(w.log.String(), "task given up") != 3 {
		t.Errorf("%d events, %d tasks: %s", len(events), len(w.tasks()), w.log)
	}
}
