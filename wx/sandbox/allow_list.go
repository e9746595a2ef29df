package sandbox

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
)

// ErrIP: an entry of an allow list is not an IP address.
var ErrIP = errors.New("ips is a list of IP addresses; an empty one lets every address in")

// allowLists are the addresses that may ask for an app's access token; an app without a list takes all.
type allowLists struct {
	mu   sync.Mutex
	apps map[string][]netip.Addr
}

// AllowIPs makes ips the only addresses that get an access token of the app; anybody else gets 40164. No ips:
// everybody does. It returns ErrNoApp or ErrIP.
func (p *Platform) AllowIPs(appID string, ips ...string) error {
	if p.world.app(appID) == nil {
		return ErrNoApp
	}
	var list []netip.Addr
	for _, text := range ips {
		ip, err := netip.ParseAddr(text)
		if err != nil {
			return fmt.Errorf("%q: %w", text, ErrIP)
		}
		list = append(list, ip.Unmap())
	}
	p.allowed.set(appID, list)
	return nil
}

func (l *allowLists) set(app string, list []netip.Addr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.apps == nil {
		l.apps = map[string][]netip.Addr{}
	}
	l.apps[app] = list
}

func (l *allowLists) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.apps = nil
}

// check takes the address that the call came from as net/http gives it.
func (l *allowLists) check(app, remote string) *wxError {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		host = remote
	}
	l.mu.Lock()
	list := l.apps[app]
	l.mu.Unlock()
	ip, err := netip.ParseAddr(host)
	if len(list) == 0 || err == nil && slices.Contains(list, ip.Unmap()) {
		return nil
	}
	text := fmt.Sprintf("invalid ip %s ipv6 %s, not in whitelist", host, host)
	if ip = ip.Unmap(); ip.Is4() {
		text = fmt.Sprintf("invalid ip %s ipv6 ::ffff:%s, not in whitelist", ip, ip)
	}
	return &wxError{codeIPNotAllowed, text}
}
