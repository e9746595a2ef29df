package sandbox_test

import (
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"wxhub/wx/sandbox"
)

func TestOneOfManyExchangesWins(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	official, mini := sandbox.DefaultOfficialAccount, sandbox.DefaultMiniProgram
	code, phone := s.oauthCode(official, "snsapi_userinfo"), s.phoneCode(mini, "payer-1")
	s.stable(mini, false)
	var logins, phones atomic.Int64
	var group sync.WaitGroup
	for range 12 {
		group.Go(func() {
			if s.oauth(official, code).field("openid") != "" {
				logins.Add(1)
			}
			if s.phone(mini, `{"code":"`+phone+`"}`).field("errcode") == "0" {
				phones.Add(1)
			}
		})
	}
	group.Wait()
	if logins.Load() != 1 || phones.Load() != 1 {
		t.Errorf("%d logins, %d phones", logins.Load(), phones.Load())
	}
}

// It has nothing to say but for the race detector.
func TestEverythingChangesAtOnce(t *testing.T) {
	s := newStage(t, sandbox.Options{Faults: "default"})
	r := s.pushReceiver(sandbox.DefaultOfficialAccount)
	s.setPush(r, "safe", "")
	var group sync.WaitGroup
	for i := range 8 {
		name := "user-" + strconv.Itoa(i)
		group.Go(func() {
			if _, err := s.platform.CreateUser(name); err != nil {
				t.Error(err)
			}
			if err := s.platform.BindApp(r.app.ID, "open-"+strconv.Itoa(i%3)); err != nil {
				t.Error(err)
			}
			if _, err := s.platform.Follow(r.app.ID, name, ""); err != nil {
				t.Error(err)
			}
			if _, err := s.platform.OAuthCode(r.app.ID, name, "snsapi_userinfo"); err != nil {
				t.Error(err)
			}
			for _, u := range s.platform.Users() {
				for range u.UnionIDs {
					_ = u.Phone
				}
			}
			_ = s.control("GET", "/", "")
			_ = s.platform.Credentials()
			if _, err := s.platform.Unfollow(r.app.ID, name); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	for _, u := range s.platform.Users() {
		if len(u.UnionIDs) != 4 { // main and three more
			t.Errorf("%s: %v", u.Name, u.UnionIDs)
		}
	}
	r.wait(t, 16)
}
