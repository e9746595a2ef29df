package sandbox

import (
	"net/netip"
	"net/url"
	"strings"
)

// checkNotifyURL refuses what the platform refuses, except that addresses of this machine and of private
// networks are welcome, by http too: a simulator has to reach them.
func checkNotifyURL(text string) *Refusal {
	u, err := url.Parse(text)
	valid := err == nil && u.Host != "" && u.User == nil && !strings.ContainsAny(text, "?#") &&
		(u.Scheme == "https" || u.Scheme == "http" && nearby(u.Hostname()))
	if valid {
		return nil
	}
	return paramError(internalParamInvalid, "回调地址notify_url不合法，必须为https、外网可访问且不能携带参数", detailOf("/notify_url", "bad url"))
}

// nearby tells hosts that can only be this machine or its own network.
func nearby(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast()
	}
	return !strings.Contains(host, ".") || strings.HasSuffix(host, ".localhost")
}
