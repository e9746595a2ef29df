package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wxhub/wx/sandbox"
)

// The doctor finds nothing wrong where nothing is, and says of each thing that is wrong which
// it is and what to do. It never prints a secret.
func TestDoctor(t *testing.T) {
	platform, configFile := weChat(t)
	server := freeAddr(t) // where nobody is
	directory := filepath.Join(t.TempDir(), "locked")
	if err := os.WriteFile(directory, nil, 0o600); err != nil { // a file where a directory should be
		t.Fatal(err)
	}
	late := func(by time.Duration) string {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Date", time.Now().Add(-by).UTC().Format(http.TimeFormat))
		}))
		t.Cleanup(server.Close)
		return server.URL
	}
	anHourAgo, twoMinutesAgo := late(time.Hour), late(2*time.Minute+500*time.Millisecond)
	healthy := []string{
		"ok    config: ", "note  config: wechat.apps[5]: without open_platform", "ok    store: sqlite answers", "ok    redis: embedded", "ok    wechat.endpoints.api: ", "ok    wechat.endpoints.open: ", "ok    wechat.endpoints.mch: ",
		"ok    clock: ", "ok    wechat.apps[0]: " + sandbox.DefaultMiniProgram, "ok    pay.merchants[0]: " + sandbox.DefaultMerchant,
		"ok    pay.merchants[2]: " + sandbox.DefaultPartner + ": WeChat Pay knows", "ok    pay.merchants[2]: " + sandbox.DefaultPartner + ": platform certificate, until ",
	}
	for name, c := range map[string]struct {
		env  string
		code int
		says []string
	}{
		"all is well":                     {"", 0, healthy},
		"a wrong appsecret":               {"WXHUB_WECHAT__APPS__0__SECRET=0123456789abcdef0123456789abcdef", 1, []string{"FAIL  wechat.apps[0]: " + sandbox.DefaultMiniProgram, "→ enter the AppSecret", "ok    wechat.apps[1]"}},
		"another's serial":                {"WXHUB_PAY__MERCHANTS__0__CERT_SERIAL=2AD41F6E0C8B7935D1E04F82B6A9C3750E8D61FB", 1, []string{"FAIL  pay.merchants[0]: " + sandbox.DefaultMerchant, "→ cert_serial, private_key and id must belong together"}},
		"a wrong APIv3 key":               {"WXHUB_PAY__MERCHANTS__2__API_V3_KEY=0123456789abcdef0123456789abcdef", 1, []string{"FAIL  pay.merchants[2]: " + sandbox.DefaultPartner + ": no platform certificate", "→ check api_v3_key"}},
		"no Redis":                        {"WXHUB_REDIS__URL=redis://" + server, 1, []string{"FAIL  redis: ", "→ start Redis", "note  wechat.apps: not checked", "ok    pay.merchants[0]"}},
		"no store":                        {"WXHUB_STORE__URL=sqlite:" + directory + "/wxhub.db", 1, []string{"FAIL  store: ", "→ let store.url name a file"}},
		"no WeChat Pay":                   {"WXHUB_WECHAT__ENDPOINTS__MCH=http://" + server, 1, []string{"FAIL  wechat.endpoints.mch: ", "→ check DNS", "FAIL  pay.merchants[0]", "→ look at wechat.endpoints.mch first", "ok    wechat.apps[0]"}},
		"a clock that is an hour off":     {"WXHUB_WECHAT__ENDPOINTS__MCH=" + anHourAgo, 1, []string{"FAIL  clock: 1h0m", "→ WeChat Pay refuses every call"}},
		"a clock that is two minutes off": {"WXHUB_WECHAT__ENDPOINTS__MCH=" + twoMinutesAgo, 1, []string{"note  clock: 2m", "→ turn on time synchronisation before"}},
		"a classic token":                 {"WXHUB_WECHAT__APPS__0__CLASSIC_TOKEN=true", 0, []string{"note  wechat.apps[0]: " + sandbox.DefaultMiniProgram + ": not checked", "→ leave classic_token out", "ok    wechat.apps[1]"}},
		"a wrong configuration":           {"WXHUB_SERVER__ADDR=nowhere", 2, []string{"server.addr"}},
	} {
		t.Run(name, func(t *testing.T) {
			code, out := run(t, configFile, append(settings(configFile, "127.0.0.1:0", "http://127.0.0.1:1"), c.env), "doctor")
			if code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			for _, s := range c.says {
				if !strings.Contains(out, s) {
					t.Errorf("it does not say %q", s)
				}
			}
			for _, secret := range []string{platform.Credentials().Apps[0].Secret, platform.Credentials().Merchants[0].APIv3Key, apiKey} {
				if strings.Contains(out, secret) {
					t.Error("it prints a secret")
				}
			}
			if t.Failed() {
				t.Log(out)
			}
		})
	}
}
