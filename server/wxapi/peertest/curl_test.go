package peertest

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"testing"
)

// A shell script is the smallest program there is.
func TestCurl(t *testing.T) {
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Fatal("this test needs curl on the PATH; install it (apt, brew, dnf …) and try again")
	}
	f := newFace(t)
	type answer struct {
		ErrCode     int      `json:"errcode"`
		ErrMsg      string   `json:"errmsg"`
		AccessToken string   `json:"access_token"`
		Ticket      string   `json:"ticket"`
		IPList      []string `json:"ip_list"`
	}
	run := func(arguments ...string) (a answer, err error) {
		out, err := exec.CommandContext(t.Context(), curl, append([]string{"--silent", "--show-error", "--fail", "--max-time", "20"}, arguments...)...).Output()
		if err == nil {
			err = json.Unmarshal(out, &a)
		}
		if err == nil && a.ErrCode != 0 {
			err = fmt.Errorf("errcode %d: %s", a.ErrCode, a.ErrMsg)
		}
		return a, err
	}
	kept := ""
	f.use(t, peer{
		token: func() (string, error) {
			if kept != "" {
				return kept, nil
			}
			a, err := run(f.base + "cgi-bin/token?grant_type=client_credential&appid=" + f.app + "&secret=" + f.APIKey)
			kept = a.AccessToken
			return kept, err
		},
		ticket: func() (string, error) {
			a, err := run(f.base + "cgi-bin/ticket/getticket?type=jsapi&access_token=" + kept)
			return a.Ticket, err
		},
		call: func() ([]string, error) {
			a, err := run(f.base + "cgi-bin/get_api_domain_ip?access_token=" + kept)
			return a.IPList, err
		},
	})
	// Without any token: the key in a header is enough.
	if a, err := run("--header", "Authorization: Bearer "+f.APIKey, f.base+"cgi-bin/get_api_domain_ip"); err != nil || len(a.IPList) == 0 {
		t.Errorf("%+v, %v", a, err)
	}
}
