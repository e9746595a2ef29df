package identity_test

import (
	"encoding/json"
	"testing"

	"wxhub/identity"
	"wxhub/model"
	"wxhub/wx"
)

// inApp is the session of somebody who logged in through a mini-program.
func (w *world) inApp(t *testing.T, appID, name, unionID string) model.Session {
	t.Helper()
	s, err := w.Authenticate(t.Context(), w.comes(t, appID, name, unionID).Token)
	must(t, err)
	return s
}

func TestDecryptOpensWhatBelongsToThePerson(t *testing.T) {
	w := newWorld(t)
	alice := w.inApp(t, app, "alice", "union-a")
	site := w.inApp(t, siteApp, "alice", "union-a") // the same person, who came by another door
	elsewhere := w.inApp(t, mobileApp, "bob", "")
	carol := w.inApp(t, app, "carol", "")
	must(t, w.redis.DeleteSessionKey(t.Context(), app, carol.OpenID))
	const mine, theirs = `{"openId":"openid-alice-1","x":1}`, `{"openId":"openid-bob-1"}`
	for name, c := range map[string]struct {
		session model.Session
		app     string
		data    identity.Sealed
		want    string // a code, or "" and the data
	}{
		"theirs":                          {alice, app, identity.Sealed{EncryptedData: mine}, ""},
		"of nobody in particular":         {alice, app, identity.Sealed{EncryptedData: `{"steps":7}`}, ""},
		"no object":                       {alice, app, identity.Sealed{EncryptedData: `[1,2]`}, ""},
		"signed":                          {alice, app, identity.Sealed{EncryptedData: mine, RawData: "raw", Signature: "signed raw"}, ""},
		"by a session of another door":    {site, app, identity.Sealed{EncryptedData: mine}, ""},
		"another user's":                  {alice, app, identity.Sealed{EncryptedData: theirs}, "invalid_input"},
		"another user's, by another door": {site, app, identity.Sealed{EncryptedData: theirs}, "invalid_input"},
		"signed under another key":        {alice, app, identity.Sealed{EncryptedData: mine, RawData: "raw", Signature: "signed else"}, "session_key_stale"},
		"signed without what was signed":  {alice, app, identity.Sealed{EncryptedData: mine, Signature: "signed raw"}, "session_key_stale"},
		"without a session key":           {carol, app, identity.Sealed{EncryptedData: mine}, "session_key_stale"},
		"never came through the app":      {elsewhere, app, identity.Sealed{EncryptedData: mine}, "user_not_in_app"},
		"no mini-program":                 {alice, siteApp, identity.Sealed{EncryptedData: mine}, "invalid_input"},
		"no app":                          {alice, "", identity.Sealed{EncryptedData: mine}, "invalid_input"},
	} {
		plain, err := w.Decrypt(t.Context(), c.session, c.app, c.data)
		if c.want == "" && (err != nil || string(plain) != c.data.EncryptedData) {
			t.Errorf("%s: got %s, %v", name, plain, err)
		}
		if c.want != "" && (err == nil || model.CodeOf(err) != c.want || plain != nil) {
			t.Errorf("%s: got %s, %v, want %s", name, plain, err, c.want)
		}
	}
}

// The key changed at WeChat: what is encrypted under the new one cannot be read until
// the next login.
func TestDecryptUnderAStaleKey(t *testing.T) {
	w := newWorld(t)
	s := w.inApp(t, app, "alice", "")
	must(t, w.redis.SaveSessionKey(t.Context(), app, s.OpenID, "old", identity.StateTTL))
	data := identity.Sealed{EncryptedData: `{}`}
	_, err := w.Decrypt(t.Context(), s, app, data)
	wantCode(t, err, "session_key_stale")
	w.comes(t, app, "alice", "") // brings the key of now
	if plain, err := w.Decrypt(t.Context(), s, app, data); err != nil || !json.Valid(plain) {
		t.Errorf("got %s, %v", plain, err)
	}
}

func TestSessionKeyValid(t *testing.T) {
	w := newWorld(t)
	s := w.inApp(t, app, "alice", "")
	valid := func(want bool) {
		t.Helper()
		if got, err := w.SessionKeyValid(t.Context(), s, app); err != nil || got != want {
			t.Errorf("got %v, %v", got, err)
		}
	}
	valid(true)
	must(t, w.redis.SaveSessionKey(t.Context(), app, s.OpenID, "old", identity.StateTTL))
	valid(false)
	must(t, w.redis.DeleteSessionKey(t.Context(), app, s.OpenID))
	valid(false) // there is none: the same to the caller
	w.comes(t, app, "alice", "")
	valid(true)
	w.wechat.fail = wx.ErrBusy
	_, err := w.SessionKeyValid(t.Context(), s, app)
	wantCode(t, err, "wechat_unavailable")
	_, err = w.SessionKeyValid(t.Context(), s, siteApp)
	wantCode(t, err, "invalid_input")
	_, err = w.SessionKeyValid(t.Context(), s, otherApp)
	wantCode(t, err, "user_not_in_app")
}

func TestResetSessionKey(t *testing.T) {
	w := newWorld(t)
	s := w.inApp(t, app, "alice", "")
	key := func() model.Secret {
		k, err := w.redis.SessionKey(t.Context(), app, s.OpenID)
		must(t, err)
		return k
	}
	w.wechat.fail = wx.ErrBusy
	wantCode(t, w.ResetSessionKey(t.Context(), s, app), "wechat_unavailable")
	if key() != sessionKey {
		t.Errorf("a reset that failed changed the key")
	}
	w.wechat.fail = nil
	must(t, w.ResetSessionKey(t.Context(), s, app))
	if key() != "fresh" {
		t.Errorf("the key is not WeChat's new one")
	}
	must(t, w.redis.DeleteSessionKey(t.Context(), app, s.OpenID))
	wantCode(t, w.ResetSessionKey(t.Context(), s, app), "session_key_stale")
	wantCode(t, w.ResetSessionKey(t.Context(), s, otherApp), "user_not_in_app")
	wantCode(t, w.ResetSessionKey(t.Context(), s, mobileApp), "invalid_input")
}

// Each openid has a key of its own, also when two of one mini-program are one user: the
// session says which is meant.
func TestTwoOpenidsOfOneMiniProgramHaveTwoKeys(t *testing.T) {
	w := newWorld(t)
	old := w.inApp(t, app, "alice", "union-a")
	same := w.inApp(t, app, "alina", "union-a")
	if old.UserID != same.UserID || old.OpenID == same.OpenID {
		t.Fatalf("got %+v and %+v", old, same)
	}
	if openID, err := w.OpenID(t.Context(), old.UserID, app); err != nil || openID != same.OpenID {
		t.Errorf("the latest is %q, %v", openID, err)
	}
	must(t, w.redis.SaveSessionKey(t.Context(), app, old.OpenID, "old", identity.StateTTL))
	for _, c := range []struct {
		s    model.Session
		want bool
	}{{old, false}, {same, true}} {
		if got, err := w.SessionKeyValid(t.Context(), c.s, app); err != nil || got != c.want {
			t.Errorf("%s: %v, %v", c.s.OpenID, got, err)
		}
	}
}
