package menu_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"

	"wxhub/cmd/internal/config"
	"wxhub/cmd/internal/menu"
	"wxhub/wx"
)

// account is WeChat's side of one official account. The failAt-th call fails, and takes
// effect or not.
type account struct {
	menu        wx.Menu
	calls, next int
	failAt      int
	takesEffect bool
	order       []string
}

func (a *account) call(what string, do func()) error {
	a.calls++
	a.order = append(a.order, what)
	if a.calls != a.failAt {
		do()
		return nil
	}
	if a.takesEffect {
		do()
	}
	return errBoom
}

var errBoom = errors.New("boom")

func (a *account) CreateMenu(_ context.Context, _ string, list []wx.MenuButton) error {
	return a.call("create", func() { a.menu.Buttons = list })
}

func (a *account) AddConditionalMenu(_ context.Context, _ string, m wx.ConditionalMenu) (string, error) {
	err := a.call("add", func() {
		a.next++
		m.ID = strconv.Itoa(a.next)
		a.menu.Conditional = append(a.menu.Conditional, m)
	})
	return strconv.Itoa(a.next), err
}

func (a *account) DeleteConditionalMenu(_ context.Context, _, id string) error {
	return a.call("remove", func() {
		a.menu.Conditional = slices.DeleteFunc(slices.Clone(a.menu.Conditional), func(c wx.ConditionalMenu) bool { return c.ID == id })
	})
}

func (a *account) DeleteMenus(context.Context, string) error {
	return a.call("delete", func() { a.menu = wx.Menu{} })
}

func click(name string) []wx.MenuButton {
	return []wx.MenuButton{{Name: name, Type: "click", Key: name}}
}

// Whatever call of a push fails, with or without an effect, the next push makes it right,
// and then there is nothing left to do.
func TestPushGoesOnAfterAFailure(t *testing.T) {
	want := wx.Menu{Buttons: click("a"), Conditional: []wx.ConditionalMenu{
		{Match: wx.MenuMatch{Platform: "1"}, Buttons: click("i")}, {Match: wx.MenuMatch{TagID: "7"}, Buttons: click("v")},
	}}
	for failAt := 1; failAt <= 6; failAt++ {
		for _, takesEffect := range []bool{false, true} {
			a := &account{failAt: failAt, takesEffect: takesEffect, next: 9, menu: wx.Menu{
				Buttons: click("old"), Conditional: []wx.ConditionalMenu{{ID: "9", Match: wx.MenuMatch{TagID: "1"}, Buttons: click("x")}},
			}}
			err := menu.Push(t.Context(), a, "wx1", a.menu, want)
			if failed := failAt <= 4; failed != errors.Is(err, errBoom) {
				t.Fatalf("call %d: %v", failAt, err)
			}
			a.failAt = 0
			if err := menu.Push(t.Context(), a, "wx1", a.menu, want); err != nil {
				t.Fatal(err)
			}
			if drift := menu.Drift(a.menu, want); drift != "" {
				t.Errorf("call %d, effect %v: left is\n%s", failAt, takesEffect, drift)
			}
			calls := a.calls
			if err := menu.Push(t.Context(), a, "wx1", a.menu, want); err != nil || a.calls != calls {
				t.Errorf("%d calls for nothing, %v: %v", a.calls-calls, err, a.order)
			}
		}
	}
}

// The order of the configuration is the one in which WeChat tries: the newest first. Ids
// have no fixed length.
func TestConditionalMenusAreTriedInOrder(t *testing.T) {
	have := wx.Menu{Buttons: click("a"), Conditional: []wx.ConditionalMenu{
		{ID: "9", Match: wx.MenuMatch{TagID: "2"}, Buttons: click("b")}, {ID: "10", Match: wx.MenuMatch{TagID: "1"}, Buttons: click("c")},
	}}
	text := menu.Text(have)
	if strings.Index(text, "tag 1\n") > strings.Index(text, "tag 2\n") {
		t.Errorf("the older one first:\n%s", text)
	}
	swapped := wx.Menu{Buttons: have.Buttons, Conditional: []wx.ConditionalMenu{
		{Match: wx.MenuMatch{TagID: "2"}, Buttons: click("b")}, {Match: wx.MenuMatch{TagID: "1"}, Buttons: click("c")},
	}}
	if menu.Drift(have, swapped) == "" {
		t.Error("another order is no drift")
	}
}

func TestAPathThatIsTooLongForWeChat(t *testing.T) {
	a := config.App{ID: "wx1", Menu: []config.MenuButton{{Name: "a", Type: "view", URL: "/" + strings.Repeat("é", 200)}}}
	if _, err := menu.Wanted(a, "https://shop.example"); err == nil || !strings.Contains(err.Error(), "shorten") {
		t.Errorf("got %v", err)
	}
}
