package config_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"wxhub/cmd/internal/config"
)

// faultCase is a file (or the environment on an empty one) with exactly one fault.
type faultCase struct {
	text   string
	env    string
	line   int
	key    string
	remedy string
}

func (c faultCase) check(t *testing.T) {
	t.Helper()
	var env []string
	if c.env != "" {
		env = strings.Split(c.env, "\n")
	}
	faults := faultsOf(t, c.text, env...)
	if len(faults) != 1 {
		t.Fatalf("want one fault, got:\n%v", &config.Error{Faults: faults})
	}
	f := faults[0]
	if f.Line != c.line || f.Key != c.key || !strings.Contains(f.Problem, c.remedy) {
		t.Errorf("got  line %d, key %q: %s\nwant line %d, key %q: …%s…", f.Line, f.Key, f.Problem, c.line, c.key, c.remedy)
	}
	if fromEnv := strings.HasPrefix(c.env, "WXHUB_"); fromEnv != (f.Variable != "") {
		t.Errorf("variable of the fault is %q", f.Variable)
	}
}

func runFaults(t *testing.T, cases map[string]faultCase) {
	for name, c := range cases {
		t.Run(name, c.check)
	}
}

func TestFaultsOfForm(t *testing.T) {
	runFaults(t, map[string]faultCase{
		"misspelt key":         {text: "server:\n  adr: \":1\"", line: 2, key: "server.adr", remedy: "did you mean addr?"},
		"misspelt section":     {text: "weChat: {}", line: 1, key: "weChat", remedy: "did you mean wechat?"},
		"no time of day":       {text: "jobs:\n  reconcile_at: 10.30", line: 2, key: "jobs.reconcile_at", remedy: "such as \"10:30\""},
		"no such time":         {text: "jobs:\n  reconcile_at: \"24:10\"", line: 2, key: "jobs.reconcile_at", remedy: "such as \"10:30\""},
		"before the bills":     {text: "jobs:\n  reconcile_at: \"09:59\"", line: 2, key: "jobs.reconcile_at", remedy: "before 10:00"},
		"strange key":          {text: "jobs:\n\n  cron: 1", line: 3, key: "jobs.cron", remedy: "known here: order_sweep_interval, webhook_poll_interval"},
		"key twice":            {text: "server:\n  addr: \":1\"\n  addr: \":2\"", line: 3, key: "server.addr", remedy: "first in line 2"},
		"section twice":        {text: "jobs: {}\njobs: {}", line: 2, key: "jobs", remedy: "keep one"},
		"key is a list":        {text: "[a]: 1", line: 1, key: "?", remedy: "plain words"},
		"anchor":               {text: "jobs: &a {}", line: 1, key: "jobs", remedy: "anchor"},
		"alias":                {text: "server:\n  addr: &a \":1\"", line: 2, key: "server.addr", remedy: "quotes"},
		"alias of a secret":    {text: "store:\n  url: *" + canary, line: 0, key: "", remedy: "put it in quotes"},
		"secret like a tag":    {text: "store:\n  url: !" + canary, line: 2, key: "store.url", remedy: "begins with !"},
		"merge":                {text: "server:\n  <<: {addr: \":1\"}", line: 2, key: "server.<<", remedy: "write the keys out"},
		"not YAML":             {text: "server:\n  addr: \"x\n", line: 2, key: "", remedy: "not valid YAML"},
		"two documents":        {text: "jobs: {}\n---\njobs: {}", line: 2, key: "", remedy: "keep one"},
		"root is a list":       {text: "- a", line: 0, key: "", remedy: "must hold keys (server, store"},
		"section is a word":    {text: "pay: yes", line: 1, key: "pay", remedy: "must hold keys (late_payment, merchants)"},
		"list is keys":         {text: "webhooks: {a: b}", line: 1, key: "webhooks", remedy: "must be a list, not keys"},
		"element is a word":    {text: "wechat:\n  apps:\n    - wx1", line: 3, key: "wechat.apps[0]", remedy: "must hold keys"},
		"element is empty":     {text: "wechat:\n  apps:\n    -", line: 3, key: "wechat.apps[0]", remedy: "remove it"},
		"not true or false":    {text: "wechat:\n  apps:\n    - {id: wx123456, kind: website, secret: s, classic_token: yes}", line: 3, key: "wechat.apps[0].classic_token", remedy: "true or false"},
		"value is a list":      {text: "server:\n  addr: [a]", line: 2, key: "server.addr", remedy: "a single value, not a list"},
		"secret is keys":       {text: "store:\n  url: {" + canary + ": 1}", line: 2, key: "store.url", remedy: "not keys"},
		"variable is unset":    {text: "redis:\n  url: env:NOPE", line: 2, key: "redis.url", remedy: "NOPE is not set"},
		"variable is no name":  {text: "redis:\n  url: env:" + canary + "-x", line: 2, key: "redis.url", remedy: "name of an environment variable"},
		"file is not there":    {text: "redis:\n  url: file:nope", line: 2, key: "redis.url", remedy: "check the path"},
		"file is a folder":     {text: "redis:\n  url: file:.", line: 2, key: "redis.url", remedy: "regular file"},
		"key pasted as a path": {text: "redis:\n  url: \"file:-----BEGIN " + canary + "\"", line: 2, key: "redis.url", remedy: "not by what is in it"},
	})
}

func TestFaultsOfServer(t *testing.T) {
	key := func(name, key, scopes string) string {
		return fmt.Sprintf("server:\n  api_keys:\n    - name: %s\n      key: %q\n      scopes: [%s]\n", name, key, scopes)
	}
	two := strings.TrimSuffix(key("a", goodAPIKey, "users"), "\n")
	runFaults(t, map[string]faultCase{
		"addr":            {text: "server: {addr: localhost}", line: 1, key: "server.addr", remedy: "host:port"},
		"port":            {text: "server: {addr: \":70000\"}", line: 1, key: "server.addr", remedy: "host:port"},
		"public_url":      {text: "server: {public_url: example.com}", line: 1, key: "server.public_url", remedy: "absolute http"},
		"url with query":  {text: "server: {public_url: \"https://a.example/?x=1\"}", line: 1, key: "server.public_url", remedy: "query"},
		"url with user":   {text: "server: {public_url: \"https://u:p@a.example\"}", line: 1, key: "server.public_url", remedy: "password"},
		"no unit":         {text: "server: {session_ttl: 720}", line: 1, key: "server.session_ttl", remedy: "720h"},
		"too short":       {text: "server: {session_ttl: 1s}", line: 1, key: "server.session_ttl", remedy: "from 1m to 8760h"},
		"shutdown":        {text: "server: {shutdown_timeout: 1h}", line: 1, key: "server.shutdown_timeout", remedy: "from 1s to 10m"},
		"interval":        {text: "jobs: {webhook_poll_interval: 1ms}", line: 1, key: "jobs.webhook_poll_interval", remedy: "from 100ms to 24h"},
		"short api key":   {text: key("a", "CANARY", "users"), line: 4, key: "server.api_keys[0].key", remedy: "8 characters"},
		"odd api key":     {text: key("a", canary+" with a space in it", "users"), line: 4, key: "server.api_keys[0].key", remedy: "openssl rand"},
		"no api key":      {text: key("a", "", "users"), line: 4, key: "server.api_keys[0].key", remedy: "is missing"},
		"name":            {text: key("a b", goodAPIKey, "users"), line: 3, key: "server.api_keys[0].name", remedy: "short name"},
		"no scope":        {text: key("a", goodAPIKey, ""), line: 5, key: "server.api_keys[0].scopes", remedy: "orders, users, tokens"},
		"scope":           {text: key("a", goodAPIKey, "order"), line: 5, key: "server.api_keys[0].scopes[0]", remedy: "did you mean orders?"},
		"scope twice":     {text: key("a", goodAPIKey, "users, users"), line: 5, key: "server.api_keys[0].scopes[1]", remedy: "scopes[0]"},
		"same name":       {text: two + "\n    - {name: a, key: " + goodAPIKey + "2, scopes: [users]}", line: 6, key: "server.api_keys[1].name", remedy: "give each its own"},
		"same key":        {text: two + "\n    - {name: b, key: " + goodAPIKey + ", scopes: [users]}", line: 6, key: "server.api_keys[1].key", remedy: "server.api_keys[0].key"},
		"store scheme":    {text: "store: {url: \"postgres://" + canary + "@h/db\"}", line: 1, key: "store.url", remedy: "sqlite:, mongodb:, mongodb+srv:"},
		"store no path":   {text: "store: {url: \"sqlite:\"}", line: 1, key: "store.url", remedy: "path of a file"},
		"store no host":   {text: "store: {url: \"mongodb://u:" + canary + "@/db\"}", line: 1, key: "store.url", remedy: "//host:port"},
		"store empty":     {text: "store: {url: \"\"}", line: 1, key: "store.url", remedy: "is missing"},
		"redis scheme":    {text: "redis: {url: \"http://" + canary + "@h\"}", line: 1, key: "redis.url", remedy: "embedded:, redis:, rediss:"},
		"redis no host":   {text: "redis: {url: \"redis:6379\"}", line: 1, key: "redis.url", remedy: "//host:port"},
		"embedded option": {text: "redis: {url: \"embedded:6379\"}", line: 1, key: "redis.url", remedy: "nothing after"},
	})
}

func TestFaultsOfEnvironment(t *testing.T) {
	runFaults(t, map[string]faultCase{
		"unknown key":     {env: "WXHUB_SERVER__ADR=:1", key: "server.adr", remedy: "did you mean addr?"},
		"unknown section": {env: "WXHUB_NOPE=1", key: "nope", remedy: "unknown key"},
		"lower case":      {env: "WXHUB_server__addr=:1", remedy: "WXHUB_SERVER__ADDR"},
		"too deep":        {env: "WXHUB_SERVER__ADDR__X=1", key: "server.addr", remedy: "a single value"},
		"gap in a list":   {env: "WXHUB_WEBHOOKS__1__URL=x", remedy: "the next new one is 0"},
		"bad value":       {env: "WXHUB_JOBS__ORDER_SWEEP_INTERVAL=5", key: "jobs.order_sweep_interval", remedy: "with a unit"},
		"bad YAML":        {env: "WXHUB_PAY__MERCHANTS=[{", remedy: "not valid YAML"},
		"twice":           {env: "WXHUB_SERVER={addr: ':1', addr: ':2'}", key: "server.addr", remedy: "is given twice; keep one"},
		"word for a list": {env: "WXHUB_WEBHOOKS=" + canary, key: "webhooks", remedy: "must be a list"},
		"empty secret":    {env: "WXHUB_WECHAT__APPS=[{id: wx123456, kind: website}]", key: "wechat.apps[0].secret", remedy: "is missing"},
		"name for an index": {text: "webhooks: []", env: "WXHUB_WEBHOOKS__FIRST__URL=x",
			remedy: "webhooks is a list; name an element by its index"},
		"key under a value": {text: "server: {addr: \":1\"}", env: "WXHUB_SERVER__ADDR__X=1", remedy: "server.addr holds a value"},
	})
}

// TestAllFaultsAtOnce is what spares an operator ten restarts.
func TestAllFaultsAtOnce(t *testing.T) {
	_, err := config.Load(dir(t, "server:\n  adr: x\n  session_ttl: soon\nwechat:\n  apps:\n    - {kind: website}\n"),
		[]string{"WXHUB_STORE__URI=x", "WXHUB_TEST_REDIS=ignored", "PATH=ignored", "=C:=odd"})
	var all *config.Error
	if !errors.As(err, &all) || len(all.Faults) != 5 {
		t.Fatalf("want 5 faults, got:\n%v", err)
	}
	for i, want := range []string{
		"config.yaml:2: server.adr: unknown key; did you mean addr?", "config.yaml:3: server.session_ttl: must be a duration",
		"config.yaml:6: wechat.apps[0].id: must be an app id", "config.yaml:6: wechat.apps[0].secret: is missing",
		"WXHUB_STORE__URI: store.uri: unknown key; did you mean url?",
	} {
		if got := strings.Split(err.Error(), "\n")[i]; !strings.Contains(got, want) {
			t.Errorf("line %d is %q, want %q", i+1, got, want)
		}
	}
}
