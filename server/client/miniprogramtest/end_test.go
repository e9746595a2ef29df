package miniprogramtest

import (
	"io"
	"testing"

	"log/slog"

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
