package config_test

import (
	"bytes"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"wxhub/cmd/internal/config"
	"wxhub/model"
)

// leafKey is one value of the schema, with the path to it.
type leafKey struct {
	path []string // wechat, apps, 0, secret
}

func (l leafKey) variable() string {
	return "WXHUB_" + strings.ToUpper(strings.Join(l.path, "__"))
}

// leafKeys walks the Config by reflection, so a new key cannot be forgotten below.
// Lists count as their first element; a menu below a menu is not entered twice.
func leafKeys(typ reflect.Type, path ...string) (all []leafKey) {
	for i := range typ.NumField() {
		f := typ.Field(i)
		here := append(path[:len(path):len(path)], f.Tag.Get("key"))
		switch {
		case f.Type.Kind() == reflect.Struct:
			all = append(all, leafKeys(f.Type, here...)...)
		case f.Type.Kind() == reflect.Slice && f.Type.Elem() == typ:
		case f.Type.Kind() == reflect.Slice && f.Type.Elem().Kind() == reflect.Struct:
			all = append(all, leafKeys(f.Type.Elem(), append(here, "0")...)...)
		case f.Type.Kind() == reflect.Slice:
			all = append(all, leafKey{append(here, "0")})
		default:
			all = append(all, leafKey{here})
		}
	}
	return all
}

// everyLeaf is leafKeys of the whole Config, with what only a mini_program has on the second app
// of full: the first is an official_account.
func everyLeaf() []leafKey {
	all := leafKeys(reflect.TypeFor[config.Config]())
	for _, l := range all {
		if last := l.path[len(l.path)-1]; last == "upload_shipping_info" || last == "shipping" {
			l.path[2] = "1"
		}
	}
	for _, needed := range []string{"id", "kind", "secret"} {
		all = append(all, leafKey{[]string{"wechat", "apps", "1", needed}})
	}
	return all
}

// full is a configuration in which every leaf has a value that is not the default.
const full = `
server: {addr: ":9001", public_url: "https://pay.example.com", session_ttl: 1h, shutdown_timeout: 5s,
  trusted_proxies: [10.0.0.0/8], verify_files: [{name: MP_verify_a.txt, content: abc}], poster_font: font.otf,
  api_keys: [{name: shop, key: ` + goodAPIKey + `, scopes: [users]}]}
store: {url: "mongodb://` + canary + `@db/wxhub"}
redis: {url: "redis://:` + canary + `@cache:6379/1"}
wechat:
  forward_paths: [/cgi-bin/user/]
  endpoints: {api: "http://127.0.0.1:1", open: "http://127.0.0.1:2", mch: "http://127.0.0.1:3"}
  apps:
    - {id: wx0000000000000002, kind: official_account, secret: ` + canary + `s, open_platform: main, token: ` + goodToken + `, classic_token: true, migrated_from: wx0000000000000009, js_hosts: [shop.example.com],
       aes_key: ` + goodAES + `, menu: [{name: A, type: miniprogram, url: "http://a.example", key: k,
       appid: wx0000000000000001, pagepath: p, media_id: m, article_id: a}],
       conditional_menus: [{tag_id: "7", platform: ios, menu: [{name: B, type: miniprogram, url: "http://b.example", key: l,
       appid: wx0000000000000003, pagepath: q, media_id: n, article_id: b}]}]}
    - {id: wx0000000000000003, kind: mini_program, secret: ` + canary + `m, upload_shipping_info: true, shipping: self_pickup}
pay:
  late_payment: refund
  merchants:
    - {id: "1900000201", mode: partner, api_v3_key: ` + goodV3Key + `, api_v2_key: ` + goodV3Key + `, cert_serial: ABCDEF0123,
       private_key: "file:apiclient_key.pem", wechatpay_public_key_id: PUB_KEY_ID_01, wechatpay_public_key: "file:pub_key.pem",
       code_pay: v2, certificate: "file:apiclient_cert.pem", apps: [wx0000000000000002], app_id: wx0000000000000002, sub_merchants: [{id: "1900000301", apps: [wx0000000000000002]}]}
webhooks: [{url: "http://b.example", secret: ` + goodWebhook + `, events: [order.paid]}]
collect_codes: [{id: c1, merchant: "1900000201", sub_merchant: "1900000301", title: t, min: 5, max: 10}]
jobs: {order_sweep_interval: 7s, webhook_poll_interval: 8s, token_renew_interval: 9s, harvest_interval: 10s, reconcile_at: "11:07", reconcile_fund_flow: true}
`

// TestEveryKeyFromTheEnvironment takes each leaf out of the file, gives it as a
// variable instead, and expects the same configuration.
func TestEveryKeyFromTheEnvironment(t *testing.T) {
	want := mustLoad(t, full)
	leaves := everyLeaf()
	var everything []string
	for _, leaf := range leaves {
		t.Run(leaf.variable(), func(t *testing.T) {
			text, value := without(t, full, leaf.path)
			if got, err := config.Load(dir(t, text), nil); err == nil && reflect.DeepEqual(got, want) && value != config.ModeDirect {
				t.Errorf("%q makes no difference: it is the default, or nothing reads the key", value)
			}
			everything = append(everything, leaf.variable()+"="+value)
			if got := mustLoad(t, text, leaf.variable()+"="+value); !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v\nwant %+v", got, want)
			}
			if got := mustLoad(t, full, leaf.variable()+"="+value); !reflect.DeepEqual(got, want) {
				t.Errorf("on top of the file: got %+v\nwant %+v", got, want)
			}
		})
	}
	if len(leaves) < 40 {
		t.Errorf("only %d leaves were found: the walk is broken", len(leaves))
	}
	if got := mustLoad(t, "", everything...); !reflect.DeepEqual(got, want) {
		t.Errorf("all from the environment: got %+v\nwant %+v", got, want)
	}
}

// without removes one value from a YAML text and returns what it was.
func without(t *testing.T, text string, path []string) (rest, value string) {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	at := doc.Content[0]
	for _, seg := range path {
		i, _ := strconv.Atoi(seg) // 0 for a name
		for at.Kind == yaml.MappingNode && at.Content[i].Value != seg {
			if i += 2; i >= len(at.Content) {
				t.Fatalf("no %s in the test's file; add the new key to it", strings.Join(path, "."))
			}
		}
		if at.Kind == yaml.MappingNode {
			i++
		}
		at = at.Content[i]
	}
	value = at.Value
	*at = yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null"}
	var out bytes.Buffer
	if err := yaml.NewEncoder(&out).Encode(&doc); err != nil {
		t.Fatal(err)
	}
	return out.String(), value
}

// TestEveryKeyIsDocumented keeps config.yaml complete.
func TestEveryKeyIsDocumented(t *testing.T) {
	text := example(t)
	for _, leaf := range leafKeys(reflect.TypeFor[config.Config]()) {
		for _, seg := range leaf.path {
			if seg != "0" && seg != "1" && !strings.Contains(text, seg+":") {
				t.Errorf("config.yaml says nothing about %s", seg)
			}
		}
	}
}

// TestDefaultsAreChecked makes sure that each duration and endpoint has a default.
func TestDefaultsAreChecked(t *testing.T) {
	d := config.Default()
	for name, v := range map[string]any{"jobs": d.Jobs, "endpoints": d.WeChat.Endpoints, "store": d.Store, "redis": d.Redis} {
		for i := range reflect.ValueOf(v).NumField() {
			if f := reflect.ValueOf(v).Field(i); f.IsZero() && f.Kind() != reflect.Bool { // a switch that is off is a default
				t.Errorf("%s has no default for field %d", name, i)
			}
		}
	}
	if d.Server.SessionTTL != 720*time.Hour || d.Server.ShutdownTimeout != 20*time.Second {
		t.Errorf("server: %+v", d.Server)
	}
}

func TestOverrideOfLists(t *testing.T) {
	const app = "wechat: {apps: [{id: wx0000000000000001, kind: website, secret: a}]}"
	for name, c := range map[string]struct {
		text string
		env  []string
		want string // ids and secrets
	}{
		"one value":       {app, []string{"WXHUB_WECHAT__APPS__0__SECRET=b"}, "wx0000000000000001=b"},
		"later wins":      {app, []string{"WXHUB_WECHAT__APPS__0__SECRET=b", "WXHUB_WECHAT__APPS__0__SECRET=c"}, "wx0000000000000001=c"},
		"one more":        {app, []string{"WXHUB_WECHAT__APPS__1={id: wx0000000000000002, kind: website, secret: b}"}, "wx0000000000000001=a wx0000000000000002=b"},
		"whole, mended":   {app, []string{"WXHUB_WECHAT__APPS__0__SECRET=c", "WXHUB_WECHAT__APPS=[{id: wx0000000000000003, kind: website, secret: b}]"}, "wx0000000000000003=c"},
		"back to default": {app, []string{"WXHUB_WECHAT__APPS="}, ""},
		"text not YAML":   {app, []string{"WXHUB_WECHAT__APPS__0__SECRET=a: b # c"}, "wx0000000000000001=a: b # c"},
		"reference":       {app, []string{"WXHUB_WECHAT__APPS__0__SECRET=env:OTHER", "OTHER=z"}, "wx0000000000000001=z"},
	} {
		var got []string
		for _, a := range mustLoad(t, c.text, c.env...).WeChat.Apps {
			got = append(got, fmt.Sprintf("%s=%s", a.ID, a.Secret.Reveal()))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: got %v, want %s", name, got, c.want)
		}
	}
}

// TestTenElements would fail if the variables were taken in the order of their text.
func TestTenElements(t *testing.T) {
	var env []string
	for i := range 12 {
		env = append(env, fmt.Sprintf("WXHUB_WECHAT__APPS__%d={id: wx00000%d, kind: %s, secret: s}", i, i, model.Website))
	}
	if got := len(mustLoad(t, "", env...).WeChat.Apps); got != 12 {
		t.Errorf("%d apps, want 12", got)
	}
}
