package client

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// User is one person, whichever apps they came through.
type User struct {
	ID         string     `json:"id"` // a merged user's old id answers with the survivor, who has another
	UnionID    string     `json:"union_id"`
	Phone      string     `json:"phone"`
	Identities []Identity `json:"identities"`
	CreatedAt  time.Time  `json:"created_at"`
	ErasedAt   time.Time  `json:"erased_at"` // zero: not erased
}

// Identity is a person in one app.
type Identity struct {
	AppID  string `json:"app_id"`
	Kind   string `json:"kind"` // mini_program, official_account, website, mobile_app
	OpenID string `json:"open_id"`
}

// User returns one person.
func (c *Client) User(ctx context.Context, id string) (User, error) {
	return do[User](ctx, c, call{method: http.MethodGet, path: []string{"users", id}})
}

// UserByOpenID finds a person by their openid in an app.
func (c *Client) UserByOpenID(ctx context.Context, appID, openID string) (User, error) {
	return c.findUser(ctx, url.Values{"app_id": {appID}, "open_id": {openID}})
}

// UserByUnionID finds a person by UnionID. openPlatform may be empty when only one is configured.
func (c *Client) UserByUnionID(ctx context.Context, unionID, openPlatform string) (User, error) {
	v := url.Values{"union_id": {unionID}}
	set(v, "open_platform", openPlatform)
	return c.findUser(ctx, v)
}

// findUser refuses what would be a list of all.
func (c *Client) findUser(ctx context.Context, v url.Values) (User, error) {
	for name, values := range v {
		if values[0] == "" {
			return User{}, &Error{Status: http.StatusUnprocessableEntity, Code: "invalid_input", Detail: name + " is empty"}
		}
	}
	return do[User](ctx, c, call{method: http.MethodGet, path: []string{"users"}, query: v})
}

// UserPage is a page of people, newest first.
type UserPage struct {
	Data       []User `json:"data"`
	NextCursor string `json:"next_cursor"` // "" on the last page
}

// Users returns one page of all people. limit is at most 100, and 20 when it is 0; cursor is the
// NextCursor of the page before.
func (c *Client) Users(ctx context.Context, limit int, cursor string) (UserPage, error) {
	v := url.Values{}
	set(v, "limit", number(limit))
	set(v, "cursor", cursor)
	return do[UserPage](ctx, c, call{method: http.MethodGet, path: []string{"users"}, query: v})
}
