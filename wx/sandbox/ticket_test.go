package sandbox_test

import (
	"strings"
	"testing"
	"time"

	"wxhub/wx/sandbox"
)

func (s *stage) ticket(token, kind string) response {
	s.t.Helper()
	return s.get("/cgi-bin/ticket/getticket?access_token=" + token + "&type=" + kind)
}

func TestATicketStaysUntilItEnds(t *testing.T) {
	s := still(t)
	token := s.stable(sandbox.DefaultOfficialAccount, false).field("access_token")
	first := s.ticket(token, "jsapi")
	if first.field("errcode") != "0" || first.field("errmsg") != "ok" || first.field("expires_in") != "7200" || first.field("ticket") == "" {
		t.Fatalf("%s", first.body)
	}
	card := s.ticket(token, "wx_card").field("ticket")
	other := s.ticket(s.stable(sandbox.DefaultMiniProgram, false).field("access_token"), "jsapi").field("ticket")
	if card == "" || other == "" || card == first.field("ticket") || other == first.field("ticket") {
		t.Error("one ticket for two uses or two apps")
	}
	s.advance(time.Hour)
	if again := s.post("/cgi-bin/ticket/getticket?type=jsapi&access_token="+token, ""); again.field("ticket") != first.field("ticket") || again.field("expires_in") != "3600" {
		t.Errorf("%s", again.body)
	}
	s.advance(time.Hour)
	token = s.stable(sandbox.DefaultOfficialAccount, false).field("access_token")
	if next := s.ticket(token, "jsapi"); next.field("ticket") == first.field("ticket") || next.field("expires_in") != "7200" {
		t.Errorf("%s", next.body)
	}
}

func TestCallsWithATokenRefuseABadOne(t *testing.T) {
	s := still(t)
	old := s.stable(sandbox.DefaultMiniProgram, false).field("access_token")
	s.advance(2 * time.Hour)
	current := s.stable(sandbox.DefaultMiniProgram, false).field("access_token")
	for token, errcode := range map[string]string{
		"": "41001", "x": "40014", "70_" + strings.Repeat("x", 133): "40001", old: "42001",
	} {
		for _, path := range []string{"/cgi-bin/ticket/getticket?type=jsapi", "/cgi-bin/get_api_domain_ip?x"} {
			if answer := s.get(path + "&access_token=" + token); answer.field("errcode") != errcode {
				t.Errorf("%s: %s, want %s", path, answer.body, errcode)
			}
		}
	}
	for _, kind := range []string{"", "x", "JSAPI"} {
		if answer := s.ticket(current, kind); answer.field("errcode") != "40097" {
			t.Errorf("type %q: %s", kind, answer.body)
		}
	}
	if answer := s.get("/cgi-bin/get_api_domain_ip?access_token=" + current); !strings.Contains(string(answer.body), `{"ip_list":["`) {
		t.Errorf("%s", answer.body)
	}
	for _, e := range s.platform.Log(0) {
		if strings.Contains(e.Path, "access_token=") && !strings.HasSuffix(strings.Split(e.Path, "&")[0], "access_token=%2A%2A%2A") {
			t.Errorf("the log holds a token: %s", e.Path)
		}
	}
	if last := s.platform.Log(0); last[len(last)-1].App != sandbox.DefaultMiniProgram {
		t.Error("the log does not say whose call it was")
	}
}
