package config_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"strings"
	"testing"
)

// inExample changes one thing of the checked-in example, which is valid, and says
// in which line the change is.
func inExample(t *testing.T, old, replacement string) faultCase {
	t.Helper()
	before, after, found := strings.Cut(example(t), old)
	if !found {
		t.Fatalf("%q is not in the example", old)
	}
	return faultCase{
		text: before + replacement + after,
		env:  strings.Join(fixtureEnv(), "\n"),
		line: strings.Count(before, "\n") + 1,
	}
}

// TestFaultsOfDomain changes the example in one place each.
func TestFaultsOfDomain(t *testing.T) {
	const mini, official, merchant = "wechat.apps[0].", "wechat.apps[1].", "pay.merchants[0]."
	literal := func(pem string) string { return fmt.Sprintf("%q", pem) }
	private, public, certificate := `"file:apiclient_key.pem"`, `"file:pub_key.pem"`, `"file:apiclient_cert.pem"`
	for _, c := range []struct {
		old, replacement, key, remedy string
		offset                        int // lines from the change to the fault: a missing key is reported at its holder
	}{
		{"- id: wx0000000000000002", "- id: gh_0001", official + "id", "wx and letters or digits", 0},
		{"- id: wx0000000000000002", "- id: wx0000000000000001", official + "id", "same app id as wechat.apps[0].id", 0},
		{"kind: mini_program", "kind: mini_programm", mini + "kind", "did you mean mini_program?", 0},
		{"kind: website", "kind: x", "wechat.apps[2].kind", "use one of mini_program, official_account", 0},
		{`secret: "env:MINI_APP_SECRET"`, "", mini + "secret", "AppSecret", -2},
		{"open_platform: main", "open_platform: a/b", mini + "open_platform", "such as main", 0},
		{`"env:MP_TOKEN" `, canary + "-!", official + "token", "3 to 32 letters", 0},
		{`token: "env:MP_TOKEN" `, "", official + "token", "needs both", -4},
		{`"env:MP_AES_KEY"`, canary, official + "aes_key", "43 letters", 0},
		{"kind: website,", "kind: website, token: " + canary + ",", "wechat.apps[2].token", "gets no messages", 0},
		{"kind: website,", "kind: website, aes_key: " + canary + ",", "wechat.apps[2].aes_key", "gets no messages", 0},
		{"kind: website,", "kind: website, js_hosts: [a.example],", "wechat.apps[2].js_hosts", "only an official_account", 0},
		{"[shop.example.com]", "[shop.example.com, shop.example.com]", official + "js_hosts[1]", "same host", 0},
		{"[shop.example.com]", "[\"https://shop.example.com\"]", official + "js_hosts[0]", "a host in lower case", 0},
		{"[shop.example.com]", "[Shop.example.com]", official + "js_hosts[0]", "a host in lower case", 0},
		{"[10.0.0.0/8]", "[10.0.0.0/40]", "server.trusted_proxies[0]", "CIDR", 0},
		{"[10.0.0.0/8]", "[proxy.example]", "server.trusted_proxies[0]", "an IP address", 0},
		{"name: MP_verify_abcdefgh12345678.txt", "name: ../x.txt", "server.verify_files[0].name", "MP_verify_", 0},
		{"content: abcdefgh12345678", "content: <script>", "server.verify_files[0].content", "letters and digits", 0},
		{"kind: website,", "kind: website, menu: [{name: a}],", "wechat.apps[2].menu", "only an official_account", 0},
		{"kind: website,", "kind: website, upload_shipping_info: true,", "wechat.apps[2].upload_shipping_info", "for a mini_program", 0},
		{"upload_shipping_info: true ", "", mini + "shipping", "does nothing without", 1},
		{"shipping: virtual", "shipping: express", mini + "shipping", "use one of virtual", 0},
		{"shipping: virtual", "", mini + "shipping", "virtual", -6},
		{"name: Shop", "name: 一二三四五六", official + "menu[0].name", "at most 16", 0},
		{"name: Shop, ", "", official + "menu[0].name", "is missing", 0},
		{"type: miniprogram", "type: mini", official + "menu[0].type", "such as view", 0},
		{", pagepath: pages/index", "", official + "menu[0].pagepath", "of type miniprogram needs it", 0},
		{"appid: wx0000000000000001", "appid: x", official + "menu[0].appid", "mini-program", 0},
		{"type: click, key: help", "type: click", official + "menu[1].sub_button[0].key", "needs it", 0},
		{"key: help", "key: " + strings.Repeat("k", 129), official + "menu[1].sub_button[0].key", "at most 128", 0},
		{`url: "https://shop.example.com/help"`, `url: "//x"`, official + "menu[1].sub_button[1].url", "http or https", 0},
		{"name: More\n", "name: More\n          type: click\n", official + "menu[1].type", "remove type", 1},
		{"key: help}", "key: help, sub_button: [{name: x}]}", official + "menu[1].sub_button[0].sub_button", "two levels", 0},
		{"mode: direct ", "mode: both ", merchant + "mode", "use one of direct, partner", 0},
		{"mode: direct ", "sub_merchants: [{id: \"1900000301\"}] ", merchant + "sub_merchants", "write mode: partner", 0},
		{"mode: direct ", "app_id: wx0000000000000001 ", merchant + "app_id", "for mode partner", 0},
		{`"env:MCH_API_V3_KEY"`, canary, merchant + "api_v3_key", "exactly 32", 0},
		{`"env:MCH_API_V2_KEY"`, canary, merchant + "api_v2_key", "exactly 32", 0},
		{"cert_serial: 0000000000000000000000000000000000000001", "cert_serial: xyz", merchant + "cert_serial", "openssl x509", 0},
		{private, literal(canary), merchant + "private_key", "is not PEM", 0},
		{private, literal(privatePEM() + publicPEM()), merchant + "private_key", "more than one", 0},
		{private, public, merchant + "private_key", "apiclient_key.pem", 0},
		{private, literal(pemText("CERTIFICATE", []byte(canary), nil)), merchant + "private_key", "is a certificate", 0},
		{private, literal(pemText("ENCRYPTED PRIVATE KEY", []byte(canary), nil)), merchant + "private_key", "openssl pkey", 0},
		{private, literal(pemText("PRIVATE KEY", []byte(canary), nil)), merchant + "private_key", "no valid RSA", 0},
		{private, literal(curvePEM(t)), merchant + "private_key", "no valid RSA", 0},
		{private, literal(smallPEM(t)), merchant + "private_key", "at least 2048", 0},
		{public, private, merchant + "wechatpay_public_key", "pub_key.pem", 0},
		{public, literal(pemText("CERTIFICATE", []byte(canary), nil)), merchant + "wechatpay_public_key", "platform certificate", 0},
		{public, literal(pemText("RSA PUBLIC KEY", []byte(canary), nil)), merchant + "wechatpay_public_key", "openssl rsa", 0},
		{"wechatpay_public_key_id: PUB_KEY_ID_0000000000000000000000000000000001", "", merchant + "wechatpay_public_key_id", "for platform certificates", -8},
		{"wechatpay_public_key_id: PUB_KEY_ID_", "wechatpay_public_key_id: X", merchant + "wechatpay_public_key_id", "PUB_KEY_ID_", 0},
		{"code_pay: v3", "code_pay: v1", merchant + "code_pay", "did you mean v3?", 0},
		{certificate, private, merchant + "certificate", "apiclient_cert.pem", 0},
		{certificate, literal(canary), merchant + "certificate", "is not PEM", 0},
		{certificate, literal(pemText("CERTIFICATE", []byte(canary), nil)), merchant + "certificate", "no valid certificate", 0},
		{certificate, literal(certificatePEM(keys().wechat)), merchant + "certificate", "not the certificate of private_key", 0},
		{"apps: [wx0000000000000001]", "apps: [wx0000000000000009]", merchant + "apps[0]", "add the app", 0},
		{"apps: [wx0000000000000001]", "apps: [wx0000000000000001, wx0000000000000001]", merchant + "apps[1]", "same app id", 0},
		{`"https://shop.example.com/wxhub"`, "x", "webhooks[0].url", "absolute http", 0},
		{`"https://shop.example.com/wxhub"`, `"https://u:p@shop.example.com"`, "webhooks[0].url", "signature proves", 0},
		{`"env:SHOP_WEBHOOK_SECRET"`, canary, "webhooks[0].secret", "whsec_", 0},
		{`"env:SHOP_WEBHOOK_SECRET"`, "whsec_" + strings.Repeat("A", 88), "webhooks[0].secret", "24 to 64 bytes", 0},
		{"order.paid, refund", "order.payed, refund", "webhooks[0].events[0]", "did you mean order.paid?", 0},
		{"[order.paid, refund.succeeded]", "[]", "webhooks[0].events", "at least one of order.paid", 0},
		{"id: counter-1", "id: counter/1", "collect_codes[0].id", "part of the URL", 0},
		{`merchant: "1900000001"`, "merchant: 1900000002", "collect_codes[0].merchant", "pay.merchants", 0},
		{"title: Corner shop, ", "", "collect_codes[0].title", "payers see", 0},
		{"min: 1,", "min: 0,", "collect_codes[0].min", "from 1 to", 0},
		{"min: 1,", "min: 1.5,", "collect_codes[0].min", "whole number of fen", 0},
		{"min: 1,", "min: 500001,", "collect_codes[0].max", "less than min", 0},
		{", max: 500000", "", "collect_codes[0].max", "the most that a payer", 0},
		{"max: 500000", "max: 1000000001", "collect_codes[0].max", "from 1 to", 0},
	} {
		t.Run(c.key+" "+c.remedy, func(t *testing.T) {
			want := inExample(t, c.old, c.replacement)
			want.key, want.remedy, want.line = c.key, c.remedy, want.line+c.offset
			want.check(t)
		})
	}
}

// TestSecondOfAKind doubles each list of the example: what must be unique is not.
func TestSecondOfAKind(t *testing.T) {
	for list, key := range map[string]string{"webhooks": "webhooks[1].url", "collect_codes": "collect_codes[1].id", "  merchants": "pay.merchants[1].id"} {
		text := example(t)
		_, rest, _ := strings.Cut(text, "\n"+list+":")
		_, body, _ := strings.Cut(rest, "\n")
		body, _, _ = strings.Cut(body, "\n\n")
		faults := faultsOf(t, strings.Replace(text, body, body+"\n"+body, 1), fixtureEnv()...)
		if len(faults) != 1 || faults[0].Key != key || !strings.Contains(faults[0].Problem, "give each its own") {
			t.Errorf("%s: want one fault of %s, got %v", list, key, faults)
		}
	}
}

func TestMerchantNumber(t *testing.T) {
	text := strings.ReplaceAll(example(t), `"1900000001"`, "shop")
	faults := faultsOf(t, text, fixtureEnv()...)
	if len(faults) != 1 || faults[0].Key != "pay.merchants[0].id" || !strings.Contains(faults[0].Problem, "digits only") {
		t.Errorf("got %v", faults)
	}
}

// ownPublicPEM is the mistake of giving the merchant's public key for WeChat Pay's.
func ownPublicPEM() string {
	der, err := x509.MarshalPKIXPublicKey(&keys().merchant.PublicKey)
	return pemText("PUBLIC KEY", der, err)
}

// curvePEM is a private key, but not of RSA.
func curvePEM(t *testing.T) string {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(k)
	return pemText("PRIVATE KEY", der, err)
}

// smallPEM is an RSA key that nobody should sign with any more.
func smallPEM(t *testing.T) string {
	k, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	return pemText("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(k), nil)
}
