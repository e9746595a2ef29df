package miniprogramtest

import (
	"encoding/json"
	"io"
	"log/slog"
	"os"
	"strings"
	"testing"

	"wxhub/cmd/wxdemo/stack"
	"wxhub/wx/sandbox"
)

// start runs the server and the sandbox, and returns what the scripts need to find them.
func start(t *testing.T) []string {
	t.Helper()
	s, err := stack.Start(t.Context(), stack.Options{
		Dir: t.TempDir(), Version: "test", Log: slog.New(slog.NewJSONHandler(io.Discard, nil)),
		Env: []string{
			"WXHUB_JOBS__HARVEST_INTERVAL=0s",
			"WXHUB_COLLECT_CODES=[{id: counter-1, merchant: '" + sandbox.DefaultMerchant + "', title: Corner shop, max: 500000}]",
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	m := s.Sandbox.Credentials().Merchants[0]
	return []string{
		"WXHUB_URL=" + s.URL, "WXHUB_CONTROL=" + s.ControlURL, "WXHUB_APP=" + m.AppIDs[0], "WXHUB_MERCHANT=" + m.ID, "WXHUB_KEY=" + s.APIKey,
	}
}

// TestTheRealServer drives the SDK, and the pages of the example, against the server and the sandbox.
func TestTheRealServer(t *testing.T) {
	env := start(t)
	for _, script := range []string{"end.js", "example-end.js"} {
		if out, err := node(t, env, "--test", "--test-reporter=tap", script); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	}
}

// TestTheExampleFindsTheDemo: what its config.js says is what wxdemo has.
func TestTheExampleFindsTheDemo(t *testing.T) {
	out, err := node(t, nil, "-p", "JSON.stringify(require('../../miniprogram/config.js'))")
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var c struct {
		URL, CollectCode string
		Sandbox          struct{ URL, AppID string }
	}
	if err := json.Unmarshal([]byte(out), &c); err != nil {
		t.Fatal(err)
	}
	demo, err := os.ReadFile("../../../cmd/wxdemo/main.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, has := range []string{strings.TrimPrefix(c.URL, "http://"), strings.TrimPrefix(c.Sandbox.URL, "http://"), `"` + c.CollectCode + `"`} {
		if !strings.Contains(string(demo), has) {
			t.Errorf("wxdemo has no %q", has)
		}
	}
	if c.Sandbox.AppID != sandbox.DefaultMiniProgram {
		t.Errorf("the sandbox's mini-program is %s, not %s", sandbox.DefaultMiniProgram, c.Sandbox.AppID)
	}
}
