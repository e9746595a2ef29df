package sandbox_test

import (
	"strings"
	"testing"
	"time"

	"wxhub/wx/sandbox"
)

func (s *stage) revoke(more string) {
	s.t.Helper()
	if answer := s.control("POST", "/tokens/revoke", `{"app_id":"`+sandbox.DefaultMiniProgram+`"`+more+`}`); answer.status != 204 {
		s.t.Fatalf("%d %s", answer.status, answer.body)
	}
}

func TestRevokedTokensAreBadAtOnceAndReplaced(t *testing.T) {
	s := still(t)
	stable := s.stable(sandbox.DefaultMiniProgram, false).field("access_token")
	plain := s.plain(sandbox.DefaultMiniProgram).field("access_token")
	other := s.stable(sandbox.DefaultOfficialAccount, false).field("access_token")
	s.revoke("")
	for token, want := range map[string]string{stable: "40001", plain: "40001", other: good} {
		if code := s.tokenCode(token); code != want {
			t.Errorf("%s, want %s", code, want)
		}
	}
	next := s.stable(sandbox.DefaultMiniProgram, false)
	if next.field("access_token") == stable || next.field("expires_in") != "7200" || s.tokenCode(next.field("access_token")) != good {
		t.Errorf("%s", next.body)
	}
	if code := s.tokenCode(s.plain(sandbox.DefaultMiniProgram).field("access_token")); code != good {
		t.Errorf("the next plain token gets %s", code)
	}
}

// The platform insists on a token that its own API calls bad, until it is forced.
func TestAStuckTokenIsAnsweredUntilItIsForcedAway(t *testing.T) {
	s := still(t)
	stuck := s.stable(sandbox.DefaultMiniProgram, false).field("access_token")
	s.revoke(`,"stuck":true`)
	s.advance(time.Minute)
	again := s.stable(sandbox.DefaultMiniProgram, false)
	if again.field("access_token") != stuck || again.field("expires_in") != "7140" || s.tokenCode(stuck) != "40001" {
		t.Errorf("%s", again.body)
	}
	forced := s.stable(sandbox.DefaultMiniProgram, true).field("access_token")
	if forced == stuck || s.tokenCode(forced) != good {
		t.Error("the forced token is no better")
	}
	s.revoke("")
	if s.stable(sandbox.DefaultMiniProgram, false).field("access_token") == forced {
		t.Error("it still insists after the forced refresh")
	}
}

// A stuck token ends in its time like any other.
func TestAStuckTokenEnds(t *testing.T) {
	s := still(t)
	stuck := s.stable(sandbox.DefaultMiniProgram, false).field("access_token")
	s.revoke(`,"stuck":true`)
	s.advance(2 * time.Hour)
	if next := s.stable(sandbox.DefaultMiniProgram, false).field("access_token"); next == stuck || s.tokenCode(next) != good {
		t.Error("the platform insists on a token that is over")
	}
}

func TestOnlyAllowedAddressesGetATokenAndTheRefusalNamesTheCaller(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	allow := func(ips string) {
		t.Helper()
		if answer := s.control("POST", "/apps/ip-allow-list", `{"app_id":"`+sandbox.DefaultMiniProgram+`","ips":`+ips+`}`); answer.status != 204 {
			t.Fatalf("%d %s", answer.status, answer.body)
		}
	}
	allow(`["203.0.113.9"]`)
	for _, answer := range []response{s.stable(sandbox.DefaultMiniProgram, false), s.plain(sandbox.DefaultMiniProgram)} {
		if answer.field("errcode") != "40164" || !strings.HasPrefix(answer.field("errmsg"), "invalid ip 127.0.0.1 ipv6 ::ffff:127.0.0.1, not in whitelist rid: ") {
			t.Errorf("%s", answer.body)
		}
	}
	if answer := s.stable(sandbox.DefaultOfficialAccount, false); answer.field("access_token") == "" {
		t.Errorf("an app without a list: %s", answer.body)
	}
	for _, ips := range []string{`["203.0.113.9","::ffff:127.0.0.1"]`, `[]`} {
		allow(ips)
		if answer := s.stable(sandbox.DefaultMiniProgram, false); answer.field("access_token") == "" {
			t.Errorf("%s: %s", ips, answer.body)
		}
	}
	allow(`["203.0.113.9"]`)
	s.platform.Reset()
	if answer := s.stable(sandbox.DefaultMiniProgram, false); answer.field("access_token") == "" {
		t.Errorf("the list outlived a reset: %s", answer.body)
	}
}
