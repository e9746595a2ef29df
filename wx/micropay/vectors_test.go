package micropay

import (
	"crypto/md5" //nolint:gosec // the published example of the text that is signed
	"encoding/hex"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"wxhub/model"
)

// The published examples of APIv2's signature: the text that is signed, and both sums of it.
func TestPublishedSignatures(t *testing.T) {
	raw, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []struct {
		Name   string
		Inputs struct {
			Params fields
			Key    model.Secret
			Text   string `json:"string_sign_temp"`
		}
		Expected struct{ Sign string }
	}
	if err := json.Unmarshal(raw, &all); err != nil || len(all) != 2 {
		t.Fatalf("%v, %d vectors", err, len(all))
	}
	for _, v := range all {
		if got := toSign(v.Inputs.Params, v.Inputs.Key); got != v.Inputs.Text {
			t.Errorf("%s: %s", v.Name, got)
		}
		got := sign(v.Inputs.Params, v.Inputs.Key)
		if v.Name == "v2-sign-md5" {
			sum := md5.Sum([]byte(v.Inputs.Text)) //nolint:gosec // as above
			got = strings.ToUpper(hex.EncodeToString(sum[:]))
		}
		if got != v.Expected.Sign {
			t.Errorf("%s: got %s", v.Name, got)
		}
	}
}

// Every field counts, also one that nobody here has heard of, and none that is empty.
func TestWhatASignatureCovers(t *testing.T) {
	f := fields{"return_code": "SUCCESS", "coupon_fee_3": "10", "attach": "a&b=c", "sign": "x"}
	base := sign(f, key)
	for name, change := range map[string]func(fields){
		"a changed field": func(f fields) { f["coupon_fee_3"] = "11" },
		"a removed one":   func(f fields) { delete(f, "coupon_fee_3") },
		"an added one":    func(f fields) { f["version"] = "1" },
	} {
		g := fields{}
		for k, v := range f {
			g[k] = v
		}
		if change(g); sign(g, key) == base {
			t.Errorf("%s does not count", name)
		}
	}
	f["openid"], f["sign"] = "", "y"
	if sign(f, key) != base {
		t.Error("an empty field or the signature itself counts")
	}
	if sign(f, key[:31]) == base {
		t.Error("the key does not count")
	}
}
