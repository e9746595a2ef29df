package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"wxhub/wx/sandbox"
)

// run runs a command of wxhub to its end.
func run(t *testing.T, configFile string, env []string, args ...string) (code int, out string) {
	t.Helper()
	cmd := command(env, append([]string{"--config", configFile}, args...)...)
	text, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(text)
}

// A notification that is WeChat Pay's and not true is refused and waits in the inbox. The
// right copy, under the same id, takes it out.
func TestTheInboxOfNotifications(t *testing.T) {
	platform, configFile := weChat(t)
	u, err := platform.CreateUser("payer")
	if err != nil {
		t.Fatal(err)
	}
	addr := freeAddr(t)
	env := settings(configFile, addr, "http://"+addr)
	c := serve(t, configFile, env...)
	wants := func(code int, says string, args ...string) string {
		t.Helper()
		got, out := run(t, configFile, env, append([]string{"notify"}, args...)...)
		if got != code || !strings.Contains(out, says) || strings.Contains(out, "goroutine") {
			t.Errorf("notify %s: exit code %d, want %d and %q:\n%s", strings.Join(args, " "), got, code, says, out)
		}
		return out
	}
	wants(0, "", "list")
	wants(0, "", "replay")
	wants(1, "not in the inbox", "replay", "1900000001.nobody")

	if _, err := platform.AddFault(sandbox.Fault{Match: "notify", Kind: "wrong_amount", Times: 1}); err != nil {
		t.Fatal(err)
	}
	var o struct{ ID, Status string }
	c.call(http.MethodPost, "/v1/orders", apiKey, map[string]any{
		"merchant_id": platform.Credentials().Merchants[0].ID, "amount": 990, "description": "tea",
	}, 201, &o)
	var p struct {
		Invoke struct {
			CodeURL string `json:"code_url"`
		}
	}
	c.call(http.MethodPost, "/v1/orders/"+o.ID+"/prepay", apiKey, map[string]string{"method": "native"}, 200, &p)
	if _, err := platform.Pay(p.Invoke.CodeURL, u.ID, sandbox.PaySuccess); err != nil {
		t.Fatal(err)
	}
	answered := func(status int) {
		t.Helper()
		for deadline := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
			for _, e := range platform.Log(0) {
				if e.Direction == sandbox.DirectionNotification && e.Status == status {
					return
				}
			}
			if time.Now().After(deadline) {
				t.Fatalf("no notification was answered %d", status)
			}
		}
	}
	answered(http.StatusUnprocessableEntity)
	listed := wants(3, "payment_mismatch", "list")
	id, _, _ := strings.Cut(listed, " ")
	wants(3, "1 of 1 still refused", "replay", id)
	wants(3, "1 of 1 still refused", "replay")
	c.call(http.MethodGet, "/v1/orders/"+o.ID, apiKey, nil, 200, &o)
	if o.Status != "pending" {
		t.Errorf("the order is %s", o.Status)
	}

	if _, err := platform.AdvanceClock(20 * time.Second); err != nil {
		t.Fatal(err)
	}
	answered(http.StatusNoContent)
	wants(0, "", "list")
	wants(0, id, "list", "--status", "done")
	wants(0, id+"  done", "replay", id)
	c.call(http.MethodGet, "/v1/orders/"+o.ID, apiKey, nil, 200, &o)
	if o.Status != "paid" {
		t.Errorf("the order is %s", o.Status)
	}
}
