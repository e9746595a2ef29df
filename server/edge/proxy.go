package edge

import (
	"net/netip"
	"slices"
	"strings"
)

// Proxies are the addresses from which X-Forwarded-For is believed: the operator's own
// reverse proxies.
type Proxies []netip.Prefix

// ClientIP is the address of the browser. Each proxy appends who spoke to it, so the list
// is read from its end: the first address that is no proxy of ours is the client's, and
// what stands before it is only the client's word.
func (p Proxies) ClientIP(remote, forwardedFor string) string {
	client := remote
	hops := strings.Split(forwardedFor, ",")
	for _, hop := range slices.Backward(hops) {
		if !p.trusts(client) {
			break
		}
		ip, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			break
		}
		client = ip.Unmap().String()
	}
	return client
}

func (p Proxies) trusts(text string) bool {
	ip, err := netip.ParseAddr(text)
	return err == nil && slices.ContainsFunc(p, func(prefix netip.Prefix) bool { return prefix.Contains(ip.Unmap()) })
}
