package sandbox

import (
	"errors"
	"fmt"
	"maps"
	"slices"
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
	Phone    string            `json:"phone"` // bound to WeChat: 11 digits, or +CC and a number of another country
}

// UserSpec is a user to be made. Phone may be empty: then it derives from the seed and the name.
type UserSpec struct {
	Name  string
	Phone string
}

// crowd is all users.
type crowd struct {
	ids   *idMaker
	world *world

	mu    sync.Mutex
	users []User
	open  []string // open platforms that apps were bound to while the platform ran
}

// CreateUser makes a user. Its name is unique, and with the platform's seed decides all its ids.
// It returns ErrUserName or ErrUserExists.
func (p *Platform) CreateUser(name string) (User, error) {
	return p.CreateUserWith(UserSpec{Name: name})
}

// CreateUserWith makes a user with more than a name. It returns ErrUserName, ErrUserExists or ErrPhone.
func (p *Platform) CreateUserWith(spec UserSpec) (User, error) { return p.crowd.create(spec) }

// Users lists all users in the order of their making.
func (p *Platform) Users() []User { return p.crowd.list() }

// FindUser takes a user's id or name. It returns ErrNoUser.
func (p *Platform) FindUser(idOrName string) (User, error) { return p.crowd.find(idOrName) }

func (c *crowd) create(spec UserSpec) (User, error) {
	name, phone := strings.TrimSpace(spec.Name), strings.TrimSpace(spec.Phone)
	if n := utf8.RuneCountInString(name); n < 1 || n > 64 || strings.HasPrefix(name, "wxu_") {
		return User{}, ErrUserName
	}
	if phone == "" {
		phone = c.ids.phone(name)
	}
	if _, _, valid := phoneParts(phone); !valid {
		return User{}, fmt.Errorf("%q: %w", phone, ErrPhone)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, u := range c.users {
		if u.Name == name {
			return User{}, fmt.Errorf("%q: %w", name, ErrUserExists)
		}
	}
	u := User{ID: "wxu_" + c.ids.named(10, "user", name), Name: name, OpenIDs: map[string]string{}, UnionIDs: map[string]string{}, Phone: phone}
	for _, a := range c.world.apps {
		u.OpenIDs[a.ID] = c.ids.openID(u.ID, a.ID)
		if a.OpenPlatform != "" {
			u.UnionIDs[a.OpenPlatform] = c.ids.unionID(u.ID, a.OpenPlatform)
		}
	}
	for _, open := range c.open {
		u.UnionIDs[open] = c.ids.unionID(u.ID, open)
	}
	c.users = append(c.users, u)
	return u, nil
}

// meet gives everybody a unionid of an open platform that is new. Maps of users are shared by their copies, so
// they are replaced, never changed.
func (c *crowd) meet(open string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if open == "" || slices.Contains(c.open, open) {
		return
	}
	c.open = append(c.open, open)
	for i := range c.users {
		u := &c.users[i]
		u.UnionIDs = maps.Clone(u.UnionIDs)
		u.UnionIDs[open] = c.ids.unionID(u.ID, open)
	}
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
