package config_test

import (
	"strings"
	"testing"
)

// partner is a service provider in certificate mode.
const partner = `
wechat: {apps: [{id: wx0000000000000001, kind: mini_program, secret: s}]}
pay:
  merchants:
    - {id: "1900000201", mode: partner, app_id: wx0000000000000001, api_v3_key: ` + goodV3Key + `, cert_serial: ABCDEF0124,
       private_key: "file:apiclient_key.pem", sub_merchants: [{id: "1900000301", apps: [wx0000000000000001]}, {id: "1900000302"}]}
collect_codes: [{id: c1, merchant: "1900000201", sub_merchant: "1900000302", title: t, min: 5, max: 10}]
`

func TestServiceProvider(t *testing.T) {
	m := mustLoad(t, partner).Pay.Merchants[0]
	if m.AppID != "wx0000000000000001" || len(m.SubMerchants) != 2 || m.SubMerchants[0].Apps[0] != m.AppID || m.PublicKey != nil {
		t.Errorf("got %+v", m)
	}
}

func TestFaultsOfServiceProviders(t *testing.T) {
	const merchant = "pay.merchants[0]."
	for name, c := range map[string]struct{ old, replacement, key, remedy string }{
		"no app":                  {"app_id: wx0000000000000001, ", "", merchant + "app_id", "sp_appid"},
		"a strange app":           {"app_id: wx0000000000000001, ", "app_id: wx0000000000000009, ", merchant + "app_id[0]", "add the app"},
		"a sub merchant's":        {`"1900000301", apps: [wx0000000000000001]`, `"1900000301", apps: [wx0000000000000009]`, merchant + "sub_merchants[0].apps[0]", "add the app"},
		"no number":               {`{id: "1900000301",`, `{id: shop,`, merchant + "sub_merchants[0].id", "digits only"},
		"the same number":         {`{id: "1900000301",`, `{id: "1900000302",`, merchant + "sub_merchants[1].id", "the same sub merchant"},
		"a code without":          {`sub_merchant: "1900000302", `, "", "collect_codes[0].sub_merchant", "must be one of"},
		"a code of somebody else": {`sub_merchant: "1900000302", `, `sub_merchant: "1900000309", `, "collect_codes[0].sub_merchant", "must be one of"},
		"half a public key":       {"cert_serial:", "wechatpay_public_key_id: PUB_KEY_ID_01, cert_serial:", merchant + "wechatpay_public_key", "leave its id out too"},
	} {
		text := strings.Replace(partner, c.old, c.replacement, 1)
		if text == partner {
			t.Fatalf("%s: %q is not there", name, c.old)
		}
		faults := faultsOf(t, text)
		if len(faults) != 1 || faults[0].Key != c.key || !strings.Contains(faults[0].Problem, c.remedy) {
			t.Errorf("%s: got %v", name, faults)
		}
	}
}
