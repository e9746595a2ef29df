package edge_test

import (
	"net/netip"
	"testing"

	"wxhub/server/edge"
)

func TestClientIPBelievesOnlyOurProxies(t *testing.T) {
	ours := edge.Proxies{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	for name, c := range map[string]struct{ remote, header, want string }{
		"no proxy":                 {"203.0.113.7", "", "203.0.113.7"},
		"a client that claims":     {"203.0.113.7", "198.51.100.1", "203.0.113.7"},
		"one proxy":                {"10.0.0.1", "203.0.113.7", "203.0.113.7"},
		"a client's claim before":  {"10.0.0.1", "6.6.6.6, 203.0.113.7", "203.0.113.7"},
		"two proxies":              {"10.0.0.1", "6.6.6.6,203.0.113.7 , 10.2.0.9", "203.0.113.7"},
		"nothing but proxies":      {"10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"},
		"a proxy without a header": {"10.0.0.1", "", "10.0.0.1"},
		"garbage at the end":       {"10.0.0.1", "203.0.113.7, unknown", "10.0.0.1"},
		"a port":                   {"10.0.0.1", "203.0.113.7:443", "10.0.0.1"},
		"IPv6":                     {"::1", "2001:db8::7", "2001:db8::7"},
		"IPv4 in IPv6":             {"::1", "::ffff:203.0.113.7", "203.0.113.7"},
	} {
		if got := ours.ClientIP(c.remote, c.header); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	if got := edge.Proxies(nil).ClientIP("127.0.0.1", "203.0.113.7"); got != "127.0.0.1" {
		t.Errorf("without a list the header counts: %s", got)
	}
}
