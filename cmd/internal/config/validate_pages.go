package config

import (
	"net/netip"
	"net/url"
	"regexp"
	"strings"

	"wxhub/model"
)

// verifyName is what WeChat's consoles call the file by which they check a domain: of an
// official account MP_verify_x.txt, of a mini-program's web-view x.txt.
var (
	verifyName    = regexp.MustCompile(`^[A-Za-z0-9_]{4,64}\.txt$`)
	verifyContent = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)
)

// pages checks what the pages for payers need.
func (r *report) pages(s Server) {
	for i, p := range s.TrustedProxies {
		if _, err := ParseProxy(p); err != nil {
			r.fault(at("server.trusted_proxies", i, ""), "must be an IP address or a CIDR, such as 10.0.0.0/8")
		}
	}
	names := unique{}
	for i, f := range s.VerifyFiles {
		name, content := at("server.verify_files", i, "name"), at("server.verify_files", i, "content")
		if !verifyName.MatchString(f.Name) {
			r.fault(name, "must be the name of the file from WeChat's console, such as MP_verify_abcdefgh12345678.txt")
		} else {
			names.claim(r, name, f.Name, "file")
		}
		if !verifyContent.MatchString(f.Content) {
			r.fault(content, "must be what is in the file from WeChat's console: letters and digits in one line")
		}
	}
}

// ParseProxy reads an address or a CIDR.
func ParseProxy(text string) (netip.Prefix, error) {
	if strings.Contains(text, "/") {
		return netip.ParsePrefix(text)
	}
	ip, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Prefix{}, err
	}
	return ip.Prefix(ip.BitLen())
}

// jsHosts checks the hosts whose pages may use the JS-SDK of an official account.
func (r *report) jsHosts(i int, a App) {
	if len(a.JSHosts) > 0 && a.Kind != model.OfficialAccount {
		r.fault(at("wechat.apps", i, "js_hosts"), "only an official_account has the JS-SDK; remove it")
		return
	}
	seen := unique{}
	for j, host := range a.JSHosts {
		key := at(at("wechat.apps", i, "js_hosts"), j, "")
		u, err := url.Parse("https://" + host)
		if err != nil || host == "" || u.Host != host || host != strings.ToLower(host) {
			r.fault(key, "must be a host in lower case, with its port unless that is the usual one, such as shop.example.com")
			continue
		}
		seen.claim(r, key, host, "host")
	}
}
