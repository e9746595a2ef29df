package apiv2_test

import (
	"encoding/json"
	"os"
	"testing"

	"wxhub/wx/sandbox/apiv2"
)

func TestKnownAnswers(t *testing.T) {
	text, err := os.ReadFile("../testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct {
		Name             string
		Inputs, Expected json.RawMessage
	}
	if err := json.Unmarshal(text, &vectors); err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, v := range vectors {
		kind := map[string]string{"v2-sign-md5": apiv2.MD5, "v2-sign-hmac-sha256": apiv2.HMACSHA256}[v.Name]
		if kind == "" {
			continue
		}
		var in struct {
			Params map[string]string
			Key    string
		}
		var want struct{ Sign string }
		if err := json.Unmarshal(v.Inputs, &in); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(v.Expected, &want); err != nil {
			t.Fatal(err)
		}
		found++
		in.Params["empty"], in.Params["sign"] = "", "whatever"
		if got := apiv2.Sign(in.Params, in.Key, kind); got != want.Sign {
			t.Errorf("%s: %s, not %s", v.Name, got, want.Sign)
		}
	}
	if found == 0 {
		t.Error("no vector")
	}
}

// The answer for HMAC-SHA256 that the documentation gives beside that for MD5, of the same fields.
func TestKnownAnswerHMAC(t *testing.T) {
	fields := map[string]string{"appid": "wxd930ea5d5a258f4f", "mch_id": "10000100", "device_info": "1000", "body": "test", "nonce_str": "ibuaiVcKdpRxkhJA"}
	if got := apiv2.Sign(fields, "192006250b4c09247ec02edce69f6a2d", apiv2.HMACSHA256); got != "6A9AE1657590FD6257D693A078E1C3E4BB6BA4DC30B23E0EE2496E54170DACD6" {
		t.Error(got)
	}
}
