package mp

import (
	"encoding/json"
	"os"
	"testing"

	"wxhub/model"
)

func TestOfficialJSSignature(t *testing.T) {
	const name = "jssdk-signature http://mp.weixin.qq.com?params=value"
	raw, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []struct {
		Name   string `json:"name"`
		Inputs struct {
			Ticket    model.Secret `json:"jsapi_ticket"`
			Nonce     string       `json:"noncestr"`
			Timestamp int64        `json:"timestamp"`
			URL       string       `json:"url"`
		} `json:"inputs"`
		Expected struct {
			Signature string `json:"signature"`
		} `json:"expected"`
	}
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	for _, v := range all {
		if v.Name != name {
			continue
		}
		for _, fragment := range []string{"", "#", "#/cart?x=1#y"} {
			if got := JSSignature(v.Inputs.Ticket, v.Inputs.Nonce, v.Inputs.Timestamp, v.Inputs.URL+fragment); got != v.Expected.Signature {
				t.Errorf("%q: got %s", fragment, got)
			}
		}
		return
	}
	t.Fatalf("there is no vector %q", name)
}
