package browsertest

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"wxhub/cmd/internal/config"
	"wxhub/wx/sandbox"
)

// hostile are texts that want to be more than text. evil.example is contacted by nobody: the
// tab notices.
var hostile = []string{
	`<img src=x onerror="document.title='owned'">`,
	`"><script>document.title='owned'</script>`,
	`'-document['title']='owned'-'`,
	`</title></textarea></style></script><svg onload=document.title='owned'>`,
	`javascript:document.title='owned'`,
	`//evil.example/`,
	`https://evil.example/`,
	`/\evil.example`,
	`{{.}}${7*7}%0d%0aLocation: https://evil.example`,
}

// harmless fails when a text has become more than text, or led elsewhere.
func (b *tab) harmless(what string, at string) {
	b.t.Helper()
	b.until(`document.readyState === 'complete'`)
	got := ask[string](b, `[location.host, document.title === 'owned', document.querySelectorAll('img[src=x], svg[onload], [onerror]').length,
	  Array.prototype.filter.call(document.querySelectorAll('a[href], form[action]'), function (e) { return !/^https?:\/\/127\.0\.0\.1[:\/]/.test(e.href || e.action); }).length].join(' ')`)
	host, rest, _ := strings.Cut(got, " ")
	if host != at || rest != "false 0 0" {
		b.t.Errorf("%s: the page is at %s, owned and odd elements: %s", what, host, rest)
	}
}

// Every input of every page, with every hostile text: nothing runs, and nothing leads away.
func TestHostileInputs(t *testing.T) {
	s := newStage(t)
	plain := s.open(phone)
	wechat, _ := s.phoneIn(inside, s.user)
	id := s.order(nil)
	for _, text := range hostile {
		q := url.QueryEscape(text)
		for _, path := range []string{
			"/c/counter-1?amount=" + q + "&login=" + q + "&from=" + q + "&" + q + "#" + text, "/c/" + url.PathEscape(text), "/pay/" + url.PathEscape(text),
			"/pay/" + id + "?from=" + q + "&login=" + q + "#" + q,
		} {
			plain.visit(s.URL + path)
			plain.harmless(path, s.host)
		}
		wechat.visit(s.URL + "/c/counter-1?login=base." + q)
		wechat.harmless("login="+text, s.host)
		back := s.URL + "/v1/login/official-account?app_id=" + sandbox.DefaultOfficialAccount + "&return_to=" + q
		wechat.visit(back) // an error in JSON, or a page of ours
		if host := ask[string](wechat, `location.host`); host != s.host && host != s.weChatHost {
			t.Errorf("return_to=%s leads to %s", text, host)
		}
	}
}

// What people write: the shop's backend, the payer, the shop's owner.
func TestHostileTexts(t *testing.T) {
	s := newStage(t)
	b := s.open(phone)
	for _, text := range hostile {
		b.visit(s.URL + "/pay/" + s.order(map[string]any{"description": text, "attach": text}))
		b.see(text)
		b.harmless("description "+text, s.host)
	}
	b.visit(s.URL + "/c/counter-1")
	for _, text := range hostile {
		ask[bool](b, fmt.Sprintf(`(document.getElementById('remark').value = %q, document.getElementById('amount').value = %q, document.querySelector('form').submit(), true)`, text, text))
		b.until(`document.readyState === 'complete' && document.querySelector('.fault') !== null`)
		b.harmless("remark "+text, s.host)
	}
	for _, text := range hostile {
		b.visit(s.URL + "/c/counter-1/poster.svg?caption=" + url.QueryEscape(text))
		if n := ask[int](b, `document.querySelectorAll('script, foreignObject, [onload], [onerror]').length`); n != 0 {
			t.Errorf("the poster of %s has %d scripts", text, n)
		}
	}
}

// The phone shows what others say, too: names, menus, messages, errors, and what its own
// address says.
func TestHostileTextsOnThePhone(t *testing.T) {
	s := newStage(t)
	if _, err := s.OpenAccount(t.Context(), []config.MenuButton{{Name: `<b>x</b>'"`, Type: "click", Key: hostile[0]}}); err != nil {
		t.Fatal(err)
	}
	host := strings.TrimPrefix(s.ControlURL, "http://")
	for _, text := range hostile[:4] {
		q := url.QueryEscape(text)
		u, err := s.Sandbox.CreateUser(string([]rune(text)[:min(64, len([]rune(text)))]))
		if err != nil {
			t.Fatal(err)
		}
		h := s.handset(u, desktop)
		h.visit(s.ControlURL + "/sandbox/?user=" + u.ID + "&server=" + q + "&code=" + q + "&open=" + q)
		h.until(`!!document.querySelector('[data-account]')`)
		if !strings.HasPrefix(text, "http") { // which is an address to open, in the frame
			h.harmless("the phone with "+text, host)
		}
		h.visit(s.ControlURL + "/sandbox/?user=" + u.ID)
		h.on(`[data-account="` + sandbox.DefaultOfficialAccount + `"]`)
		h.on(`#follow`)
		h.on(`.menu-button`)
		h.see("CLICK " + hostile[0])
		if _, err := s.Sandbox.SendMessage(sandbox.DefaultOfficialAccount, u.ID, text); err != nil {
			t.Fatal(err)
		}
		h.see(text)
		h.harmless("a chat with "+text, host)
	}
}
