package main

import (
	"slices"
	"strings"
	"testing"
)

// run runs a command of wxhub to its end.
func (f *fleet) run(env []string, args ...string) (code int, out string) {
	f.t.Helper()
	cmd := command(append(f.env(), env...), append([]string{"--config", f.configFile}, args...)...)
	raw, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		f.t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(raw)
}

// wantHidden: of a token at most the first four characters may be shown.
func wantHidden(t *testing.T, out string, tokens ...string) {
	t.Helper()
	for _, token := range tokens {
		for piece := range slices.Chunk([]byte(token), 5) {
			if len(piece) == 5 && strings.Contains(out, string(piece)) {
				t.Fatalf("a piece of a token was printed:\n%s", out)
			}
		}
	}
}

func TestTokenShowNeverPrintsAWholeToken(t *testing.T) {
	f := newFleet(t, 1)
	code, out := f.run(nil, "token", "show", "--app", appOne)
	if code != 0 || strings.Count(out, "none: nobody has asked for it") != 3 {
		t.Errorf("cold: exit code %d:\n%s", code, out)
	}
	f.wantFetches("", 0, 0)
	token := f.mustRead(f.children[0], appOne)
	code, out = f.run(nil, "token", "show", "--app", appOne)
	for _, want := range []string{"access_token", token[:4] + "… (136 characters)", "fetched", "ends in", "jsapi_ticket", "wx_card_ticket"} {
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("exit code %d, does not say %q:\n%s", code, want, out)
		}
	}
	wantHidden(t, out, token)
	f.wantFetches("", 1, 1)
}

func TestTokenRefreshReplacesTheTokenOfRunningServers(t *testing.T) {
	f := newFleet(t, 3)
	old := only(t, f.rush(appOne, 30))
	other := only(t, f.rush(appTwo, 30))
	code, out := f.run(nil, "token", "refresh", "--app", appOne)
	if code != 0 || !strings.Contains(out, "access_token") || strings.Count(out, "\n") != 1 {
		t.Errorf("exit code %d:\n%s", code, out)
	}
	calls := f.fetches("")
	fresh := map[string]int{}
	for _, c := range f.children {
		within(t, "the process has the new token", func() bool {
			token := f.mustRead(c, appOne)
			if token != old {
				fresh[token]++
			}
			return token != old
		})
		if f.mustRead(c, appTwo) != other {
			t.Error("the other app's token was replaced too")
		}
	}
	if f.fetches("") != calls {
		t.Errorf("the processes asked WeChat %d times for what the command had fetched", f.fetches("")-calls)
	}
	wantHidden(t, out, old, only(t, fresh))
	f.wantAlive(old, only(t, fresh), other)
}

func TestTokenCommandsSayWhatIsWrong(t *testing.T) {
	f := newFleet(t, 0)
	for name, c := range map[string]struct {
		env  []string
		args []string
		code int
		says string
	}{
		"show, unknown app":       {nil, []string{"show", "--app", "wx0000000000000000"}, 1, "no such app"},
		"refresh, unknown app":    {nil, []string{"refresh", "--app", "wx0000000000000000"}, 1, "no such app"},
		"show, app without":       {nil, []string{"show", "--app", "wxc5f19a2e7d4083b6"}, 1, "no such app"},
		"show, embedded Redis":    {[]string{"WXHUB_REDIS__URL=embedded:"}, []string{"show", "--app", appOne}, 1, "redis.url is embedded"},
		"refresh, embedded Redis": {[]string{"WXHUB_REDIS__URL=embedded:"}, []string{"refresh", "--app", appOne}, 1, "redis.url is embedded"},
		"show, no Redis":          {[]string{"WXHUB_REDIS__URL=redis://:hunter2@" + freeAddr(t)}, []string{"show", "--app", appOne}, 1, "redis.url"},
		"no app":                  {nil, []string{"show"}, 2, "--app"},
	} {
		t.Run(name, func(t *testing.T) {
			code, out := f.run(c.env, append([]string{"token"}, c.args...)...)
			if code != c.code || !strings.Contains(out, c.says) || strings.Contains(out, "hunter2") {
				t.Errorf("exit code %d, want %d and %q:\n%s", code, c.code, c.says, out)
			}
			if c.code == 1 && strings.Count(out, "wxhub: ") != 1 {
				t.Errorf("not one line:\n%s", out)
			}
		})
	}
	f.wantFetches("", 0, 0)
}
