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

//go:embed console.html
var consoleTemplate string

// consoleLog is how many log lines the page shows.
const consoleLog = 50

// consoleData fills console.html.
type consoleData struct {
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

// consolePage shows the state of the platform; it changes nothing and loads nothing from elsewhere.
func (p *Platform) consolePage(w http.ResponseWriter, _ *http.Request) {
	log := p.Log(0)
	log = log[max(0, len(log)-consoleLog):]
	slices.Reverse(log)
	orders := p.Orders()
	slices.Reverse(orders)
	refunds := p.Refunds()
	slices.Reverse(refunds)
	data := consoleData{
		Now: china(p.Now()), Lead: time.Duration(p.clock.offset.Load()), Seed: p.seed,
		Calls: slices.Sorted(maps.Keys(p.controls())), Users: p.Users(), Apps: p.console.list(),
		Merchants: p.Credentials().Merchants, Orders: orders, Refunds: refunds, Log: log,
	}
	var out bytes.Buffer
	parsed, err := template.New("console").Parse(consoleTemplate)
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
