package config_test

import (
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"wxhub/cmd/internal/config"
	"wxhub/model"
)

// TestCheckedInFileIsTheDefault is the promise that `wxhub serve` starts with the
// repository's file and nothing else, and that the file tells the truth.
func TestCheckedInFileIsTheDefault(t *testing.T) {
	for name, text := range map[string]string{
		"checked in": checkedIn(t), "empty": "", "comments": "# nothing\n", "null": "~\n", "no values": "server:\nstore:\njobs: {}\n",
	} {
		if got := mustLoad(t, text); !reflect.DeepEqual(got, config.Default()) {
			t.Errorf("%s: got %+v, want the default", name, got)
		}
	}
}

func TestCheckedInExampleLoads(t *testing.T) {
	c := mustLoad(t, example(t), fixtureEnv()...)
	if len(c.WeChat.Apps) != 4 || len(c.Server.APIKeys) != 1 || len(c.Webhooks) != 1 || len(c.CollectCodes) != 1 {
		t.Fatalf("something of the example is not there: %+v", c)
	}
	if got := c.WeChat.Apps[1]; got.Kind != model.OfficialAccount || got.AESKey.Reveal() != goodAES || len(got.Menu[1].SubButtons) != 5 {
		t.Errorf("official account: %+v", got)
	}
	m := c.Pay.Merchants[0]
	if m.APIv3Key.Reveal() != goodV3Key || !m.PrivateKey.Equal(keys().merchant) || !m.PublicKey.Equal(&keys().wechat.PublicKey) {
		t.Errorf("merchant: %+v", m)
	}
	if got := c.CollectCodes[0]; got != (config.CollectCode{ID: "counter-1", Merchant: "1900000001", Title: "Corner shop", Min: 1, Max: 500000}) {
		t.Errorf("collect code: %+v", got)
	}
}

// TestContractExampleLoads holds the example of CONTRACT §2 with its gaps filled.
func TestContractExampleLoads(t *testing.T) {
	c := mustLoad(t, `
server:
  addr: ":8080"
  public_url: "http://127.0.0.1:8080"
  api_keys:
    - {name: shop, key: "env:SHOP_API_KEY", scopes: [orders, users, tokens]}
store:
  url: "sqlite:data/wxhub.db"
redis:
  url: "embedded:"
wechat:
  endpoints:
    api:  "https://api.weixin.qq.com"
    open: "https://open.weixin.qq.com"
    mch:  "https://api.mch.weixin.qq.com"
  apps:
    - {id: wx0000000000000001, kind: mini_program,     secret: s1, open_platform: main}
    - {id: wx0000000000000002, kind: official_account, secret: s2, open_platform: main, token: `+goodToken+`, aes_key: `+goodAES+`, menu: [{name: A, type: click, key: a}]}
    - {id: wx0000000000000003, kind: website,          secret: s3, open_platform: main}
    - {id: wx0000000000000004, kind: mobile_app,       secret: s4, open_platform: main}
pay:
  merchants:
    - id: "1900000001"
      mode: direct
      api_v3_key: `+goodV3Key+`
      api_v2_key: `+goodV3Key+`
      cert_serial: d7ce59d1f522d701
      private_key: "file:apiclient_key.pem"
      wechatpay_public_key_id: PUB_KEY_ID_0000000000000024101100397200000006
      wechatpay_public_key: "file:pub_key.pem"
webhooks:
  - {url: "http://127.0.0.1:9000/hook?tenant=1", secret: `+goodWebhook+`, events: [order.paid, refund.succeeded]}
collect_codes:
  - {id: counter-1, merchant: "1900000001", title: "小店", min: 1, max: 500000}
jobs:
  order_sweep_interval: 30s
`, "SHOP_API_KEY="+goodAPIKey)
	if got := c.Pay.Merchants[0].CertSerial; got != "D7CE59D1F522D701" {
		t.Errorf("cert_serial = %s, want upper case: WeChat sends it so", got)
	}
}

func TestValuesAreReadAsWritten(t *testing.T) {
	c := mustLoad(t, `
server: {public_url: "https://pay.example.com/base/", session_ttl: 1h30m, api_keys: [{name: a, key: 01234567890123456789, scopes: [users]}]}
store: {url: "env:STORE"}
redis: {url: "redis+sentinel://:pw@h1:26379,h2:26379/mymaster/0"}
`, "STORE=mongodb+srv://user:pw@cluster.example.com/wxhub")
	if c.Server.PublicURL != "https://pay.example.com/base" || c.Server.SessionTTL != 90*time.Minute {
		t.Errorf("server: %+v", c.Server)
	}
	if got := c.Server.APIKeys[0].Key.Reveal(); got != "01234567890123456789" {
		t.Errorf("a key that looks like a number became %s", got)
	}
}

func TestMissingFile(t *testing.T) {
	for name, path := range map[string]string{"no file": "absent.yaml", "directory": ""} {
		_, err := config.Load(filepath.Join(t.TempDir(), path), nil)
		if err == nil || !strings.Contains(err.Error(), "--config") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNotices(t *testing.T) {
	notices := strings.Join(mustLoad(t, example(t), fixtureEnv()...).Notices(), "\n")
	for _, want := range []string{"api_v2_key"} {
		if !strings.Contains(notices, want) {
			t.Errorf("no notice about %s in:\n%s", want, notices)
		}
	}
	if strings.Contains(notices, canary) || strings.Contains(notices, "wx0000000000000001") {
		t.Errorf("a notice shows a secret, or complains about what is served:\n%s", notices)
	}
	if got := config.Default().Notices(); len(got) != 0 {
		t.Errorf("the default has notices: %v", got)
	}
}

// What works but should not stay so is said, without the secret.
func TestNoticesOfWeakChoices(t *testing.T) {
	text := example(t)
	for old, weak := range map[string]string{
		`"file:pub_key.pem"`:        strconv.Quote(ownPublicPEM()),
		`"env:SHOP_API_KEY"`:        "shortkey",
		`"env:SHOP_WEBHOOK_SECRET"`: "whsec_Y2FuYXJ5",
	} {
		if !strings.Contains(text, old) {
			t.Fatalf("the example has no %s", old)
		}
		text = strings.Replace(text, old, weak, 1)
	}
	notices := strings.Join(mustLoad(t, text, fixtureEnv()...).Notices(), "\n")
	for _, want := range []string{"merchant's own key", "https only", "server.api_keys[0]: the key is short", "webhooks[0]: the secret is short"} {
		if !strings.Contains(notices, want) {
			t.Errorf("no notice about %s in:\n%s", want, notices)
		}
	}
	if strings.Contains(notices, "shortkey") || strings.Contains(notices, "Y2FuYXJ5") {
		t.Error("a notice shows a secret")
	}
}

// What Kubernetes puts beside a Service called wxhub, and a secret whose own name begins
// with WXHUB_, are no keys.
func TestVariablesThatAreNoKeys(t *testing.T) {
	c := mustLoad(t, `server: {api_keys: [{name: shop, key: "env:WXHUB_SHOP_KEY", scopes: [orders]}]}`,
		"WXHUB_SHOP_KEY="+goodAPIKey, "WXHUB_SERVICE_HOST=10.0.0.1", "WXHUB_SERVICE_PORT=80", "WXHUB_SERVICE_PORT_HTTP=80",
		"WXHUB_PORT=tcp://10.0.0.1:80", "WXHUB_PORT_80_TCP=tcp://10.0.0.1:80", "WXHUB_PORT_80_TCP_ADDR=10.0.0.1")
	if !c.Server.APIKeys[0].Key.Equal(goodAPIKey) {
		t.Error("the key is another")
	}
}

func TestReconcilingCanBeSwitchedOff(t *testing.T) {
	for text, want := range map[string]string{
		"": "10:30", "jobs: {reconcile_at: off}": "", `jobs: {reconcile_at: ""}`: "", `jobs: {reconcile_at: "10:00"}`: "10:00", `jobs: {reconcile_at: "23:59"}`: "23:59",
	} {
		if got := mustLoad(t, text).Jobs.ReconcileAt; got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	if got := mustLoad(t, "", "WXHUB_JOBS__RECONCILE_AT=off").Jobs.ReconcileAt; got != "" {
		t.Errorf("from the environment: %q", got)
	}
}
