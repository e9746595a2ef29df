package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"wxhub/wx/sandbox"
)

// payee is somebody whom the first merchant can pay.
func (c *child) payee(platform *sandbox.Platform, name string) (user sandbox.User, id string) {
	c.t.Helper()
	user, err := platform.CreateUser(name)
	if err != nil {
		c.t.Fatal(err)
	}
	app := platform.Credentials().Merchants[0].AppIDs[0]
	code, err := platform.LoginCode(app, user.ID)
	if err != nil {
		c.t.Fatal(err)
	}
	var s struct{ User struct{ ID string } }
	c.call(http.MethodPost, "/v1/login/mini-program", "", map[string]string{"app_id": app, "code": code}, 200, &s)
	return user, s.User.ID
}

// keyed is a request with an Idempotency-Key, not sent yet.
func (c *child) keyed(method, path, key string, body any) *http.Request {
	c.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		c.t.Fatal(err)
	}
	r, err := http.NewRequest(method, c.url+path, bytes.NewReader(raw))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header = http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer " + apiKey}, "Idempotency-Key": {key}}
	return r
}

// The power goes out while WeChat is being asked for a transfer: before WeChat has it, and after. The restarted process goes on
// with the number that it had stored, and the money moves once.
func TestKilledDuringATransfer(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"hang", "drop", "lost_answer"} {
		t.Run(kind, func(t *testing.T) {
			platform, configFile := weChat(t)
			env := append(settings(configFile, "127.0.0.1:0", "http://127.0.0.1:1"), "WXHUB_JOBS__ORDER_SWEEP_INTERVAL=1s",
				"WXHUB_SERVER__API_KEYS=[{name: shop, key: '"+apiKey+"', scopes: [transfers]}]")
			c := serve(t, configFile, env...)
			user, id := c.payee(platform, "payee")
			const calls = "/v3/fund-app/mch-transfer/transfer-bills"
			if _, err := platform.AddFault(sandbox.Fault{Match: calls, Kind: kind, Times: 1}); err != nil {
				t.Fatal(err)
			}
			m := platform.Credentials().Merchants[0]
			body := map[string]any{
				"merchant_id": m.ID, "app_id": m.AppIDs[0], "user_id": id, "amount": 100, "scene_id": "1000", "remark": "prize",
				"report_infos": []map[string]string{{"type": "活动名称", "content": "抽奖"}},
			}
			asked := make(chan struct{})
			request := c.keyed(http.MethodPost, "/v1/transfers", "prize-1", body)
			go func() {
				defer close(asked)
				if answer, err := http.DefaultClient.Do(request); err == nil { // whether it is answered, nobody knows
					_ = answer.Body.Close()
				}
			}()
			within(t, "WeChat is asked", func() bool {
				return slices.ContainsFunc(platform.Log(0), func(e sandbox.Entry) bool { return strings.HasPrefix(e.Path, calls) })
			})
			c.kill()
			<-asked

			c = serve(t, configFile, env...)
			var x struct {
				ID     string
				Invoke struct{ Package string }
			}
			answer, err := http.DefaultClient.Do(c.keyed(http.MethodPost, "/v1/transfers", "prize-1", body))
			if err != nil {
				t.Fatal(err)
			}
			err = json.NewDecoder(answer.Body).Decode(&x)
			_ = answer.Body.Close() // read to its end
			if err != nil || answer.StatusCode != http.StatusCreated {
				t.Fatalf("%d %v", answer.StatusCode, err)
			}
			within(t, "the transfer waits for its receiver", func() bool {
				c.call(http.MethodGet, "/v1/transfers/"+x.ID, apiKey, nil, 200, &x)
				return x.Invoke.Package != ""
			})
			if err := platform.ConfirmTransfer(x.Invoke.Package, user.ID, false); err != nil {
				t.Fatal(err)
			}
			if _, err := platform.AdvanceClock(5 * time.Second); err != nil {
				t.Fatal(err)
			}
			within(t, "the transfer succeeds", func() bool {
				var got struct{ Status string }
				c.call(http.MethodGet, "/v1/transfers/"+x.ID, apiKey, nil, 200, &got)
				return got.Status == "succeeded"
			})
			if made := platform.Ledger().Transfers; len(made) != 1 || made[0].OutBillNo != x.ID {
				t.Errorf("%+v", made)
			}
		})
	}
}
