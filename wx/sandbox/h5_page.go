package sandbox

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"
)

//go:embed h5.html
var h5Template string

// h5Page fills h5.html: an error, a question, or a result.
type h5Page struct {
	Error  string
	Asks   bool
	Order  Order
	URL    string // path and query of the page
	Users  []User
	Result string
}

// serveH5 answers the page of tenpay.com that an h5_url leads to. Unlike at open.weixin.qq.com a cookie does not make the
// browser one inside WeChat: whoever logs in there would never get out again.
func (p *Platform) serveH5(w http.ResponseWriter, r *http.Request) {
	in, _ := p.begin(classWX, r)
	out := p.early(in)
	if out == nil {
		out = p.h5Reply(in)
	}
	p.send(w, in, out)
}

func (p *Platform) h5Reply(in *call) *reply {
	r := in.request
	switch {
	case r.Method != http.MethodGet:
		return page(http.StatusNotFound, "<html><head><title>404 Not Found</title></head><body><center><h1>404 Not Found</h1></center></body></html>")
	case in.fault.Kind == faultSystemError, in.fault.Kind == faultSystemErrorAfter, in.fault.Kind == faultFrequencyLimited:
		return h5Page{Error: "系统繁忙，请稍后再试"}.reply()
	}
	at := r.URL.RequestURI()
	err := p.CheckH5(at, r.Referer(), strings.Contains(r.UserAgent(), "MicroMessenger"))
	_, order := p.book.h5Ticket(at)
	in.appID, in.subMchID, in.outTradeNo = order.AppID, order.SubMchID, order.OutTradeNo
	var phone *PhoneError
	switch {
	case errors.As(err, &phone):
		return h5Page{Error: phone.Text}.reply()
	case err != nil:
		return h5Page{Error: "商家参数格式有误，请联系商家解决"}.reply()
	}
	return h5Page{Asks: true, Order: order, URL: at, Users: p.Users()}.reply()
}

// phoneH5 is what somebody did on the phone after the H5 page opened it. The browser goes back to redirect_url whatever
// happened.
func (p *Platform) phoneH5(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	at := r.PostFormValue("h5_url")
	ticket, order := p.book.h5Ticket(at)
	if ticket == nil {
		refuse(w, ErrNoPrepay)
		return
	}
	_, err := p.Pay(at, r.PostFormValue("user"), r.PostFormValue("result"))
	var phone *PhoneError
	if err != nil && !errors.As(err, &phone) {
		refuse(w, err)
		return
	}
	if back := redirectOf(at); back != "" && p.world.merchant(order.MchID).returnsTo(back) {
		http.Redirect(w, r, back, http.StatusSeeOther)
		return
	}
	shown := h5Page{Result: r.PostFormValue("result")}
	if phone != nil {
		shown = h5Page{Error: phone.Text}
	}
	shown.reply().write(w)
}

// redirectOf is the merchant's page to come back to, or nothing.
func redirectOf(h5URL string) string {
	u, err := url.Parse(h5URL)
	if err != nil {
		return ""
	}
	return u.Query().Get("redirect_url")
}

// yuan writes fen for a person.
func yuan(fen int64) string { return fmt.Sprintf("%d.%02d", fen/100, fen%100) }

func (h h5Page) reply() *reply {
	var out bytes.Buffer
	parsed, err := template.New("h5").Funcs(template.FuncMap{"yuan": yuan}).Parse(h5Template)
	if err == nil {
		err = parsed.Execute(&out, h)
	}
	if err != nil {
		return page(http.StatusInternalServerError, "the page could not be written")
	}
	answer := page(http.StatusOK, out.String())
	answer.header.Set("Content-Type", "text/html; charset=utf-8")
	answer.header.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	answer.code = h.Error
	return answer
}
