package identity_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wxhub/identity"
)

func TestSessionSpeaksForWhoLoggedIn(t *testing.T) {
	w := newWorld(t)
	l := w.login(t, "alice")
	s, err := w.Authenticate(t.Context(), l.Token)
	if err != nil || s.UserID != l.Person.User.ID || s.AppID != app || s.OpenID != "openid-alice-1" {
		t.Errorf("got %+v, %v", s, err)
	}
	if !strings.HasPrefix(l.Token, identity.TokenPrefix) || len(l.Token) != len(identity.TokenPrefix)+43 || l.ExpiresIn != time.Hour {
		t.Errorf("got %q for %s", l.Token, l.ExpiresIn)
	}
}

func TestSessionEndsWithItsTime(t *testing.T) {
	w := newWorld(t)
	l := w.login(t, "alice")
	w.pass(59 * time.Minute)
	if _, err := w.Authenticate(t.Context(), l.Token); err != nil {
		t.Error(err)
	}
	w.pass(2 * time.Minute) // Redis has not noticed yet; the clock decides
	_, err := w.Authenticate(t.Context(), l.Token)
	wantCode(t, err, "session_invalid")
	keys, err := w.redis.Client().Keys(t.Context(), "*").Result()
	if err != nil || len(keys) != 3 { // session, session_key, and the code that is used up
		t.Fatalf("got %q, %v", keys, err)
	}
	for _, k := range keys {
		if left, err := w.redis.Client().TTL(t.Context(), k).Result(); err != nil || left <= 0 {
			t.Errorf("%s is kept for ever: %s, %v", k, left, err)
		}
	}
}

func TestLogoutEndsOneSession(t *testing.T) {
	w := newWorld(t)
	phone, tablet := w.login(t, "alice"), w.login(t, "alice")
	for range 2 { // twice is no error
		if err := w.Logout(t.Context(), phone.Token); err != nil {
			t.Fatal(err)
		}
	}
	_, err := w.Authenticate(t.Context(), phone.Token)
	wantCode(t, err, "session_invalid")
	if _, err := w.Authenticate(t.Context(), tablet.Token); err != nil {
		t.Error(err)
	}
	if err := w.Logout(t.Context(), "wxs_unknown"); err != nil {
		t.Error(err)
	}
}

func TestUnknownTokenIsNoSession(t *testing.T) {
	w := newWorld(t)
	token := w.login(t, "alice").Token
	sum := sha256.Sum256([]byte(token))
	for _, wrong := range []string{
		"", " ", "wxs_", "x", token[:len(token)-1], token + "A", token + " ", " " + token, strings.ToLower(token), strings.TrimPrefix(token, "wxs_"),
		"wxs_" + token, "wxs_*", "wxs_\x00", "wxs_" + strings.Repeat("A", 43), "wxs_" + strings.Repeat("A", 100_000),
		hex.EncodeToString(sum[:]), "wxs_" + hex.EncodeToString(sum[:]), "wxhub:session:" + hex.EncodeToString(sum[:]),
	} {
		_, err := w.Authenticate(t.Context(), wrong)
		wantCode(t, err, "session_invalid")
	}
}

// A leaked copy of Redis logs nobody in, and a leaked copy of the store holds
// neither tokens nor session_keys.
func TestNoTokenIsStoredAndNoSessionKeyLeavesRedis(t *testing.T) {
	w := newWorld(t)
	l := w.login(t, "alice")
	inner := strings.TrimPrefix(l.Token, identity.TokenPrefix)
	dump := strings.Join(w.redisDump(t), "\n")
	if strings.Contains(dump, inner) {
		t.Error("Redis holds the token")
	}
	if strings.Count(dump, sessionKey) != 1 {
		t.Error("Redis does not hold the session_key once")
	}
	if key, err := w.redis.SessionKey(t.Context(), app, "openid-alice-1"); err != nil || key.Reveal() != sessionKey {
		t.Errorf("got %q, %v", key.Reveal(), err)
	}
	view, err := json.Marshal(identity.View(l.Person))
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]string{"view": string(view), "event": string(w.created(t)[0].Data), "log": w.logged(), "person": fmt.Sprintf("%+v", l.Person)}
	files, err := filepath.Glob(w.file + "*")
	if err != nil || len(files) == 0 {
		t.Fatalf("files %q, %v", files, err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		shown[filepath.Base(f)] = string(text)
	}
	found := false
	for where, text := range shown {
		if strings.Contains(text, sessionKey) || strings.Contains(text, inner) {
			t.Errorf("a secret is in the %s", where)
		}
		found = found || strings.HasPrefix(where, "identity.db") && strings.Contains(text, "openid-alice-1")
	}
	if !found {
		t.Error("the files of the store were not looked at")
	}
}

func TestFlushedRedisCostsALoginAndNothingElse(t *testing.T) {
	w := newWorld(t)
	w.wechat.knows("alice", "union-a")
	before := w.login(t, "alice")
	if err := w.redis.Client().FlushAll(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	_, err := w.Authenticate(t.Context(), before.Token)
	wantCode(t, err, "session_invalid")
	after := w.login(t, "alice")
	if after.NewUser || after.Person.User.ID != before.Person.User.ID || after.Person.Identities[0] != before.Person.Identities[0] {
		t.Errorf("got %+v, had %+v", after, before)
	}
	if len(w.created(t)) != 1 {
		t.Errorf("%d events", len(w.created(t)))
	}
	if _, err := w.Authenticate(t.Context(), after.Token); err != nil {
		t.Error(err)
	}
}

func TestRedisAwayIsUnavailableAndLosesNobody(t *testing.T) {
	w := newWorld(t)
	token, asked := w.login(t, "alice").Token, w.wechat.calls
	if err := w.redis.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := w.Authenticate(t.Context(), token)
	wantCode(t, err, "unavailable")
	wantCode(t, w.Logout(t.Context(), token), "unavailable")
	l, err := w.LoginMiniProgram(t.Context(), app, "bob-1")
	wantCode(t, err, "unavailable")
	if l.Token != "" {
		t.Errorf("a token was given without a session")
	}
	if w.wechat.calls != asked {
		t.Errorf("the code was spent though nobody can be logged in by it")
	}
}

func TestWithoutEntropyNobodyLogsIn(t *testing.T) {
	w := newWorld(t)
	w.login(t, "alice")
	s := w.with(func(o *identity.Options) { o.Entropy = barren{} })
	l, err := s.LoginMiniProgram(t.Context(), app, "alice-2")
	wantCode(t, err, "internal")
	if l.Token != "" {
		t.Errorf("got the token %q", l.Token)
	}
}
