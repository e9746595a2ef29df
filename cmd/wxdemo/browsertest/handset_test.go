package browsertest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"wxhub/cmd/internal/config"
	"wxhub/wx/sandbox"
)

// handset is the sandbox's phone in somebody's browser: nothing of these tests stands between
// it, the pages in it and the server.
type handset struct {
	*tab
	s *stage
}

// world is where a script runs: a frame's page.
type world struct {
	id     runtime.ExecutionContextID
	unique string
	origin string
}

// watch keeps the worlds of the tab's pages, in the order of their making. b.mu is held.
func (b *tab) watch(event any) {
	switch e := event.(type) {
	case *runtime.EventExecutionContextCreated:
		var aux struct {
			IsDefault bool `json:"isDefault"`
		}
		if json.Unmarshal(e.Context.AuxData, &aux) == nil && aux.IsDefault {
			b.worlds = append(b.worlds, world{e.Context.ID, e.Context.UniqueID, e.Context.Origin})
		}
	case *runtime.EventExecutionContextDestroyed:
		b.worlds = slices.DeleteFunc(b.worlds, func(w world) bool { return w.unique == e.ExecutionContextUniqueID })
	case *runtime.EventExecutionContextsCleared:
		b.worlds = nil
	}
}

// handset opens the phone of a user on a desktop's screen.
func (s *stage) handset(u sandbox.User, d device) *handset {
	s.t.Helper()
	b := s.open(d)
	b.mu.Lock()
	b.loopback = true
	b.mu.Unlock()
	h := &handset{b, s}
	q := url.Values{"user": {u.ID}, "server": {s.URL}, "code": {"counter-1"}}
	h.visit(s.ControlURL + "/sandbox/?" + q.Encode())
	h.until(`!!document.querySelector('[data-account]')`)
	return h
}

// page is the world of the page in the phone's web view.
func (h *handset) page() (runtime.ExecutionContextID, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, w := range slices.Backward(h.worlds) {
		if w.origin != h.s.ControlURL && strings.HasPrefix(w.origin, "http://") {
			return w.id, true
		}
	}
	return 0, false
}

func evaluated[T any](ctx context.Context, h *handset, expression string) (T, error) {
	id, ok := h.page()
	if !ok {
		var none T
		return none, fmt.Errorf("no page is open in the phone")
	}
	return chromedp.Run(ctx, chromedp.Evaluate[T](expression, func(p *runtime.EvaluateParams) { p.ContextID = id }))
}

// asked evaluates an expression in the page of the phone's web view.
func asked[T any](h *handset, expression string) T {
	h.t.Helper()
	got, err := evaluated[T](h.Context, h, expression)
	if err != nil {
		h.t.Fatalf("%s: %v; the page says: %s", expression, err, h.pageText())
	}
	return got
}

func (h *handset) pageText() string {
	text, err := evaluated[string](h.Context, h, `location.href + " " + (document.body ? document.body.innerText : "")`)
	if err != nil {
		return err.Error() + "; the phone: " + h.tryText()
	}
	return text
}

func (h *handset) pageUntil(expression string) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.Context, patience)
	defer cancel()
	for {
		if fine, err := evaluated[bool](ctx, h, expression); err == nil && fine {
			return
		}
		select {
		case <-ctx.Done():
			h.t.Fatalf("never so: %s; the page says: %s", expression, h.pageText())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// reads waits until the page in the web view says every word.
func (h *handset) reads(words ...string) {
	h.t.Helper()
	for _, w := range words {
		h.pageUntil(fmt.Sprintf(`!!document.body && document.body.innerText.indexOf(%q) >= 0`, w))
	}
}

// touch is a real click in the middle of an element of the page in the web view, once it would do something:
// a page hears from the phone what became of a payment a moment after the payer has seen it.
func (h *handset) touch(selector string) {
	h.t.Helper()
	h.pageUntil(fmt.Sprintf(`(function () { var e = document.querySelector(%q); return !!e && e.getClientRects().length > 0 && !e.classList.contains('busy'); }())`, selector))
	type point struct{ X, Y float64 }
	at := asked[point](h, fmt.Sprintf(`(function () { var e = document.querySelector(%q); e.scrollIntoView({block: 'nearest'}); var r = e.getBoundingClientRect(); return {X: r.left + r.width / 2, Y: r.top + r.height / 2}; }())`, selector))
	frame := ask[point](h.tab, `(function () { var r = document.querySelector('iframe').getBoundingClientRect(); return {X: r.left, Y: r.top}; }())`)
	h.run(chromedp.MouseClickXY(at.X+frame.X, at.Y+frame.Y))
}

// on waits for an element of the phone and taps it.
func (h *handset) on(selector string) {
	h.t.Helper()
	h.until(fmt.Sprintf(`(function () { var e = document.querySelector(%q); return !!e && e.getClientRects().length > 0 && !e.disabled; }())`, selector))
	h.tap(selector)
}

// pays confirms the payment sheet and what follows it.
func (h *handset) pays() { h.t.Helper(); h.on("#sheet-confirm"); h.on("#sheet-done") }

// account is where the official account's pages are entered.
func (s *stage) account() {
	s.t.Helper()
	_, err := s.OpenAccount(s.t.Context(), []config.MenuButton{
		{Name: "付款", Type: "view", URL: "/c/counter-1"},
		{Name: "更多", SubButtons: []config.MenuButton{{Name: "你好", Type: "click", Key: "hello"}}},
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// opens opens an address in WeChat, or in the phone's browser.
func (h *handset) opens(address string, where string) {
	h.t.Helper()
	h.on(`[data-tab=discover]`)
	h.on(`[data-go=` + where + `]`)
	h.until(`!!document.getElementById('address')`)
	ask[bool](h.tab, fmt.Sprintf(`(document.getElementById('address').value = %q, true)`, address))
	h.on(`.scan button`)
}
