package sandbox

import (
	"encoding/json"
	"errors"
	"strings"
)

// Errcodes of menus.
const (
	codeButtonSize    = 40016
	codeButtonType    = 40017
	codeButtonName    = 40018
	codeButtonKey     = 40019
	codeButtonURL     = 40020
	codeSubDepth      = 40022
	codeSubSize       = 40023
	codeSubType       = 40024
	codeSubName       = 40025
	codeSubKey        = 40026
	codeSubURL        = 40027
	codeMenuCharset   = 40033
	codeNoMenu        = 46003
	codeNoConditional = 65301
	codeMatchRule     = 65302
	codeNoDefaultMenu = 65303
	codeMenuIDMissing = 65306
	menuButtons       = 3
	menuSubButtons    = 5
	menuNameBytes     = 16
	menuSubNameBytes  = 60
	menuKeyBytes      = 128
	menuURLBytes      = 1024
)

// looseText is a string that may come as a number.
type looseText string

// UnmarshalJSON takes both.
func (t *looseText) UnmarshalJSON(raw []byte) error {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		*t = looseText(s)
		return nil
	}
	var n json.Number
	if json.Unmarshal(raw, &n) != nil {
		return errors.New("neither a string nor a number")
	}
	*t = looseText(n)
	return nil
}

// menuCreate makes the default menu.
func (p *Platform) menuCreate(in *wxCall) (any, *wxError) {
	app, sheet, failed := p.menuOf(in)
	if failed != nil {
		return nil, failed
	}
	sheet.Rule = nil
	p.menus.create(app, sheet)
	return wxOK{0, "ok"}, nil
}

// menuAddConditional makes a menu for some followers.
func (p *Platform) menuAddConditional(in *wxCall) (any, *wxError) {
	app, sheet, failed := p.menuOf(in)
	switch {
	case failed != nil:
		return nil, failed
	case sheet.Rule == nil, sheet.Rule.TagID == "" && sheet.Rule.Platform == "":
		return nil, &wxError{codeMatchRule, "matchrule must have at least one field"}
	case !strings.Contains(" 1 2 3", " "+string(sheet.Rule.Platform)) && sheet.Rule.Platform != "":
		return nil, &wxError{codeMatchRule, "invalid client_platform_type"}
	}
	made, ok := p.menus.create(app, sheet)
	if !ok {
		return nil, &wxError{codeNoDefaultMenu, "there is no selfmenu, please create selfmenu first"}
	}
	return map[string]int64{"menuid": made.ID}, nil
}

func (p *Platform) menuGet(in *wxCall) (any, *wxError) {
	app, failed := p.accountOf(in)
	if failed != nil {
		return nil, failed
	}
	standard, conditional := p.menus.list(app)
	if standard == nil {
		return nil, &wxError{codeNoMenu, "menu no exist"}
	}
	return struct {
		Menu        *menuSheet  `json:"menu"`
		Conditional []menuSheet `json:"conditionalmenu,omitempty"`
	}{standard, conditional}, nil
}

func (p *Platform) menuDelete(in *wxCall) (any, *wxError) {
	app, failed := p.accountOf(in)
	if failed != nil {
		return nil, failed
	}
	if !p.menus.clear(app) {
		return nil, &wxError{codeNoMenu, "menu no exist"}
	}
	return wxOK{0, "ok"}, nil
}

func (p *Platform) menuDeleteConditional(in *wxCall) (any, *wxError) {
	app, failed := p.accountOf(in)
	if failed != nil {
		return nil, failed
	}
	var body struct {
		MenuID looseText `json:"menuid"`
	}
	switch {
	case json.Unmarshal(in.body, &body) != nil || body.MenuID == "":
		return nil, &wxError{codeMenuIDMissing, "menuid missing"}
	case !p.menus.remove(app, string(body.MenuID)):
		return nil, &wxError{codeNoConditional, "there is no conditional menu of this menuid"}
	}
	return wxOK{0, "ok"}, nil
}

// menuOf reads and judges a menu.
func (p *Platform) menuOf(in *wxCall) (app string, sheet menuSheet, failed *wxError) {
	if app, failed = p.accountOf(in); failed != nil {
		return "", sheet, failed
	}
	if strings.Contains(string(in.body), `\u`) {
		return "", sheet, &wxError{codeMenuCharset, `invalid charset. please check your request, if include \uxxxx will create fail!`}
	}
	if json.Unmarshal(in.body, &sheet) != nil {
		return "", sheet, &wxError{codeData, "data format error"}
	}
	if n := len(sheet.Buttons); n < 1 || n > menuButtons {
		return "", sheet, &wxError{codeButtonSize, "invalid button size"}
	}
	for i := range sheet.Buttons {
		if failed := checkButton(&sheet.Buttons[i]); failed != nil {
			return "", sheet, failed
		}
	}
	return app, sheet, nil
}

// checkButton judges a button of the first level with those below it.
func checkButton(b *menuButton) *wxError {
	switch {
	case b.Name == "" || len(b.Name) > menuNameBytes:
		return &wxError{codeButtonName, "invalid button name size"}
	case len(b.Sub) > menuSubButtons:
		return &wxError{codeSubSize, "invalid sub button size"}
	case len(b.Sub) == 0:
		b.Sub = []menuButton{}
		return checkAction(*b, codeButtonType, codeButtonKey, codeButtonURL)
	}
	b.Type = ""
	for i := range b.Sub {
		sub := &b.Sub[i]
		switch {
		case len(sub.Sub) > 0:
			return &wxError{codeSubDepth, "invalid sub button depth"}
		case sub.Name == "" || len(sub.Name) > menuSubNameBytes:
			return &wxError{codeSubName, "invalid sub button name size"}
		}
		sub.Sub = []menuButton{}
		if failed := checkAction(*sub, codeSubType, codeSubKey, codeSubURL); failed != nil {
			return failed
		}
	}
	return nil
}

// checkAction wants what the button's type needs, within the limits.
func checkAction(b menuButton, kind, key, url int) *wxError {
	needsURL := b.Type == "view" || b.Type == "miniprogram"
	switch b.Type {
	case "click", "scancode_push", "scancode_waitmsg", "pic_sysphoto", "pic_photo_or_album", "pic_weixin", "location_select":
		if b.Key == "" {
			return &wxError{key, "invalid button key size"}
		}
	case "view", "media_id", "article_id", "article_view_limited":
		if !needsURL && b.MediaID+b.ArticleID == "" {
			return &wxError{codeArgs, "invalid args"}
		}
	case "miniprogram":
		if b.AppID == "" || b.PagePath == "" {
			return &wxError{codeInvalidAppID, "invalid appid"}
		}
	default:
		return &wxError{kind, "invalid button type"}
	}
	switch {
	case len(b.Key) > menuKeyBytes:
		return &wxError{key, "invalid button key size"}
	case needsURL && (b.URL == "" || len(b.URL) > menuURLBytes):
		return &wxError{url, "invalid button url size"}
	case needsURL && !strings.HasPrefix(b.URL, "http://") && !strings.HasPrefix(b.URL, "https://"):
		return &wxError{40055, "invalid button url domain"}
	}
	return nil
}
