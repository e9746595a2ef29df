package app

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
)

func TestSecretsAndPersonalDataAreHidden(t *testing.T) {
	var out bytes.Buffer
	log := NewLogger(&out, slog.LevelDebug)
	log.With("phone", "13800138000", "group", slog.GroupValue(slog.String("union_id", "oUNION-0123456789"))).Info("one",
		"access_token", "TOKEN-VALUE", "app_secret", "SECRET-VALUE", "open_id", "oOPENID-0123456789", "unionid", "short", "user_id", "01M8")
	text := out.String()
	for _, never := range []string{"13800138000", "oUNION-0123456789", "TOKEN-VALUE", "SECRET-VALUE", "oOPENID-0123456789", "short"} {
		if strings.Contains(text, never) {
			t.Errorf("%s is in the log: %s", never, text)
		}
	}
	for _, there := range []string{"138***00", "oUN***89", "oOP***89", `"user_id":"01M8"`} {
		if !strings.Contains(text, there) {
			t.Errorf("%s is not in the log: %s", there, text)
		}
	}
}
