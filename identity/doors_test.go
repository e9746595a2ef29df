package identity_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"wxhub/identity"
	"wxhub/model"
	"wxhub/wx"
)

// codes counts login codes, so that each is used once.
var codes atomic.Int64

const browser = "the cookie of one browser"

// through logs somebody in by the door of an app. A code that ends in -base keeps the
// UnionID back, except at a mini-program.
func through(ctx context.Context, s *identity.Service, appID, code string) (identity.Login, error) {
	for _, a := range worldApps {
		switch {
		case a.ID != appID:
		case a.Kind == model.MiniProgram:
			return s.LoginMiniProgram(ctx, appID, code)
		case a.Kind == model.MobileApp:
			return s.LoginMobileApp(ctx, appID, code)
		default:
			url, err := s.StartLogin(ctx, identity.BrowserLogin{AppID: appID, Kind: a.Kind, Browser: browser}, "https://here/back")
			if err != nil {
				return identity.Login{}, err
			}
			l, _, err := s.FinishLogin(ctx, a.Kind, stateOf(url), browser, code)
			return l, err
		}
	}
	return identity.Login{}, errors.New("no such app")
}

// stateOf is the state parameter in an address that the world's WeChat made.
func stateOf(url string) string { return url[strings.LastIndex(url, " ")+1:] }

// codeOf is a fresh login code of somebody.
func codeOf(name string) string { return fmt.Sprintf("%s-%d", name, codes.Add(1)) }

// comes logs somebody in whose UnionID WeChat tells, or not. A second passes first: ids
// of one millisecond are in no order.
func (w *world) comes(t *testing.T, appID, name, unionID string) identity.Login {
	t.Helper()
	w.pass(time.Second)
	w.wechat.knows(name, unionID)
	l, err := through(t.Context(), w.Service, appID, codeOf(name))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// enters is comes for a UserID.
func (w *world) enters(t *testing.T, appID, name, unionID string) string {
	t.Helper()
	return w.comes(t, appID, name, unionID).Person.User.ID
}

// at is the identity of somebody at the door of an app.
func at(appID, name string) model.IdentityKey {
	return model.IdentityKey{AppID: appID, OpenID: "openid-" + name + "-" + appID[len(appID)-1:]}
}

func (w *world) identity(t *testing.T, k model.IdentityKey) model.Identity {
	t.Helper()
	i, err := w.store.Identity(t.Context(), k)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func (w *world) user(t *testing.T, id string) model.User {
	t.Helper()
	u, err := w.store.User(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func (w *world) person(t *testing.T, id string) identity.Person {
	t.Helper()
	p, err := w.Person(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// answers fails the test unless each id answers with the user.
func (w *world) answers(t *testing.T, with string, ids ...string) {
	t.Helper()
	for _, id := range ids {
		if got, err := w.Survivor(t.Context(), id); err != nil || got != with {
			t.Errorf("%s answers with %s, %v; want %s", id, got, err, with)
		}
	}
}

// events counts what the outboxes hold, by kind and subject: "user.created 01…".
func (w *world) events(t *testing.T) map[string]int {
	t.Helper()
	list, err := w.store.UserOutbox().PendingEvents(t.Context(), 10_000)
	if err != nil {
		t.Fatal(err)
	}
	n := map[string]int{}
	for _, e := range list {
		n[string(e.Type)]++
		n[string(e.Type)+" "+e.Subject]++
	}
	return n
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// moved lets an account migration say that a new openid is an old one's.
func (w *world) moved(t *testing.T, from, to model.IdentityKey) {
	t.Helper()
	if _, err := w.Moved(t.Context(), from.AppID, to.AppID, []wx.Moved{{OldOpenID: from.OpenID, NewOpenID: to.OpenID}}); err != nil {
		t.Fatal(err)
	}
}
