package sandbox_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"wxhub/wx/sandbox"
)

func TestPushFaults(t *testing.T) {
	const wholly = 0
	for kind, test := range map[string]struct {
		arrive int // messages that arrive in all
		check  func(t *testing.T, s *stage, r *pushReceiver, all []push)
	}{
		"duplicate": {2, func(t *testing.T, _ *stage, r *pushReceiver, all []push) {
			if !r.genuine(all[0]) || !r.genuine(all[1]) || all[0].body == all[1].body {
				t.Error("not two genuine copies")
			}
		}},
		"replay": {2, func(t *testing.T, _ *stage, r *pushReceiver, all []push) {
			if !r.genuine(all[1]) || all[0].body != all[1].body || all[0].query.Encode() != all[1].query.Encode() {
				t.Error("not the same bytes twice")
			}
		}},
		"drop": {wholly, func(t *testing.T, s *stage, r *pushReceiver, _ []push) {
			s.waitAttempts(1)
			s.advance(5 * time.Second)
			if p := r.wait(t, 1)[0]; !r.genuine(p) {
				t.Error("the second attempt is not genuine")
			}
		}},
		"delay": {wholly, func(t *testing.T, s *stage, r *pushReceiver, _ []push) {
			eventually(t, "the fault strikes", func() bool { return len(s.platform.Faults()) == 0 })
			if len(r.all()) != 0 {
				t.Error("not late")
			}
			eventually(t, "it is put off", func() bool { s.advance(time.Minute); return len(r.all()) == 1 })
		}},
		"bad_signature": {1, func(t *testing.T, _ *stage, r *pushReceiver, all []push) {
			if r.genuine(all[0]) {
				t.Error("genuine")
			}
		}},
		"old_timestamp": {1, func(t *testing.T, _ *stage, r *pushReceiver, all []push) {
			seconds, _ := strconv.ParseInt(all[0].query.Get("timestamp"), 10, 64)
			if !r.genuine(all[0]) || time.Since(time.Unix(seconds, 0)) < 5*time.Minute {
				t.Errorf("%+v", all[0])
			}
		}},
		"downgrade": {1, func(t *testing.T, _ *stage, r *pushReceiver, all []push) {
			if !r.genuine(all[0]) || all[0].query.Has("encrypt_type") || all[0].query.Has("msg_signature") || !strings.Contains(all[0].body, "x_test") {
				t.Errorf("%+v", all[0])
			}
		}},
		"wrong_appid": {1, func(t *testing.T, _ *stage, r *pushReceiver, all []push) {
			if message, app := r.open(t, all[0]); !r.genuine(all[0]) || app == r.app.ID || !strings.Contains(message, "x_test") {
				t.Errorf("%q %q", message, app)
			}
		}},
		"wrong_key": {1, func(t *testing.T, _ *stage, r *pushReceiver, all []push) {
			if message, _ := r.open(t, all[0]); !r.genuine(all[0]) || strings.Contains(message, "x_test") {
				t.Errorf("%q", message)
			}
		}},
		"truncate": {1, func(t *testing.T, _ *stage, r *pushReceiver, all []push) {
			if strings.HasSuffix(all[0].body, "</xml>") {
				t.Errorf("%+v", all[0])
			}
		}},
	} {
		t.Run(kind, func(t *testing.T) {
			s := newStage(t, sandbox.Options{})
			r := s.pushReceiver(sandbox.DefaultOfficialAccount)
			s.setPush(r, "safe", "xml")
			s.fault(sandbox.Fault{Match: "push:x_test", Kind: kind})
			if err := s.platform.PushEvent(r.app.ID, map[string]any{"Event": "x_test"}); err != nil {
				t.Fatal(err)
			}
			test.check(t, s, r, r.wait(t, test.arrive))
		})
	}
}

func TestPushFaultsLeavePaymentsAlone(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	s.fault(sandbox.Fault{Match: "push", Kind: "drop", Times: 9})
	r := newReceiver(t, 204)
	s.paidOrder(r)
	if got := s.waitAttempts(1); got[0].Fault != "" {
		t.Errorf("%+v", got[0])
	}
	for kind, match := range map[string]string{"downgrade": "notify", "signtest": "push", "wrong_amount": "push:subscribe", "hang": "push"} {
		if _, err := s.platform.AddFault(sandbox.Fault{Match: match, Kind: kind}); err == nil {
			t.Errorf("%s fits %s", kind, match)
		}
	}
}
