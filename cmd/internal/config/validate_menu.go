package config

import (
	"regexp"
	"strings"
)

// WeChat's limits on menus, in entries and bytes.
const (
	maxMenuButtons  = 3
	maxSubButtons   = 5
	maxTopName      = 16
	maxSubName      = 60
	maxMenuKey      = 128
	maxMenuURL      = 1024
	menuMiniProgram = "miniprogram"
	menuView        = "view"
)

// menuNeeds says which keys each type of button needs, in the order of a check.
func menuNeeds(kind string) (keys []string, known bool) {
	switch kind {
	case menuView:
		return []string{"url"}, true
	case menuMiniProgram:
		return []string{"url", "appid", "pagepath"}, true
	case "click", "scancode_push", "scancode_waitmsg", "pic_sysphoto", "pic_photo_or_album", "pic_weixin", "location_select":
		return []string{"key"}, true
	case "media_id":
		return []string{"media_id"}, true
	case "article_id", "article_view_limited":
		return []string{"article_id"}, true
	}
	return nil, false
}

// MenuPlatforms are the phones that a conditional menu may be for.
var MenuPlatforms = []string{"ios", "android", "other"}

var menuTag = regexp.MustCompile(`^[0-9]{1,10}$`)

// menus checks all menus of an official account.
func (r *report) menus(i int, a App) {
	r.menu(at("wechat.apps", i, "menu"), a.Menu)
	list := at("wechat.apps", i, "conditional_menus")
	if len(a.ConditionalMenus) > 0 && len(a.Menu) == 0 {
		r.fault(at("wechat.apps", i, "menu"), "is missing: WeChat shows conditional menus only beside one for everybody")
	}
	for j, m := range a.ConditionalMenus {
		switch {
		case m.TagID == "" && m.Platform == "":
			r.fault(at(list, j, ""), "says nobody who sees it; give tag_id, platform or both")
		case m.TagID != "" && !menuTag.MatchString(m.TagID):
			r.fault(at(list, j, "tag_id"), "must be the number of a tag of followers in WeChat")
		}
		if m.Platform != "" {
			oneOf(r, at(list, j, "platform"), m.Platform, MenuPlatforms)
		}
		r.set(at(list, j, "menu"), len(m.Menu) == 0, "give at least one button")
		r.menu(at(list, j, "menu"), m.Menu)
	}
}

func (r *report) menu(key string, buttons []MenuButton) {
	if len(buttons) > maxMenuButtons {
		r.fault(key, "has %d buttons; WeChat shows at most %d", len(buttons), maxMenuButtons)
	}
	for i, b := range buttons {
		button := at(key, i, "")
		r.buttonName(button, b.Name, maxTopName)
		if len(b.SubButtons) == 0 {
			r.button(button, b)
			continue
		}
		r.subMenu(button, b)
	}
}

func (r *report) subMenu(key string, b MenuButton) {
	sub := join(key, "sub_button")
	if b.Type != "" {
		r.fault(join(key, "type"), "a button with sub_button opens them and does nothing else; remove type")
	}
	if len(b.SubButtons) > maxSubButtons {
		r.fault(sub, "has %d buttons; WeChat shows at most %d", len(b.SubButtons), maxSubButtons)
	}
	for i, s := range b.SubButtons {
		button := at(sub, i, "")
		r.buttonName(button, s.Name, maxSubName)
		if len(s.SubButtons) > 0 {
			r.fault(join(button, "sub_button"), "a menu has two levels; move these up")
			continue
		}
		r.button(button, s)
	}
}

func (r *report) buttonName(key, name string, most int) {
	key = join(key, "name")
	if r.set(key, name == "", "give the text of the button") && len(name) > most {
		r.fault(key, "has %d bytes (a Chinese character has 3); WeChat takes at most %d", len(name), most)
	}
}

// button checks that a button has what its type needs, within WeChat's limits.
func (r *report) button(key string, b MenuButton) {
	needs, known := menuNeeds(b.Type)
	if !known {
		r.fault(join(key, "type"), "must be a button type of WeChat's, such as view, click or miniprogram (or give sub_button)")
		return
	}
	given := map[string]string{
		"url": b.URL, "key": b.Key, "appid": b.AppID, "pagepath": b.PagePath, "media_id": b.MediaID, "article_id": b.ArticleID,
	}
	for _, name := range needs {
		r.set(join(key, name), given[name] == "", "a button of type "+b.Type+" needs it")
	}
	r.menuURL(key, b)
	if len(b.Key) > maxMenuKey {
		r.fault(join(key, "key"), "has %d bytes; WeChat takes at most %d", len(b.Key), maxMenuKey)
	}
	if b.AppID != "" && !appID.MatchString(b.AppID) {
		r.fault(join(key, "appid"), "must be the app id of a mini-program: wx and letters or digits")
	}
}

// menuURL checks where a button leads: to a URL, or from type view to a page of this server.
func (r *report) menuURL(key string, b MenuButton) {
	web := strings.HasPrefix(b.URL, "http://") || strings.HasPrefix(b.URL, "https://")
	page := b.Type == menuView && strings.HasPrefix(b.URL, "/") && !strings.HasPrefix(b.URL, "//") && !strings.ContainsAny(b.URL, "\\ \t\r\n#")
	if b.URL != "" && (len(b.URL) > maxMenuURL || !web && !page) {
		r.fault(join(key, "url"), "must be an http or https URL of at most %d bytes; of type view also a path on this server, such as /c/counter-1", maxMenuURL)
	}
}
