package webview

import (
	"net/http"
	"strings"
)

const policyHeader = "Content-Security-Policy"

// relax changes the policies of an answer as little as the phone needs, and returns a nonce that scripts must carry, if one is asked for.
func (w *view) relax(h http.Header) (nonce string) {
	var out []string
	for _, line := range h.Values(policyHeader) {
		for policy := range strings.SplitSeq(line, ",") {
			relaxed, n := relaxed(policy, w.phone.Origin, w.origin()+own)
			out = append(out, relaxed)
			if n != "" {
				nonce = n
			}
		}
	}
	if out == nil {
		out = []string{"frame-ancestors " + w.phone.Origin}
	}
	h[policyHeader] = out
	h.Del(policyHeader + "-Report-Only")
	return nonce
}

// relaxed is a policy under which the phone may frame the page and the bridge may run, and which forbids everything else that it
// forbade.
func relaxed(policy, phone, scripts string) (out, nonce string) {
	var kept []string
	sources, scripted := "", false
	for directive := range strings.SplitSeq(policy, ";") {
		directive = strings.TrimSpace(directive)
		name, value, _ := strings.Cut(directive, " ")
		switch strings.ToLower(name) {
		case "", "frame-ancestors", "upgrade-insecure-requests", "block-all-mixed-content": // a view is http
			continue
		case "default-src":
			sources = value
		case "script-src", "script-src-elem":
			scripted = true
			directive, nonce = name+" "+with(value, scripts), nonceOf(value, nonce)
		}
		kept = append(kept, directive)
	}
	if sources != "" && !scripted {
		kept, nonce = append(kept, "script-src "+with(sources, scripts)), nonceOf(sources, nonce)
	}
	return strings.Join(append(kept, "frame-ancestors "+phone), "; "), nonce
}

// with adds a source. 'none' stands alone.
func with(sources, more string) string {
	if strings.TrimSpace(sources) == "'none'" {
		return more
	}
	return strings.TrimSpace(sources + " " + more)
}

func nonceOf(sources, other string) string {
	for source := range strings.FieldsSeq(sources) {
		if n, found := strings.CutPrefix(source, "'nonce-"); found {
			return strings.TrimSuffix(n, "'")
		}
	}
	return other
}
