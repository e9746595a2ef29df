// Package menu is menu as code: what the configuration says an official account's menu
// should be, how that differs from what WeChat has, and how to make it so.
package menu

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/aymanbagabas/go-udiff"

	"wxhub/cmd/internal/config"
	"wxhub/wx"
)

// door is where a tap on a button with a path goes first: it logs the follower in, and
// carries the app that they came from.
const door = "/v1/login/official-account"

// maxURL is WeChat's limit, in bytes.
const maxURL = 1024

// Wanted is the menu of an official account as the configuration has it.
//
// Errors: a path whose URL becomes too long for WeChat.
func Wanted(a config.App, publicURL string) (m wx.Menu, err error) {
	var faults []error
	m.Buttons = wantedButtons(a, publicURL, a.Menu, &faults)
	for _, c := range a.ConditionalMenus {
		m.Conditional = append(m.Conditional, wx.ConditionalMenu{
			Match: wx.MenuMatch{TagID: c.TagID, Platform: platform(c.Platform)}, Buttons: wantedButtons(a, publicURL, c.Menu, &faults),
		})
	}
	return m, errors.Join(faults...)
}

// platform is WeChat's number of a kind of phone.
func platform(name string) string {
	if i := slices.Index(config.MenuPlatforms, name); i >= 0 {
		return strconv.Itoa(i + 1)
	}
	return ""
}

func wantedButtons(a config.App, publicURL string, list []config.MenuButton, faults *[]error) (out []wx.MenuButton) {
	for _, b := range list {
		target := b.URL
		if strings.HasPrefix(b.URL, "/") {
			target = publicURL + door + "?" + url.Values{"app_id": {a.ID}, "return_to": {b.URL}}.Encode()
			if len(target) > maxURL {
				*faults = append(*faults, fmt.Errorf("menu of %s: the URL of button %q has %d bytes, WeChat takes %d; shorten its path", a.ID, b.Name, len(target), maxURL))
			}
		}
		out = append(out, wx.MenuButton{
			Name: b.Name, Type: b.Type, Key: b.Key, URL: target, AppID: b.AppID, PagePath: b.PagePath,
			MediaID: b.MediaID, ArticleID: b.ArticleID, Sub: wantedButtons(a, publicURL, b.SubButtons, faults),
		})
	}
	return out
}

// Text writes a menu down for people, the same text for the same menu.
func Text(m wx.Menu) string {
	var out strings.Builder
	if len(m.Buttons) > 0 {
		out.WriteString("for everybody\n")
		writeButtons(&out, m.Buttons, "  ")
	}
	for _, c := range byAge(m.Conditional) {
		fmt.Fprintf(&out, "for those with%s\n", matchText(c.Match))
		writeButtons(&out, c.Buttons, "  ")
	}
	return out.String()
}

func matchText(m wx.MenuMatch) (text string) {
	if m.TagID != "" {
		text += " tag " + m.TagID
	}
	if n, err := strconv.Atoi(m.Platform); err == nil && n >= 1 && n <= len(config.MenuPlatforms) {
		text += " platform " + config.MenuPlatforms[n-1]
	} else if m.Platform != "" {
		text += " platform " + m.Platform
	}
	return text
}

func writeButtons(out *strings.Builder, list []wx.MenuButton, indent string) {
	for _, b := range list {
		fmt.Fprintf(out, "%s%s", indent, b.Name)
		if len(b.Sub) == 0 {
			fmt.Fprintf(out, "  %s", b.Type)
		}
		for _, x := range [][2]string{{"key", b.Key}, {"appid", b.AppID}, {"pagepath", b.PagePath}, {"url", b.URL}, {"media_id", b.MediaID}, {"article_id", b.ArticleID}} {
			if x[1] != "" && len(b.Sub) == 0 {
				fmt.Fprintf(out, " %s=%s", x[0], x[1])
			}
		}
		out.WriteString("\n")
		writeButtons(out, b.Sub, indent+"  ")
	}
}

// byAge puts the menus that WeChat has into the order in which they are tried: the newest
// first. Those that have no id yet stay as the configuration has them.
func byAge(list []wx.ConditionalMenu) []wx.ConditionalMenu {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b wx.ConditionalMenu) int {
		x, errX := strconv.ParseInt(a.ID, 10, 64)
		y, errY := strconv.ParseInt(b.ID, 10, 64)
		if errX != nil || errY != nil {
			return 0
		}
		return cmp.Compare(y, x)
	})
	return list
}

// Drift shows how WeChat's menu differs from the wanted one, as a unified diff; "" when it
// does not.
func Drift(have, want wx.Menu) string {
	return udiff.Unified("at WeChat", "in the configuration", Text(have), Text(want))
}

// WeChat is what Push needs. wx/mp.Client is one.
type WeChat interface {
	CreateMenu(ctx context.Context, appID string, buttons []wx.MenuButton) error
	AddConditionalMenu(ctx context.Context, appID string, m wx.ConditionalMenu) (id string, err error)
	DeleteConditionalMenu(ctx context.Context, appID, id string) error
	DeleteMenus(ctx context.Context, appID string) error
}

// Push makes WeChat's menu the wanted one. What is right already is left alone. It may be
// repeated after an error.
func Push(ctx context.Context, w WeChat, appID string, have, want wx.Menu) error {
	if len(want.Buttons) == 0 {
		return w.DeleteMenus(ctx, appID)
	}
	if Text(wx.Menu{Buttons: have.Buttons}) != Text(wx.Menu{Buttons: want.Buttons}) {
		if err := w.CreateMenu(ctx, appID, want.Buttons); err != nil {
			return err
		}
	}
	if Text(wx.Menu{Conditional: have.Conditional}) == Text(wx.Menu{Conditional: want.Conditional}) {
		return nil
	}
	for _, c := range have.Conditional {
		if err := w.DeleteConditionalMenu(ctx, appID, c.ID); err != nil {
			return err
		}
	}
	for _, c := range slices.Backward(want.Conditional) { // the newest is tried first
		if _, err := w.AddConditionalMenu(ctx, appID, c); err != nil {
			return err
		}
	}
	return nil
}
