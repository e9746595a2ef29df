package mp

import (
	"context"
	"encoding/json"
	"errors"

	"wxhub/wx"
	"wxhub/wx/api"
)

// button is a button on the wire. What WeChat does not know for a type must not be there.
type button struct {
	Type      string   `json:"type,omitempty"`
	Name      string   `json:"name"`
	Key       string   `json:"key,omitempty"`
	URL       string   `json:"url,omitempty"`
	AppID     string   `json:"appid,omitempty"`
	PagePath  string   `json:"pagepath,omitempty"`
	MediaID   string   `json:"media_id,omitempty"`
	ArticleID string   `json:"article_id,omitempty"`
	Sub       []button `json:"sub_button,omitempty"`
}

// matchRule is on the wire what wx.MenuMatch is here. WeChat answers numbers or strings.
type matchRule struct {
	TagID    text `json:"tag_id,omitempty"`
	Platform text `json:"client_platform_type,omitempty"`
}

// text is a string that WeChat may also write as a number.
type text string

// UnmarshalJSON takes both.
func (t *text) UnmarshalJSON(raw []byte) error {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		*t = text(s)
		return nil
	}
	var n json.Number
	if json.Unmarshal(raw, &n) != nil {
		return errors.New("neither a string nor a number")
	}
	*t = text(n)
	return nil
}

type buttons struct {
	Buttons []button   `json:"button"`
	Match   *matchRule `json:"matchrule,omitempty"`
	MenuID  text       `json:"menuid,omitempty"`
}

var menuCodes = api.Codes{46003: wx.ErrNoMenu}

// Menu returns the account's menu with its conditional ones, as the API made it: a menu that
// was made by hand in the console does not show.
//
// Errors: wx.ErrNoMenu, wx.ErrRateLimited, wx.ErrRejected, wx.ErrBusy, wx.ErrTimeout, those
// of token.Keeper.
func (c *Client) Menu(ctx context.Context, appID string) (wx.Menu, error) {
	var a struct {
		Menu        buttons   `json:"menu"`
		Conditional []buttons `json:"conditionalmenu"`
	}
	if err := c.api.Get(ctx, appID, "/cgi-bin/menu/get", nil, &a, menuCodes); err != nil {
		return wx.Menu{}, err
	}
	m := wx.Menu{Buttons: plainButtons(a.Menu.Buttons)}
	for _, one := range a.Conditional {
		x := wx.ConditionalMenu{ID: string(one.MenuID), Buttons: plainButtons(one.Buttons)}
		if one.Match != nil {
			x.Match = wx.MenuMatch{TagID: string(one.Match.TagID), Platform: string(one.Match.Platform)}
		}
		m.Conditional = append(m.Conditional, x)
	}
	return m, nil
}

// CreateMenu makes these buttons the default menu. Followers see it when they enter the
// account again, five minutes later at the latest. Errors: as for Menu.
func (c *Client) CreateMenu(ctx context.Context, appID string, list []wx.MenuButton) error {
	return c.api.Post(ctx, appID, "/cgi-bin/menu/create", buttons{Buttons: wireButtons(list)}, &struct{}{}, menuCodes)
}

// AddConditionalMenu adds a menu for some followers and returns its id. There must be a
// default menu. Errors: as for Menu.
func (c *Client) AddConditionalMenu(ctx context.Context, appID string, m wx.ConditionalMenu) (id string, err error) {
	body := buttons{Buttons: wireButtons(m.Buttons), Match: &matchRule{TagID: text(m.Match.TagID), Platform: text(m.Match.Platform)}}
	var a struct {
		MenuID text `json:"menuid"`
	}
	if err := c.api.Post(ctx, appID, "/cgi-bin/menu/addconditional", body, &a, menuCodes); err != nil {
		return "", err
	}
	if a.MenuID == "" {
		return "", strange("no menuid")
	}
	return string(a.MenuID), nil
}

// DeleteConditionalMenu removes one of the menus for some followers. Errors: as for Menu.
func (c *Client) DeleteConditionalMenu(ctx context.Context, appID, id string) error {
	body := struct {
		MenuID string `json:"menuid"`
	}{id}
	return c.api.Post(ctx, appID, "/cgi-bin/menu/delconditional", body, &struct{}{}, menuCodes)
}

// DeleteMenus removes the default menu and all conditional ones. Errors: as for Menu.
func (c *Client) DeleteMenus(ctx context.Context, appID string) error {
	return c.api.Get(ctx, appID, "/cgi-bin/menu/delete", nil, &struct{}{}, menuCodes)
}

func plainButtons(list []button) (out []wx.MenuButton) {
	for _, b := range list {
		out = append(out, wx.MenuButton{
			Name: b.Name, Type: b.Type, Key: b.Key, URL: b.URL, AppID: b.AppID, PagePath: b.PagePath,
			MediaID: b.MediaID, ArticleID: b.ArticleID, Sub: plainButtons(b.Sub),
		})
	}
	return out
}

func wireButtons(list []wx.MenuButton) (out []button) {
	for _, b := range list {
		out = append(out, button{
			Name: b.Name, Type: b.Type, Key: b.Key, URL: b.URL, AppID: b.AppID, PagePath: b.PagePath,
			MediaID: b.MediaID, ArticleID: b.ArticleID, Sub: wireButtons(b.Sub),
		})
	}
	return out
}
