package stack_test

import (
	"net/http"
	"strings"
	"testing"

	"wxhub/cmd/internal/config"
	"wxhub/wx/sandbox"
)

// The account that a newcomer finds on the phone: its menu leads in, and its events arrive.
func TestTheAccountOnThePhone(t *testing.T) {
	b := start(t)
	app, err := b.OpenAccount(t.Context(), []config.MenuButton{{Name: "Pay", Type: "view", URL: "/c/counter-1"}})
	if err != nil || app != sandbox.DefaultOfficialAccount {
		t.Fatal(app, err)
	}
	u := b.newUser()
	if pushed, err := b.Sandbox.Follow(app, u.ID, ""); err != nil || !pushed {
		t.Fatal(pushed, err)
	}
	within(t, "the server has the event", func() bool {
		chat, err := b.Sandbox.Chat(app, u.ID)
		return err == nil && len(chat) == 1 && chat[0].State == sandbox.ChatReceived
	})
	state, err := b.Sandbox.PhoneState(u.ID)
	if err != nil {
		t.Fatal(err)
	}
	menu := state.Accounts[0].Menu
	if len(menu) != 1 || !strings.HasPrefix(menu[0].URL, b.URL+"/v1/login/official-account?") {
		t.Errorf("the menu is %+v", menu)
	}
	if a := send(t, http.MethodGet, b.SandboxURL+"/sandbox/", nil, nil); a.Status != http.StatusOK || !strings.Contains(string(a.Body), `id="phone"`) {
		t.Errorf("the phone: %d", a.Status)
	}
}
