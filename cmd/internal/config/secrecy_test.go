package config_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"wxhub/cmd/internal/config"
)

// TestConfigShowsNoSecret prints a full Config in every way that a careless line
// of code would.
func TestConfigShowsNoSecret(t *testing.T) {
	c := mustLoad(t, full)
	shown := map[string]string{}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%q", "%d"} {
		shown[verb] = fmt.Sprintf(verb, c) + fmt.Sprintf(verb, *c) + fmt.Sprintf(verb, c.Pay.Merchants) + fmt.Sprintf(verb, c.Server.APIKeys)
	}
	for name, marshal := range map[string]func(any) ([]byte, error){"JSON": json.Marshal, "YAML": yaml.Marshal} {
		out, err := marshal(c)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		shown[name] = string(out)
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("start", "config", c, "merchant", c.Pay.Merchants[0])
	slog.New(slog.NewTextHandler(&log, nil)).Info("start", "config", c, "merchant", c.Pay.Merchants[0])
	shown["slog"] = log.String()
	d := keys().merchant.D
	for how, text := range shown {
		for _, secret := range []string{canary, hex.EncodeToString([]byte(canary)), d.String(), fmt.Sprintf("%x", d)} {
			if strings.Contains(strings.ToLower(text), strings.ToLower(secret)) {
				t.Errorf("%s shows a secret: %s", how, text)
			}
		}
	}
}

// TestFaultsShowNoSecret breaks a full file, whose every secret is a canary, in
// every line, and looks for the canary in what is reported.
func TestFaultsShowNoSecret(t *testing.T) {
	lines := strings.Split(full, "\n")
	for i := range lines {
		for _, damage := range []func(string) string{
			func(s string) string { return "" },
			func(s string) string { return s + "}" },
			func(s string) string { return strings.ReplaceAll(s, canary, "*"+canary) },
			func(s string) string { return strings.ReplaceAll(s, canary, "&"+canary+" ") },
			func(s string) string { return strings.ReplaceAll(s, canary, "!"+canary) },
			func(s string) string { return strings.ReplaceAll(s, canary, "["+canary+"]") },
			func(s string) string { return strings.ReplaceAll(s, canary, canary+": ") },
		} {
			broken := append([]string(nil), lines...)
			broken[i] = damage(lines[i])
			_, err := config.Load(dir(t, strings.Join(broken, "\n")), nil)
			if err != nil && strings.Contains(err.Error(), canary) {
				t.Errorf("a secret is in:\n%v", err)
			}
		}
	}
}
