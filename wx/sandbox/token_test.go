package sandbox_test

import (
	"fmt"
	"testing"
	"time"

	"wxhub/wx/sandbox"
)

func (s *stage) stable(appID string, force bool) response {
	s.t.Helper()
	return s.post("/cgi-bin/stable_token", fmt.Sprintf(`{"grant_type":"client_credential","appid":%q,"secret":%q,"force_refresh":%t}`, appID, s.secret(appID), force))
}

func (s *stage) plain(appID string) response {
	s.t.Helper()
	return s.get(fmt.Sprintf("/cgi-bin/token?grant_type=client_credential&appid=%s&secret=%s", appID, s.secret(appID)))
}

// errcode that a call with this token gets; 40003 means that the token is good.
func (s *stage) tokenCode(token string) string {
	s.t.Helper()
	return s.get("/wxa/checksession?access_token=" + token).field("errcode")
}

const good = "40003"

// still is a platform whose wall clock stands at noon in China, so that expires_in can be compared and a day
// does not end in between.
func still(t testing.TB) *stage {
	at := time.Date(2026, 1, 1, 4, 0, 0, 0, time.UTC)
	return newStage(t, sandbox.Options{Now: func() time.Time { return at }})
}

func TestStableTokenStaysUntilItsLastFiveMinutes(t *testing.T) {
	s := still(t)
	first := s.stable(sandbox.DefaultMiniProgram, false)
	if first.field("expires_in") != "7200" {
		t.Fatalf("%s", first.body)
	}
	s.advance(time.Hour)
	second := s.stable(sandbox.DefaultMiniProgram, false)
	if second.field("access_token") != first.field("access_token") || second.field("expires_in") != "3600" {
		t.Errorf("%s", second.body)
	}
	s.advance(55 * time.Minute)
	third := s.stable(sandbox.DefaultMiniProgram, false)
	if third.field("access_token") == first.field("access_token") || third.field("expires_in") != "7200" {
		t.Errorf("%s", third.body)
	}
	if code := s.tokenCode(first.field("access_token")); code != good {
		t.Errorf("in the overlap the old token gets %s", code)
	}
	s.advance(5 * time.Minute)
	if code := s.tokenCode(first.field("access_token")); code != "42001" {
		t.Errorf("after its time the old token gets %s", code)
	}
}

func TestForceRefreshReplacesAtOnceAndIsLimited(t *testing.T) {
	s := still(t)
	old := s.stable(sandbox.DefaultMiniProgram, false).field("access_token")
	for i := range 20 {
		answer := s.stable(sandbox.DefaultMiniProgram, true)
		token := answer.field("access_token")
		if token == "" || token == old {
			t.Fatalf("%d: %s", i, answer.body)
		}
		if code := s.tokenCode(old); code != "40001" {
			t.Fatalf("%d: the replaced token gets %s", i, code)
		}
		old = token
		if soon := s.stable(sandbox.DefaultMiniProgram, true); soon.field("errcode") != "45011" {
			t.Fatalf("%d: again at once: %s", i, soon.body)
		}
		s.advance(30 * time.Second)
	}
	if answer := s.stable(sandbox.DefaultMiniProgram, true); answer.field("errcode") != "45009" {
		t.Errorf("the 21st: %s", answer.body)
	}
	s.advance(24 * time.Hour)
	if answer := s.stable(sandbox.DefaultMiniProgram, true); answer.field("access_token") == "" {
		t.Errorf("the next day: %s", answer.body)
	}
}

func TestPlainTokensOverlapForFiveMinutesAndLeaveTheStableOneAlone(t *testing.T) {
	s := still(t)
	stable := s.stable(sandbox.DefaultMiniProgram, false).field("access_token")
	first := s.plain(sandbox.DefaultMiniProgram).field("access_token")
	second := s.plain(sandbox.DefaultMiniProgram).field("access_token")
	if first == "" || first == second || second == stable {
		t.Fatalf("%q %q %q", first, second, stable)
	}
	s.advance(5*time.Minute - time.Second)
	if code := s.tokenCode(first); code != good {
		t.Errorf("in the overlap: %s", code)
	}
	s.advance(time.Second)
	for token, want := range map[string]string{first: "42001", second: good, stable: good} {
		if code := s.tokenCode(token); code != want {
			t.Errorf("%s, want %s", code, want)
		}
	}
}

func TestTokenRefusals(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	secret := s.secret(sandbox.DefaultMiniProgram)
	const grant = `"grant_type":"client_credential"`
	for name, test := range map[string]struct{ body, errcode string }{
		"not json":       {"x", "47001"},
		"wrong grant":    {`{"grant_type":"x"}`, "40002"},
		"no appid":       {`{` + grant + `}`, "41002"},
		"no secret":      {`{` + grant + `,"appid":"` + sandbox.DefaultMiniProgram + `"}`, "41004"},
		"unknown appid":  {`{` + grant + `,"appid":"wx0","secret":"x"}`, "40013"},
		"wrong secret":   {`{` + grant + `,"appid":"` + sandbox.DefaultMiniProgram + `","secret":"x"}`, "40125"},
		"a website app":  {`{` + grant + `,"appid":"` + sandbox.DefaultWebsite + `","secret":"` + s.secret(sandbox.DefaultWebsite) + `"}`, "50004"},
		"someone else's": {`{` + grant + `,"appid":"` + sandbox.DefaultSecondMini + `","secret":"` + secret + `"}`, "40125"},
	} {
		if answer := s.post("/cgi-bin/stable_token", test.body); answer.status != 200 || answer.field("errcode") != test.errcode {
			t.Errorf("%s: %d %s", name, answer.status, answer.body)
		}
	}
	for uri, errcode := range map[string]string{
		"/cgi-bin/token":          "40002",
		"/cgi-bin/stable_token":   "43002",
		"/cgi-bin/tags/get":       "40066",
		"/cgi-bin/token?appid=wx": "40002",
	} {
		if answer := s.get(uri); answer.field("errcode") != errcode {
			t.Errorf("%s: %s", uri, answer.body)
		}
	}
	if answer := s.post("/cgi-bin/token", ""); answer.field("errcode") != "43001" {
		t.Errorf("%s", answer.body)
	}
}
