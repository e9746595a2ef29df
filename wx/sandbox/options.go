package sandbox

import (
	"log/slog"
	"net/http"
	"time"
)

// Options configure a Platform. The zero value is a working one.
type Options struct {
	Seed   uint64       // 0: random; ids and seeded faults derive from it
	Faults string       // "none" (also when empty) or "default", see DIVERGENCES.md
	Logger *slog.Logger // nil: discard
	// Client delivers notifications; nil: one with a 5 s timeout. Redirects are never followed, whatever it says.
	Client *http.Client

	Now       func() time.Time // wall clock; nil: time.Now
	PublicURL string           // where Handler is reachable, for config.yaml; empty: the Host of the request
	Apps      []App            // nil: DefaultApps
	Merchants []Merchant       // nil: DefaultMerchants
	Behaviour *Behaviour       // nil: DefaultBehaviour
}

func (o Options) withDefaults() (Options, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Apps == nil {
		o.Apps = DefaultApps()
	}
	if o.Merchants == nil {
		merchants, err := DefaultMerchants()
		if err != nil {
			return o, err
		}
		o.Merchants = merchants
	}
	if o.Behaviour == nil {
		b := DefaultBehaviour()
		o.Behaviour = &b
	}
	return o, nil
}
