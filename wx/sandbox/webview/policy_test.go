package webview

import "testing"

// A policy gives way for the bridge and the phone's frame, and for nothing else.
func TestRelaxed(t *testing.T) {
	const phone, bridge = "http://p:1", "http://v:2/.wxsandbox/"
	for policy, want := range map[string]struct{ out, nonce string }{
		"":                                     {"frame-ancestors http://p:1", ""},
		"frame-ancestors 'none'":               {"frame-ancestors http://p:1", ""},
		"default-src 'self'":                   {"default-src 'self'; script-src 'self' " + bridge + "; frame-ancestors http://p:1", ""},
		"default-src 'none'":                   {"default-src 'none'; script-src " + bridge + "; frame-ancestors http://p:1", ""},
		"script-src 'none';img-src *":          {"script-src " + bridge + "; img-src *; frame-ancestors http://p:1", ""},
		"Script-Src 'nonce-aB1=' x":            {"Script-Src 'nonce-aB1=' x " + bridge + "; frame-ancestors http://p:1", "aB1="},
		"upgrade-insecure-requests; img-src *": {"img-src *; frame-ancestors http://p:1", ""},
		"default-src 'nonce-n1'":               {"default-src 'nonce-n1'; script-src 'nonce-n1' " + bridge + "; frame-ancestors http://p:1", "n1"},
		"default-src 'none'; script-src-elem a; script-src b": {
			"default-src 'none'; script-src-elem a " + bridge + "; script-src b " + bridge + "; frame-ancestors http://p:1", ""},
	} {
		if out, nonce := relaxed(policy, phone, bridge); out != want.out || nonce != want.nonce {
			t.Errorf("%q became %q with nonce %q, want %q", policy, out, nonce, want.out)
		}
	}
}
