package mp

import (
	"context"
	"errors"
	"net/url"
	"regexp"

	"wxhub/model"
	"wxhub/wx"
	"wxhub/wx/api"
)

// MaxOpenIDs is how many openids WeChat takes in one call.
const MaxOpenIDs = 100

// idShape keeps an absurd openid or unionid out of our keys: visible ASCII only.
var idShape = regexp.MustCompile(`^[!-~]{1,128}$`)

// codes are the errcodes that all calls share.
var codes = api.Codes{40003: wx.ErrOpenIDUnknown}

// Client makes the calls. Every configured app of api.Tokens may be asked for.
type Client struct {
	api api.Client
}

// New makes a client.
func New(a api.Client) *Client { return &Client{a} }

// follower is an answer of user/info, alone or in a list.
type follower struct {
	Subscribe int    `json:"subscribe"`
	OpenID    string `json:"openid"`
	UnionID   string `json:"unionid"`
}

func (f follower) plain() (wx.Follower, error) {
	if f.Subscribe == 0 { // nothing else is told, and nothing else believed
		return wx.Follower{OpenID: f.OpenID}, nil
	}
	if f.UnionID != "" && !idShape.MatchString(f.UnionID) {
		return wx.Follower{}, strange("an unusable unionid")
	}
	return wx.Follower{OpenID: f.OpenID, Subscribed: true, UnionID: f.UnionID}, nil
}

// Follower tells whether a person follows the account, and the union id if so.
//
// Errors: invalid_input (openid of a wrong shape), wx.ErrOpenIDUnknown,
// wx.ErrRateLimited, wx.ErrRejected, wx.ErrBusy, wx.ErrTimeout, those of token.Keeper.
func (c *Client) Follower(ctx context.Context, appID, openID string) (wx.Follower, error) {
	if !idShape.MatchString(openID) {
		return wx.Follower{}, model.InvalidField("openid", "must be an openid: 1–128 visible ASCII characters")
	}
	var a follower
	query := url.Values{"openid": {openID}, "lang": {"zh_CN"}}
	if err := c.api.Get(ctx, appID, "/cgi-bin/user/info", query, &a, codes); err != nil {
		return wx.Follower{}, err
	}
	if a.OpenID != openID {
		return wx.Follower{}, strange("another openid")
	}
	return a.plain()
}

// FollowersOf is Follower for up to 100 people in one call. Who is missing from the
// answer, WeChat did not tell of. One unknown openid fails all of them.
//
// Errors: as for Follower; invalid_input also for none or too many openids.
func (c *Client) FollowersOf(ctx context.Context, appID string, openIDs []string) ([]wx.Follower, error) {
	asked, err := set(openIDs)
	if err != nil {
		return nil, err
	}
	type item struct {
		OpenID string `json:"openid"`
		Lang   string `json:"lang"`
	}
	var q struct {
		Users []item `json:"user_list"`
	}
	for _, id := range openIDs {
		q.Users = append(q.Users, item{id, "zh_CN"})
	}
	var a struct {
		Users []follower `json:"user_info_list"`
	}
	if err := c.api.Post(ctx, appID, "/cgi-bin/user/info/batchget", q, &a, codes); err != nil {
		return nil, err
	}
	var told []wx.Follower
	for _, f := range a.Users {
		if !asked.take(f.OpenID) {
			return nil, strange("an openid that was not asked for, or twice")
		}
		plain, err := f.plain()
		if err != nil {
			return nil, err
		}
		told = append(told, plain)
	}
	return told, nil
}

// openIDs are those that an answer may still speak of.
type openIDs map[string]bool

func (s openIDs) take(id string) bool {
	asked := s[id]
	delete(s, id)
	return asked
}

func set(ids []string) (openIDs, error) {
	if len(ids) == 0 || len(ids) > MaxOpenIDs {
		return nil, model.InvalidField("openids", "must be 1–%d openids", MaxOpenIDs)
	}
	s := openIDs{}
	for _, id := range ids {
		if !idShape.MatchString(id) || s[id] {
			return nil, model.InvalidField("openids", "must be openids, each once: 1–128 visible ASCII characters")
		}
		s[id] = true
	}
	return s, nil
}

func strange(what string) error {
	return wx.ErrBusy.Because(errors.New("WeChat answered with " + what))
}
