package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"wxhub/wx/sandbox/webview"
)

// ErrRequest: what wx.request cannot send.
var ErrRequest = errors.New("url is an absolute http or https URL, method one of GET, POST, PUT and DELETE")

// wxRequestTime bounds a wx.request, by the wall clock.
const wxRequestTime = 20 * time.Second

// wxRequest is what a mini-program hands to wx.request.
type wxRequest struct {
	AppID  string            `json:"app_id"`
	URL    string            `json:"url"`
	Method string            `json:"method"`
	Header map[string]string `json:"header"`
	Body   string            `json:"body"`
}

// wxAnswer is what comes back to the mini-program.
type wxAnswer struct {
	Status int    `json:"status"`
	Body   string `json:"body"`
}

// phoneRequest is wx.request of the mini-program on the phone, which no browser's rules of origins bind.
func (p *Platform) phoneRequest(w http.ResponseWriter, r *http.Request) {
	var in wxRequest
	if !fromPhone(w, r) || !read(w, r, &in) {
		return
	}
	out, err := in.send(r.Context())
	switch {
	case errors.Is(err, ErrRequest):
		refuse(w, err)
	case err != nil:
		fail(w, http.StatusBadGateway, "request_fail", "request:fail "+err.Error())
	default:
		answer(w, http.StatusOK, out)
	}
}

func (in wxRequest) send(ctx context.Context) (wxAnswer, error) {
	u, err := url.Parse(in.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || !strings.Contains(" GET POST PUT DELETE ", " "+in.Method+" ") {
		return wxAnswer{}, ErrRequest
	}
	ctx, cancel := context.WithTimeout(ctx, wxRequestTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, in.Method, in.URL, strings.NewReader(in.Body))
	if err != nil {
		return wxAnswer{}, ErrRequest
	}
	for name, value := range in.Header {
		request.Header.Set(name, value)
	}
	request.Header.Set("User-Agent", webview.AgentWeChat)
	request.Header.Set("Referer", "https://servicewechat.com/"+in.AppID+"/devtools/page-frame.html")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return wxAnswer{}, fmt.Errorf("%s does not answer; is the server running?", u.Host)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody))
	if err != nil {
		return wxAnswer{}, fmt.Errorf("the answer of %s broke off", u.Host)
	}
	return wxAnswer{response.StatusCode, string(body)}, nil
}
