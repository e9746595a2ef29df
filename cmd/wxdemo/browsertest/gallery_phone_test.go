package browsertest

import (
	"html/template"
	"os"
	"path/filepath"
	"testing"

	"wxhub/wx/sandbox"
)

// TestGalleryOfThePhone renders the screens of the sandbox's phone, for WXHUB_GALLERY.
func TestGalleryOfThePhone(t *testing.T) {
	s, dir := newStage(t), galleryDir(t)
	s.account()
	if _, err := s.Sandbox.Follow(sandbox.DefaultPartnerAccount, s.user.ID, ""); err != nil {
		t.Fatal(err)
	}
	light, dark, narrow := desktop, desktop, small
	light.name, dark.name, narrow.name = "light", "dark-en", "320"
	dark.dark, dark.language = true, "en"
	narrow.userAgent, narrow.touch = windows, false
	devices := []device{dark, narrow}
	if os.Getenv("WXHUB_GALLERY") != "" { // somebody looks at them
		devices = append(devices, light)
	}
	for _, d := range devices {
		s.screens(dir, d)
	}
	writeGallery(t, dir)
}

// TestPictureOfThePhone takes the picture that README shows: a payment was made, and the next one is about to be.
func TestPictureOfThePhone(t *testing.T) {
	s := newStage(t, "WXHUB_COLLECT_CODES=[{id: counter-1, merchant: '1900000001', title: Corner shop, max: 500000}]")
	s.account()
	d := desktop
	d.language, d.height = "en", 780
	h := s.handset(s.user, d)
	h.on(`[data-account="` + sandbox.DefaultOfficialAccount + `"]`)
	h.on(`#follow`)
	types := func(keys ...string) {
		h.on(`[data-menu="付款"]`)
		h.pageUntil(`!!document.querySelector('.key-pay')`)
		for _, key := range keys {
			h.touch(`[data-key="` + key + `"]`)
		}
		h.touch(`.key-pay`)
	}
	types("8")
	h.pays()
	h.reads("Paid")
	h.on(`#view-close`)
	types("1", "9", ".", "9")
	h.see("Pay to Corner shop", "TRANSACTION.SUCCESS")
	h.until(`!!document.getElementById('sheet-confirm') && document.getElementById('entries').innerText.split('/v3/pay/transactions/jsapi').length === 3 && !document.querySelector('.pill.open')`)
	h.shoot(filepath.Join(galleryDir(t), "readme.png"))
}

// screens walks through every screen of the phone.
func (s *stage) screens(dir string, d device) {
	s.t.Helper()
	h := s.handset(s.user, d)
	n := 0
	shoot := func(name string) {
		h.shoot(filepath.Join(dir, "phone-"+string(rune('a'+n))+"-"+name+"."+d.name+".png"))
		n++
	}
	pay := map[bool]string{true: "Paid", false: "支付成功"}[d.language == "en"]
	shoot("chats")
	h.on(`[data-account="` + sandbox.DefaultOfficialAccount + `"]`)
	h.until(`!!document.querySelector('.foot button')`)
	if ask[bool](h.tab, `!!document.getElementById('follow')`) {
		h.on(`#follow`)
	}
	h.on(`[data-menu="更多"]`)
	h.until(`!!document.querySelector('.menu-pop:not([hidden])')`)
	shoot("menu")
	h.on(`[data-menu="付款"]`)
	h.pageUntil(`!!document.querySelector('.key-pay')`)
	h.touch(`[data-key="8"]`)
	shoot("lead-in")
	h.touch(`.key-pay`)
	h.until(`!!document.getElementById('sheet-confirm')`)
	shoot("sheet")
	h.on(`[value=not_enough]`)
	h.on(`#sheet-confirm`)
	h.until(`!!document.getElementById('notice-ok')`)
	shoot("not-enough")
	h.on(`#notice-ok`)
	h.touch(`#pay`)
	h.on(`#sheet-confirm`)
	h.until(`!!document.getElementById('sheet-done')`)
	shoot("paid")
	h.on(`#sheet-done`)
	h.reads(pay)
	shoot("result")
	h.on(`#view-close`)
	h.on(`.bar-back`)
	h.on(`.row`)
	h.until(`!!document.querySelector('.receipt')`)
	shoot("receipts")
	h.on(`.bar-back`)
	h.on(`[data-tab=discover]`)
	shoot("discover")
	h.on(`[data-go=scan]`)
	shoot("scan")
	h.on(`.bar-back`)
	h.on(`[data-go=browser]`)
	shoot("browser")
	h.on(`.bar-back`)
	h.on(`[data-go=` + sandbox.DefaultMiniProgram + `]`)
	h.on(`#mini-buy`)
	h.pays()
	h.until(`document.querySelectorAll('#mini-steps .good').length === 6`)
	shoot("mini-program")
	h.on(`#mini-close`)
	h.on(`[data-tab=me]`)
	shoot("me")
	h.on(`.row`)
	h.until(`document.getElementById('pay-code').textContent.length > 10`)
	shoot("pay-code")
	h.on(`.bar-back`)
	h.on(`.row + .row`)
	shoot("users")
	h.on(`.entry-line`)
	shoot("log")
	h.visit(s.ControlURL + "/sandbox/console")
	h.until(`document.readyState === 'complete'`)
	shoot("console")
}

var galleryPage = template.Must(template.New("").Parse(`<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>wxhub: every page in every state</title>
<style>body{font:14px system-ui,sans-serif;margin:24px;background:#f3f5f4}main{display:grid;grid-template-columns:repeat(auto-fill,minmax(280px,1fr));gap:24px}figure{margin:0}img{max-width:100%;border:1px solid #ccc;border-radius:8px}</style></head>
<body><h1>Every page in every state</h1><main>
{{range .}}<figure><a href="{{.}}"><img loading="lazy" src="{{.}}" alt=""></a><figcaption>{{.}}</figcaption></figure>
{{end}}</main></body></html>
`))

// writeGallery makes one page of all pictures that are there.
func writeGallery(t *testing.T, dir string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.png"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range files {
		files[i] = filepath.Base(files[i])
	}
	page, err := os.Create(filepath.Join(dir, "index.html"))
	if err != nil {
		t.Fatal(err)
	}
	if err := galleryPage.Execute(page, files); err != nil {
		t.Error(err)
	}
	if err := page.Close(); err != nil {
		t.Error(err)
	}
}
