package identity_test

import (
	"errors"
	"testing"
	"time"

	"wxhub/identity"
	"wxhub/model"
	"wxhub/wx"
)

// phoned records a phone number for whom a token speaks: the fake WeChat's number is 138,
// the code, and the last digit of the openid.
func (w *world) phoned(t *testing.T, token, appID, code string) identity.Person {
	t.Helper()
	w.pass(time.Second)
	s, err := w.Authenticate(t.Context(), token)
	must(t, err)
	p, err := w.Phone(t.Context(), s, appID, code)
	must(t, err)
	return p
}

func TestPhoneIsRecordedAndTheNextOneReplacesIt(t *testing.T) {
	w := newWorld(t)
	l := w.comes(t, app, "alice", "")
	for _, code := range []string{"0000", "0001"} {
		want := "138" + code + "1"
		p := w.phoned(t, l.Token, app, code)
		stored := w.person(t, l.Person.User.ID)
		if p.User.Phone != want || stored.User.Phone != want || identity.View(stored).Phone != want || len(p.Identities) != 1 {
			t.Errorf("got %+v, stored %+v, want %s", p, stored, want)
		}
	}
	w.wechat.fail = wx.ErrPhoneCodeInvalid
	s, err := w.Authenticate(t.Context(), l.Token)
	must(t, err)
	_, err = w.Phone(t.Context(), s, app, "0002")
	wantCode(t, err, "phone_code_invalid")
	if p := w.person(t, l.Person.User.ID); p.User.Phone != "13800011" {
		t.Errorf("got %+v", p)
	}
}

// Of several merged users the number that WeChat vouched for last counts; a merge writes
// none over, so an unmerge gives each their own back.
func TestLatestPhoneWinsAcrossAMergeAndEachHasTheirOwnAfterAnUnmerge(t *testing.T) {
	for _, c := range []struct {
		name   string
		order  []string // who phones, in this order
		merged string
	}{
		{"the younger was last", []string{"older", "younger"}, "13800y5"},
		{"the older was last", []string{"younger", "older"}, "13800o1"},
		{"only the younger has one", []string{"younger"}, "13800y5"},
		{"only the older has one", []string{"older"}, "13800o1"},
		{"nobody has one", nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			older := w.comes(t, app, "alice", "")
			younger := w.comes(t, mobileApp, "alice", "union-a")
			own := map[string]string{}
			for _, who := range c.order {
				w.pass(time.Second)
				l, s := older, model.Session{AppID: app, OpenID: at(app, "alice").OpenID}
				if who == "younger" { // a mini-program where the younger is, with an openid of theirs
					l, s.OpenID = younger, at(mobileApp, "alice").OpenID
				}
				s.UserID = l.Person.User.ID
				p, err := w.Phone(t.Context(), s, app, "00"+who[:1])
				must(t, err)
				own[s.UserID] = p.User.Phone
			}
			merged := w.comes(t, app, "alice", "union-a")
			for _, p := range []identity.Person{merged.Person, w.person(t, younger.Person.User.ID)} {
				if p.User.Phone != c.merged || p.User.ID != older.Person.User.ID {
					t.Errorf("merged they have %q, want %q", p.User.Phone, c.merged)
				}
			}
			must(t, w.Unmerge(t.Context(), younger.Person.User.ID))
			for _, id := range []string{older.Person.User.ID, younger.Person.User.ID} {
				if p := w.person(t, id); p.User.Phone != own[id] {
					t.Errorf("%s has %q, want %q", id, p.User.Phone, own[id])
				}
			}
		})
	}
}

// A number that is given while merged, by whichever session, is the survivor's.
func TestPhoneWhileMergedIsTheSurvivors(t *testing.T) {
	w := newWorld(t)
	first, second := w.comes(t, app, "alice", ""), w.comes(t, mobileApp, "alice", "union-a")
	w.comes(t, app, "alice", "union-a")
	p := w.phoned(t, second.Token, app, "000")
	if p.User.ID != first.Person.User.ID || p.User.Phone != "1380001" {
		t.Errorf("got %+v", p)
	}
	if u := w.user(t, first.Person.User.ID); u.Phone != "1380001" {
		t.Errorf("got %+v", u)
	}
}

func TestPhoneOnlyForWhoCameThroughTheMiniProgram(t *testing.T) {
	w := newWorld(t)
	l := w.comes(t, mobileApp, "alice", "")
	s, err := w.Authenticate(t.Context(), l.Token)
	must(t, err)
	_, err = w.Phone(t.Context(), s, app, "000")
	wantCode(t, err, "user_not_in_app")
	for _, id := range []string{mobileApp, "", "wx-none"} {
		_, err = w.Phone(t.Context(), s, id, "000")
		wantCode(t, err, "invalid_input")
	}
	s.UserID = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
	_, err = w.Phone(t.Context(), s, app, "000")
	wantCode(t, err, "user_not_in_app")
}

// The person is erased, or merged, while WeChat is asked for the number.
func TestPhoneOfWhoChangesMeanwhile(t *testing.T) {
	phones := func(l *identity.Login) act {
		return func(w *world, s *identity.Service) error {
			_, err := s.Phone(w.ctx, model.Session{UserID: l.Person.User.ID, AppID: app, OpenID: at(app, "alice").OpenID}, app, "000")
			if errors.Is(err, identity.ErrNoSession) {
				return nil
			}
			return err
		}
	}
	var l identity.Login
	prepare := func(t *testing.T, w *world) {
		w.comes(t, mobileApp, "alice", "union-a")
		l = w.comes(t, app, "alice", "")
	}
	t.Run("erased", func(t *testing.T) {
		meanwhile(t, prepare, phones(&l), func(w *world, s *identity.Service) error {
			return s.Erase(w.ctx, l.Person.User.ID, "test")
		}, func(t *testing.T, w *world) {
			w.gone(t, []model.IdentityKey{at(app, "alice")}, l.Person.User.ID)
		})
	})
	t.Run("merged", func(t *testing.T) {
		meanwhile(t, prepare, phones(&l), func(w *world, s *identity.Service) error {
			w.wechat.knows("alice", "union-a")
			_, err := through(w.ctx, s, app, codeOf("alice"))
			return err
		}, func(t *testing.T, w *world) {
			if p := w.person(t, l.Person.User.ID); p.User.Phone != "1380001" || len(p.Identities) != 2 {
				t.Errorf("got %+v", p)
			}
		})
	})
}
