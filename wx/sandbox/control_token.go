package sandbox

import "net/http"

// RevokeTokens makes all access tokens of the app invalid at once: their next use is 40001, and stable_token
// gives a new one. With stuck the platform insists: stable_token answers the revoked token until a forced
// refresh. It returns ErrNoApp.
func (p *Platform) RevokeTokens(appID string, stuck bool) error {
	if p.world.app(appID) == nil {
		return ErrNoApp
	}
	p.tokens.revoke(appID, stuck)
	return nil
}

func (p *Platform) controlRevoke(w http.ResponseWriter, r *http.Request) {
	var in struct {
		AppID string `json:"app_id"`
		Stuck bool   `json:"stuck"`
	}
	if !read(w, r, &in) {
		return
	}
	if err := p.RevokeTokens(in.AppID, in.Stuck); err != nil {
		refuse(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (p *Platform) controlAllowIPs(w http.ResponseWriter, r *http.Request) {
	var in struct {
		AppID string   `json:"app_id"`
		IPs   []string `json:"ips"`
	}
	if !read(w, r, &in) {
		return
	}
	if err := p.AllowIPs(in.AppID, in.IPs...); err != nil {
		refuse(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
