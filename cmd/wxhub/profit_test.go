package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"wxhub/wx/sandbox"
)

// The power goes out while WeChat is being asked to share a payment, before WeChat has it and after. The restarted process goes on
// by itself with the number that it had stored, and the money is shared once.
func TestKilledDuringAProfitSharing(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"hang", "lost_answer"} {
		t.Run(kind, func(t *testing.T) {
			// Two minutes behind us: what was paid just now may be shared already.
			behind := sandbox.Options{Now: func() time.Time { return time.Now().Add(-2 * time.Minute) }}
			platform, _, configFile := weChatOf(t, behind, func(*sandbox.Platform) {})
			env := append(settings(configFile, "127.0.0.1:0", "http://127.0.0.1:1"), "WXHUB_JOBS__ORDER_SWEEP_INTERVAL=1s")
			c := serve(t, configFile, env...)
			m := platform.Credentials().Merchants[0]
			c.call(http.MethodPost, "/v1/merchants/"+m.ID+"/profit-sharing/receivers", apiKey, map[string]any{
				"app_id": m.AppIDs[0], "type": "MERCHANT_ID", "account": sandbox.DefaultSecondMerchant, "name": "某某商店", "relation_type": "PARTNER",
			}, 204, nil)
			id := c.paidToShare(platform, m.ID)
			if _, err := platform.AdvanceClock(time.Minute); err != nil {
				t.Fatal(err)
			}
			if _, err := platform.AddFault(sandbox.Fault{Match: "/v3/profitsharing/orders", Kind: kind, Times: 1}); err != nil {
				t.Fatal(err)
			}
			request := c.keyed(http.MethodPost, "/v1/orders/"+id+"/profit-sharings", "share-1", map[string]any{"unfreeze_unsplit": true, "receivers": []map[string]any{
				{"type": "MERCHANT_ID", "account": sandbox.DefaultSecondMerchant, "amount": 2000, "description": "shop"},
			}})
			asked := make(chan struct{})
			go func() {
				defer close(asked)
				if answer, err := http.DefaultClient.Do(request); err == nil { // whether it is answered, nobody knows
					_ = answer.Body.Close()
				}
			}()
			within(t, "WeChat is asked", func() bool {
				return slices.ContainsFunc(platform.Log(0), func(e sandbox.Entry) bool { return strings.HasPrefix(e.Path, "/v3/profitsharing/orders") })
			})
			c.kill()
			<-asked

			c = serve(t, configFile, env...)
			within(t, "WeChat shares", func() bool { return len(platform.Sharings()) > 0 })
			if _, err := platform.AdvanceClock(5 * time.Second); err != nil {
				t.Fatal(err)
			}
			within(t, "the profit sharing is finished", func() bool {
				var list struct{ Data []struct{ Status string } }
				c.call(http.MethodGet, "/v1/orders/"+id+"/profit-sharings", apiKey, nil, 200, &list)
				return len(list.Data) == 1 && list.Data[0].Status == "finished"
			})
			if made := platform.Sharings(); len(made) != 1 || made[0].Parts[0].Amount != 2000 || made[0].Parts[0].Result != sandbox.PartSuccess {
				t.Errorf("%+v", made)
			}
		})
	}
}

// paidToShare is a paid order of 10000 fen whose money is frozen.
func (c *child) paidToShare(platform *sandbox.Platform, merchant string) (id string) {
	c.t.Helper()
	var o struct{ ID, Status string }
	c.call(http.MethodPost, "/v1/orders", apiKey, map[string]any{"merchant_id": merchant, "amount": 10000, "description": "tea", "profit_sharing": true}, 201, &o)
	var p struct {
		Invoke struct {
			CodeURL string `json:"code_url"`
		}
	}
	c.call(http.MethodPost, "/v1/orders/"+o.ID+"/prepay", apiKey, map[string]string{"method": "native"}, 200, &p)
	payer, err := platform.CreateUser("payer")
	if err != nil {
		c.t.Fatal(err)
	}
	if _, err := platform.Pay(p.Invoke.CodeURL, payer.ID, sandbox.PaySuccess); err != nil {
		c.t.Fatal(err)
	}
	c.call(http.MethodGet, "/v1/orders/"+o.ID+"?refresh=true", apiKey, nil, 200, &o)
	if o.Status != "paid" {
		c.t.Fatalf("the order is %s", o.Status)
	}
	return o.ID
}
