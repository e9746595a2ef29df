package stack_test

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"wxhub/wx/sandbox"
)

// The signature is that of WeChat's reference, over the ticket that WeChat gave.
func TestJSConfigIsSignedWithWeChatsTicket(t *testing.T) {
	b := start(t)
	page := b.URL + "/shop?a=1&b=茶#/route"
	var config struct {
		Timestamp int64
		NonceStr  string `json:"nonce_str"`
		Signature string
	}
	path := "/v1/apps/" + sandbox.DefaultOfficialAccount + "/js-config?url="
	b.do(http.MethodGet, path+url.QueryEscape(page), "", nil).into(t, 200, &config)
	var ticket struct{ Ticket string }
	b.do(http.MethodGet, "/v1/wxapi/"+sandbox.DefaultOfficialAccount+"/cgi-bin/ticket/getticket?type=jsapi", b.APIKey, nil).into(t, 200, &ticket)
	sum := sha1.Sum(fmt.Appendf(nil, "jsapi_ticket=%s&noncestr=%s&timestamp=%d&url=%s", ticket.Ticket, config.NonceStr, config.Timestamp, b.URL+"/shop?a=1&b=茶"))
	if want := hex.EncodeToString(sum[:]); ticket.Ticket == "" || config.Signature != want {
		t.Errorf("signature %s, want %s", config.Signature, want)
	}
	b.do(http.MethodGet, path+url.QueryEscape("https://evil.example/"), "", nil).into(t, 422, nil)
}
