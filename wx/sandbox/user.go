package sandbox

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"
)

// Errors of the users' operations.
var (
	ErrUserName   = errors.New("a user's name has 1 to 64 characters and does not begin with wxu_")
	ErrUserExists = errors.New("a user of this name exists; use its id or its name")
	ErrNoUser     = errors.New("no such user; POST /sandbox/users {\"name\":…} makes one")
)

// User is a person with WeChat on the phone. OpenIDs are by app id, UnionIDs by open platform.
type User struct {
	ID       string            `json:"id"`
	Name     string            `json:"name"`
	OpenIDs  map[string]string `json:"openids"`
	UnionIDs map[string]string `json:"unionids"`
}

// crowd is all users.
type crowd struct {
	ids   *idMaker
	world *world

	mu    sync.Mutex
	users []User
}

// CreateUser makes a user. Its name is unique, and with the platform's seed decides all its ids.
// It returns ErrUserName or ErrUserExists.
func (p *Platform) CreateUser(name string) (User, error) { return p.crowd.create(name) }

// Users lists all users in the order of their making.
func (p *Platform) Users() []User { return p.crowd.list() }

// FindUser takes a user's id or name. It returns ErrNoUser.
func (p *Platform) FindUser(idOrName string) (User, error) { return p.crowd.find(idOrName) }

func (c *crowd) create(name string) (User, error) {
	name = strings.TrimSpace(name)
	if n := utf8.RuneCountInString(name); n < 1 || n > 64 || strings.HasPrefix(name, "wxu_") {
		return User{}, ErrUserName
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, u := range c.users {
		if u.Name == name {
			return User{}, fmt.Errorf("%q: %w", name, ErrUserExists)
		}
	}
	u := User{ID: "wxu_" + c.ids.named(10, "user", name), Name: name, OpenIDs: map[string]string{}, UnionIDs: map[string]string{}}
	for _, a := range c.world.apps {
		u.OpenIDs[a.ID] = c.ids.openID(u.ID, a.ID)
		if a.OpenPlatform != "" {
			u.UnionIDs[a.OpenPlatform] = c.ids.unionID(u.ID, a.OpenPlatform)
		}
	}
	c.users = append(c.users, u)
	return u, nil
}

func (c *crowd) list() []User {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]User{}, c.users...)
}

func (c *crowd) find(idOrName string) (User, error) {
	for _, u := range c.list() {
		if u.ID == idOrName || u.Name == idOrName {
			return u, nil
		}
	}
	return User{}, fmt.Errorf("%q: %w", idOrName, ErrNoUser)
}

// owner finds whose openid this is and under which app. app is empty when nobody has it.
func (c *crowd) owner(openID string) (u User, app string) {
	for _, u := range c.list() {
		for app, id := range u.OpenIDs {
			if id == openID {
				return u, app
			}
		}
	}
	return User{}, ""
}
