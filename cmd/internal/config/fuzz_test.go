package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wxhub/cmd/internal/config"
)

// FuzzLoad feeds Load with any text and any variable: it must not panic, and must
// give either a Config or a list of faults.
func FuzzLoad(f *testing.F) {
	f.Add(example(f), "WXHUB_SERVER__ADDR=:1")
	f.Add(full, "WXHUB_WECHAT__APPS__0__SECRET=x")
	f.Add("a: &a [*a, *a]", "WXHUB_=1")
	f.Add("server: {addr: !!binary aGk=}", "WXHUB_SERVER__API_KEYS=[{name: a}]")
	f.Add("? {a: b}\n: c\n<<: *x", "WXHUB_WEBHOOKS__-1__URL=x")
	f.Add("\xff\xfe", "WXHUB_PAY__MERCHANTS__99999999999999999999=x")
	path := filepath.Join(f.TempDir(), "config.yaml")
	f.Fuzz(func(t *testing.T, text, variable string) {
		if strings.Contains(text+variable, "file:") {
			t.Skip("files are read by the table tests; a fuzzer must not choose them")
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := config.Load(path, []string{variable})
		var faults *config.Error
		switch {
		case err == nil && c != nil:
			_ = c.Notices()
		case err == nil, c != nil, !errors.As(err, &faults), len(faults.Faults) == 0:
			t.Fatalf("Load gave %v and %v", c, err)
		case !strings.Contains(variable, "\n") && strings.Count(err.Error(), "\n") != len(faults.Faults)-1:
			t.Fatalf("a fault has more than one line: %q", err)
		}
	})
}
