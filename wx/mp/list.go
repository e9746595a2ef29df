package mp

import (
	"context"
	"net/url"

	"wxhub/model"
	"wxhub/wx"
)

// ListFollowers gives the followers after the openid next, which is "" for the first
// page. WeChat's order stays the same while people come and go.
//
// Errors: as for Follower.
func (c *Client) ListFollowers(ctx context.Context, appID, next string) (wx.Followers, error) {
	query := url.Values{}
	if next != "" {
		if !idShape.MatchString(next) {
			return wx.Followers{}, model.InvalidField("next", "must be an openid: 1–128 visible ASCII characters")
		}
		query.Set("next_openid", next)
	}
	var a struct {
		Total int `json:"total"`
		Data  struct {
			OpenIDs []string `json:"openid"`
		} `json:"data"`
		Next string `json:"next_openid"`
	}
	if err := c.api.Get(ctx, appID, "/cgi-bin/user/get", query, &a, codes); err != nil {
		return wx.Followers{}, err
	}
	for _, id := range a.Data.OpenIDs {
		if !idShape.MatchString(id) {
			return wx.Followers{}, strange("an unusable openid")
		}
	}
	page := wx.Followers{Total: a.Total, OpenIDs: a.Data.OpenIDs, Next: a.Next}
	// A page after the last is empty, and WeChat has been seen to name the last openid
	// with it again: who followed that would never end.
	if len(page.OpenIDs) == 0 || page.Next == next {
		page.Next = ""
	}
	if page.Next != "" && !idShape.MatchString(page.Next) {
		return wx.Followers{}, strange("an unusable next_openid")
	}
	return page, nil
}

// Moved tells which openids the people of a migrated account have in appID, the account
// that took them over. fromAppID is the old account. Who has none, because he never
// followed or gave consent, comes back without a NewOpenID.
//
// Errors: as for FollowersOf.
func (c *Client) Moved(ctx context.Context, appID, fromAppID string, openIDs []string) ([]wx.Moved, error) {
	asked, err := set(openIDs)
	if err != nil {
		return nil, err
	}
	if !idShape.MatchString(fromAppID) {
		return nil, model.InvalidField("from_app_id", "must be the app id of the old account")
	}
	q := struct {
		From    string   `json:"from_appid"`
		OpenIDs []string `json:"openid_list"`
	}{fromAppID, openIDs}
	var a struct {
		Results []struct {
			Old     string `json:"ori_openid"`
			New     string `json:"new_openid"`
			Message string `json:"err_msg"`
		} `json:"result_list"`
	}
	if err := c.api.Post(ctx, appID, "/cgi-bin/changeopenid", q, &a, codes); err != nil {
		return nil, err
	}
	var moved []wx.Moved
	for _, r := range a.Results {
		if !asked.take(r.Old) {
			return nil, strange("an openid that was not asked for, or twice")
		}
		if r.Message != "ok" { // "ori_openid error": there is no such person
			r.New = ""
		}
		if r.New != "" && !idShape.MatchString(r.New) {
			return nil, strange("an unusable openid")
		}
		moved = append(moved, wx.Moved{OldOpenID: r.Old, NewOpenID: r.New})
	}
	return moved, nil
}
