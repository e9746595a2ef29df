package app

import (
	"fmt"
	"net/url"
	"os"

	"wxhub/cmd/internal/config"
	"wxhub/model"
	"wxhub/server/edge"
	"wxhub/server/h5"
	"wxhub/server/jsconfig"
	"wxhub/wx/mp"
)

// pages is what the pages for payers need of the configuration.
func pages(c *config.Config) (h5.Options, error) {
	o := h5.Options{VerifyFiles: map[string]string{}}
	for _, f := range c.Server.VerifyFiles {
		o.VerifyFiles[f.Name] = f.Content
	}
	var err error
	if o.Proxies, err = proxies(c); err != nil {
		return o, err
	}
	if c.Server.PosterFont == "" {
		return o, nil
	}
	if o.PosterFont, err = os.ReadFile(c.Server.PosterFont); err != nil {
		return o, fmt.Errorf("server.poster_font: %w; give another file, or leave it out", err)
	}
	if !h5.ValidFont(o.PosterFont) {
		return o, fmt.Errorf("server.poster_font: %s is no font that can be read; give a .ttf, .otf or .ttc file, or leave it out", c.Server.PosterFont)
	}
	return o, nil
}

func proxies(c *config.Config) (out edge.Proxies, err error) {
	for _, text := range c.Server.TrustedProxies {
		p, err := config.ParseProxy(text)
		if err != nil {
			return nil, fmt.Errorf("server.trusted_proxies: %w", err)
		}
		out = append(out, p)
	}
	return out, nil
}

// jsConfig says which pages may use the JS-SDK of which official account.
func jsConfig(c *config.Config) jsconfig.Options {
	o := jsconfig.Options{Hosts: map[string][]string{}, Sign: mp.JSSignature}
	for _, a := range c.WeChat.Apps {
		if a.Kind != model.OfficialAccount {
			continue
		}
		o.Hosts[a.ID] = a.JSHosts
		if u, err := url.Parse(c.Server.PublicURL); err == nil && len(a.JSHosts) == 0 {
			o.Hosts[a.ID] = []string{jsconfig.HostOf(u)}
		}
	}
	return o
}
