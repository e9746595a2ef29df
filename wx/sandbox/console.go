package sandbox

import (
	"errors"
	"fmt"
	"regexp"
	"sync"
)

// Errors of the console.
var (
	ErrOpenPlatform = errors.New("open_platform is a name of up to 64 letters, digits, - and _; empty unbinds")
	ErrMigrate      = errors.New("an account moves to another one of the same kind")
)

var openPlatformName = regexp.MustCompile(`^[A-Za-z0-9_-]{0,64}$`)

// migration is an account that moved: its users' openids are now those of another.
type migration struct{ from, to string }

// console is what an app's owner changes while the platform runs. The world keeps the apps as they were born.
type console struct {
	world *world

	mu      sync.Mutex
	changed map[string]App
	moved   map[migration]bool
}

// BindApp binds the app to another open platform from now on, or with "" to none. Users keep their openids; their
// unionids are the new platform's, so a late unionid happens by itself. It returns ErrNoApp or ErrOpenPlatform.
func (p *Platform) BindApp(appID, openPlatform string) error {
	if !openPlatformName.MatchString(openPlatform) {
		return ErrOpenPlatform
	}
	if err := p.console.change(appID, func(a *App) { a.OpenPlatform = openPlatform }); err != nil {
		return err
	}
	p.crowd.meet(openPlatform)
	return nil
}

// MigrateApp lets changeopenid turn openids of one account into those of the other.
// It returns ErrNoApp or ErrMigrate.
func (p *Platform) MigrateApp(fromAppID, toAppID string) error {
	from, foundFrom := p.console.app(fromAppID)
	to, foundTo := p.console.app(toAppID)
	switch {
	case !foundFrom || !foundTo:
		return ErrNoApp
	case from.ID == to.ID || from.Kind != to.Kind:
		return ErrMigrate
	}
	p.console.mu.Lock()
	defer p.console.mu.Unlock()
	p.console.moved[migration{from.ID, to.ID}] = true
	return nil
}

// unionID is the user's under the app's open platform now, or nothing.
func (p *Platform) unionID(u User, appID string) string {
	app, _ := p.console.app(appID)
	if app.OpenPlatform == "" {
		return ""
	}
	return p.ids.unionID(u.ID, app.OpenPlatform)
}

// app is the app as it is now.
func (c *console) app(id string) (App, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if app, found := c.changed[id]; found {
		return app, true
	}
	if born := c.world.app(id); born != nil {
		return *born, true
	}
	return App{}, false
}

// list is all apps as they are now.
func (c *console) list() []App {
	var out []App
	for _, born := range c.world.apps {
		app, _ := c.app(born.ID)
		out = append(out, app)
	}
	return out
}

func (c *console) change(id string, edit func(*App)) error {
	app, found := c.app(id)
	if !found {
		return fmt.Errorf("%q: %w", id, ErrNoApp)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if newer, found := c.changed[id]; found {
		app = newer
	}
	edit(&app)
	c.changed[id] = app
	return nil
}

func (c *console) hasMoved(from, to string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.moved[migration{from, to}]
}

func (c *console) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.changed, c.moved = map[string]App{}, map[migration]bool{}
}
