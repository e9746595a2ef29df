package sandbox

import (
	"bytes"
	_ "embed"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"time"
)

//go:embed page.html
var pageTemplate string

// pageLog is how many log lines the page shows.
const pageLog = 50

// pageData fills page.html.
type pageData struct {
	Now       time.Time
	Lead      time.Duration
	Seed      uint64
	Calls     []string
	Users     []User
	Apps      []App
	Merchants []MerchantCredentials
	Orders    []Order
	Refunds   []Refund
	Log       []Entry
}

// controlPage shows the state of the platform; it changes nothing and loads nothing from elsewhere.
func (p *Platform) controlPage(w http.ResponseWriter, _ *http.Request) {
	log := p.Log(0)
	log = log[max(0, len(log)-pageLog):]
	slices.Reverse(log)
	orders := p.Orders()
	slices.Reverse(orders)
	refunds := p.Refunds()
	slices.Reverse(refunds)
	data := pageData{
		Now: china(p.Now()), Lead: time.Duration(p.clock.offset.Load()), Seed: p.seed,
		Calls: slices.Sorted(maps.Keys(p.controls())), Users: p.Users(), Apps: p.console.list(),
		Merchants: p.Credentials().Merchants, Orders: orders, Refunds: refunds, Log: log,
	}
	var out bytes.Buffer
	parsed, err := template.New("page").Parse(pageTemplate)
	if err == nil {
		err = parsed.Execute(&out, data)
	}
	if err != nil {
		fail(w, http.StatusInternalServerError, "internal", "the page could not be written")
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	_, _ = w.Write(out.Bytes())
}
