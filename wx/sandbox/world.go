package sandbox

import (
	"fmt"
	"slices"
)

// world is what does not change while the platform runs: apps and merchants.
type world struct {
	apps      []App
	merchants []*merchant
}

func newWorld(apps []App, merchants []Merchant) (*world, error) {
	w := &world{apps: slices.Clone(apps)}
	for i := range w.apps {
		a := &w.apps[i]
		if w.app(a.ID) != a {
			return nil, fmt.Errorf("sandbox: app %s is there twice", a.ID)
		}
		if err := a.checkPush(); err != nil {
			return nil, fmt.Errorf("sandbox: app %s: %w", a.ID, err)
		}
	}
	for _, given := range merchants {
		m, err := parseMerchant(given)
		if err != nil {
			return nil, fmt.Errorf("sandbox: merchant %s: %w", given.ID, err)
		}
		if err := w.admit(m); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// admit takes a merchant in whose number, sub merchants and apps fit the rest.
func (w *world) admit(m *merchant) error {
	if w.merchant(m.ID) != nil {
		return fmt.Errorf("sandbox: merchant %s is there twice", m.ID)
	}
	if err := w.knowsApps(m.ID, m.AppIDs); err != nil {
		return err
	}
	if m.partner() && len(m.AppIDs) == 0 {
		return fmt.Errorf("sandbox: service provider %s has no app, so it could never fill sp_appid", m.ID)
	}
	for i := range m.SubMerchants {
		sub := &m.SubMerchants[i]
		if sub.ID == m.ID || m.sub(sub.ID) != sub {
			return fmt.Errorf("sandbox: merchant %s has sub merchant %s twice, or is its own", m.ID, sub.ID)
		}
		if err := w.knowsApps(sub.ID, sub.AppIDs); err != nil {
			return err
		}
	}
	w.merchants = append(w.merchants, m)
	return nil
}

func (w *world) knowsApps(merchant string, appIDs []string) error {
	for _, id := range appIDs {
		if w.app(id) == nil {
			return fmt.Errorf("sandbox: merchant %s is bound to %s, which is not an app", merchant, id)
		}
	}
	return nil
}

// app returns nil when there is none.
func (w *world) app(id string) *App {
	for i := range w.apps {
		if w.apps[i].ID == id {
			return &w.apps[i]
		}
	}
	return nil
}

// merchant returns nil when there is none.
func (w *world) merchant(id string) *merchant {
	for _, m := range w.merchants {
		if m.ID == id {
			return m
		}
	}
	return nil
}
