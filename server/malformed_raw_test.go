package server_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

var madeRequestID = regexp.MustCompile(`^[0-9a-f]{24}$`)

// These are not HTTP, or not quite; no client library would send them.
func TestMalformedHTTPIsAnsweredWithAProblem(t *testing.T) {
	const auth = "Authorization: Bearer s3cr3t\r\n"
	w := newWorld(t)
	look := w.fingerprint(t)
	before := look()
	for name, r := range map[string]struct {
		text   string
		status int
		code   string
	}{
		"TLS on the plain port":     {"\x16\x03\x01\x02\x00\x01\x00s3cr3t", 400, "malformed_request"},
		"no version":                {"GET /v1/orders\r\n" + auth + "\r\n", 400, "malformed_request"},
		"header without a colon":    {"GET /v1/orders HTTP/1.1\r\nHost: x\r\n" + auth + "s3cr3t\r\n\r\n", 400, "malformed_request"},
		"NUL in a header":           {"GET /v1/orders HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer s3cr3t\x00\r\n\r\n", 400, "malformed_request"},
		"control in the path":       {"GET /v1/orders/s3cr3t\x01 HTTP/1.1\r\nHost: x\r\n\r\n", 400, "malformed_request"},
		"control in the query":      {"GET /v1/orders?s3cr3t=\x7f HTTP/1.1\r\nHost: x\r\n\r\n", 400, "malformed_request"},
		"bad escape in the path":    {"GET /v1/orders/%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400, "malformed_request"},
		"bad escape in the docs":    {"GET /docs/%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400, "malformed_request"},
		"bad escape in the query":   {"GET /v1/orders?%zz=s3cr3t HTTP/1.1\r\nHost: x\r\n\r\n", 400, "malformed_request"},
		"cut escape in the query":   {"GET /v1/orders?limit=%1 HTTP/1.1\r\nHost: x\r\n\r\n", 400, "malformed_request"},
		"relative path":             {"GET v1/orders HTTP/1.1\r\nHost: x\r\n\r\n", 400, "malformed_request"},
		"host that is none":         {"GET /v1/orders HTTP/1.1\r\nHost: s3 cr3t\r\n\r\n", 400, "malformed_request"},
		"absolute, no host":         {"GET http://[::1/v1/orders HTTP/1.1\r\nHost: x\r\n\r\n", 400, "malformed_request"},
		"unknown method":            {"S3CR3T /v1/orders HTTP/1.1\r\nHost: x\r\n\r\n", 400, "malformed_request"},
		"asterisk":                  {"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", 404, "no_such_route"},
		"connect":                   {"CONNECT example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n", 404, "no_such_route"},
		"negative length":           {"POST /v1/orders HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400, "malformed_request"},
		"length that is no number":  {"POST /v1/orders HTTP/1.1\r\nHost: x\r\nContent-Length: s3cr3t\r\n\r\n", 400, "malformed_request"},
		"two lengths":               {"POST /v1/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef", 400, "malformed_request"},
		"shorter than its length":   {"POST /v1/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\ns3cr3t", 400, "malformed_request"},
		"257 KiB":                   {fmt.Sprintf("POST /v1/orders HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", 257<<10), 413, "body_too_large"},
		"257 KiB to WeChat's route": {fmt.Sprintf("POST /v1/notify/wechat-pay/1 HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", 257<<10), 413, "body_too_large"},
		"257 KiB to the push route": {fmt.Sprintf("POST /v1/wechat/wx0123456789abcdef/callback HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", 257<<10), 413, "body_too_large"},
		"a gigabyte":                {"POST /v1/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 1073741824\r\n\r\n", 413, "body_too_large"},
		"chunk without a size":      {"POST /v1/orders HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\ns3cr3t\r\n", 400, "malformed_request"},
		"20 KiB of headers":         {"GET /v1/orders HTTP/1.1\r\nHost: x\r\nX-Big: " + strings.Repeat("s3cr3t", 3500) + "\r\n\r\n", 431, "headers_too_large"},
		"target of 20 KiB":          {"GET /" + strings.Repeat("s3cr3t", 3500) + " HTTP/1.1\r\nHost: x\r\n\r\n", 431, "headers_too_large"},
	} {
		t.Run(name, func(t *testing.T) {
			answers := w.raw(t, r.text)
			if len(answers) != 1 {
				t.Fatalf("%d answers", len(answers))
			}
			checkRefusal(t, answers[0], r.status, r.code)
			if id := answers[0].Header.Get("X-Request-Id"); !madeRequestID.MatchString(id) {
				t.Errorf("request id %q", id)
			} else if lines := w.log.lines(id); len(lines) != 1 || !strings.Contains(lines[0], `"route":"unmatched"`) && r.status != 400 {
				t.Errorf("log %q", lines)
			}
			if look() != before {
				t.Error("the request left a trace")
			}
		})
	}
	for _, sign := range []string{mark, "S3CR3T", `"level":"ERROR"`} {
		if lines := w.log.lines(sign); len(lines) > 0 {
			t.Errorf("%q in the log: %s", sign, lines[0])
		}
	}
	if m := string(w.get(t, "/metrics", "").Body); strings.Contains(m, "S3CR3T") || strings.Contains(m, mark) || strings.Contains(m, "zz") {
		t.Error("a request chose the name of a metric")
	}
}

// A request that cannot be read comes second on a connection: nothing of the first
// one is left in its answer.
func TestUnreadableRequestDoesNotInheritFromTheOneBefore(t *testing.T) {
	w := newWorld(t)
	answers := w.raw(t, "GET /v1/me HTTP/1.1\r\nHost: x\r\nX-Request-Id: the-first\r\n\r\n"+
		"GET /v1/me HTTP/1.1\r\nHost: x\r\nX-Big: "+strings.Repeat("a", 20<<10)+"\r\n\r\n")
	if len(answers) != 2 {
		t.Fatalf("%d answers", len(answers))
	}
	if id := wantProblem(t, answers[0], 401, "unauthenticated").RequestID; id != "the-first" {
		t.Errorf("request id %q", id)
	}
	if id := wantProblem(t, answers[1], 431, "headers_too_large").RequestID; !madeRequestID.MatchString(id) {
		t.Errorf("request id %q", id)
	}
}
