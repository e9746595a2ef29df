package app

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/image/font/gofont/goregular"

	"wxhub/cmd/internal/config"
	"wxhub/model"
)

func TestPagesOfTheConfiguration(t *testing.T) {
	dir := t.TempDir()
	font, text := filepath.Join(dir, "font.ttf"), filepath.Join(dir, "text.ttf")
	if os.WriteFile(font, goregular.TTF, 0o600) != nil || os.WriteFile(text, []byte("this is no font at all"), 0o600) != nil {
		t.Fatal("the files cannot be written")
	}
	c := config.Default()
	c.Server.TrustedProxies = []string{"10.0.0.0/8", "::1"}
	c.Server.VerifyFiles = []config.VerifyFile{{Name: "MP_verify_a.txt", Content: "a"}}
	c.Server.PosterFont = font
	o, err := pages(c)
	if err != nil || o.VerifyFiles["MP_verify_a.txt"] != "a" || len(o.PosterFont) != len(goregular.TTF) {
		t.Fatalf("got %d files, a font of %d bytes, %v", len(o.VerifyFiles), len(o.PosterFont), err)
	}
	if got := o.Proxies.ClientIP("::1", "203.0.113.7, 10.1.2.3"); got != "203.0.113.7" {
		t.Errorf("the client is %s", got)
	}
	for _, bad := range []string{text, filepath.Join(dir, "missing.ttf")} {
		c.Server.PosterFont = bad
		if _, err := pages(c); err == nil || !strings.HasPrefix(err.Error(), "server.poster_font: ") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func TestHostsThatMayUseTheJSSDK(t *testing.T) {
	c := config.Default()
	c.Server.PublicURL = "https://Pay.example.com:443"
	c.WeChat.Apps = []config.App{
		{ID: "own", Kind: model.OfficialAccount, JSHosts: []string{"shop.example"}}, {ID: "default", Kind: model.OfficialAccount}, {ID: "mini", Kind: model.MiniProgram},
	}
	want := map[string][]string{"own": {"shop.example"}, "default": {"pay.example.com"}}
	if got := jsConfig(c).Hosts; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
