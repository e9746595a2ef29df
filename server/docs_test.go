package server_test

import (
	"context"
	"os"
	"os/exec"
	"path"
	"regexp"
	"strings"
	"testing"
	"time"
)

var (
	references = regexp.MustCompile(`(?i)\b(?:src|href)\s*=\s*["']?([^"'\s>]+)`)
	cssURLs    = regexp.MustCompile(`(?i)url\(\s*["']?([^"')]+)|@import\s+["']([^"']+)`)
)

// The page and all that it refers to come from this server.
func TestDocsNeedNoOtherHost(t *testing.T) {
	w := newWorld(t)
	if a := w.get(t, "/docs", ""); a.Status != 301 || a.Header.Get("Location") != "/docs/" {
		t.Errorf("/docs: %d to %q", a.Status, a.Header.Get("Location"))
	}
	page := w.get(t, "/docs/", "")
	if page.Status != 200 || !strings.HasPrefix(page.Header.Get("Content-Type"), "text/html") {
		t.Fatalf("status %d, %s", page.Status, page.Header.Get("Content-Type"))
	}
	queue, seen := refersTo(string(page.Body)), map[string]bool{"/openapi.json": true}
	if !strings.Contains(string(page.Body), "/openapi.json") || len(queue) < 4 {
		t.Errorf("the page refers to %q", queue)
	}
	for len(queue) > 0 {
		asset := queue[0]
		queue = queue[1:]
		if strings.HasPrefix(asset, "data:") || strings.HasPrefix(asset, "#") || seen[asset] {
			continue
		}
		seen[asset] = true
		if strings.Contains(asset, "//") {
			t.Errorf("%s is elsewhere", asset)
			continue
		}
		a := w.get(t, path.Join("/docs", strings.TrimPrefix(asset, "/docs/")), "")
		if a.Status != 200 || len(a.Body) == 0 {
			t.Errorf("%s: %d", asset, a.Status)
		}
		checkPolicy(t, a)
		if strings.HasSuffix(asset, ".css") {
			queue = append(queue, refersTo(string(a.Body))...)
		}
	}
	checkPolicy(t, page)
}

func refersTo(text string) (found []string) {
	for _, m := range append(references.FindAllStringSubmatch(text, -1), cssURLs.FindAllStringSubmatch(text, -1)...) {
		found = append(found, strings.Join(m[1:], ""))
	}
	return found
}

func checkPolicy(t *testing.T, a answer) {
	t.Helper()
	policy := a.Header.Get("Content-Security-Policy")
	if !strings.HasPrefix(policy, "default-src 'self'") || strings.Contains(policy, "http") || strings.Contains(policy, "*") {
		t.Errorf("Content-Security-Policy %q", policy)
	}
}

// With a browser at hand the page is rendered as a reader sees it; without one the
// test above is what there is.
func TestDocsRenderInABrowser(t *testing.T) {
	w := newWorld(t)
	browser := findBrowser()
	if browser == "" {
		t.Log("no Chromium on this machine: only the HTTP side was tested")
		return
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
		"--no-first-run", "--disable-dev-shm-usage", "--user-data-dir="+t.TempDir(), "--virtual-time-budget=20000",
		"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--dump-dom", w.url+"/docs/")
	dom, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", browser, err)
	}
	for _, want := range []string{"Log a mini-program user in", "Create an order", "/v1/notify/wechat-pay/{merchant_id}"} {
		// Swagger UI puts invisible break opportunities into paths.
		if !strings.Contains(strings.NewReplacer("<wbr>", "", "\u200b", "").Replace(string(dom)), want) {
			t.Errorf("%q is not rendered; %d bytes of page", want, len(dom))
		}
	}
}

func findBrowser() string {
	for _, name := range []string{"chromium", "chromium-browser", "/usr/bin/chromium"} {
		if p, err := exec.LookPath(name); err == nil {
			if info, err := os.Stat(p); err == nil && info.Mode().IsRegular() {
				return p
			}
		}
	}
	return ""
}
