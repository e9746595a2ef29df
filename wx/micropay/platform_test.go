package micropay

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"wxhub/model"
	"wxhub/wx"
	"wxhub/wx/transport"
)

const (
	key                         = model.Secret("0123456789abcdef0123456789abcdef")
	directID, providerID, subID = "1900000001", "1900000100", "1900000109"
	payersCode                  = "134567890123456789"
)

// platform plays APIv2: it checks how requests are signed, and signs answers.
type platform struct {
	t   testing.TB
	url string

	mu     sync.Mutex
	seen   []fields
	paths  []string
	answer func(path string, request fields) fields // its sign is added
	raw    string                                   // sent instead
	status int
	broken bool
}

func newPlatform(t testing.TB) *platform {
	p := &platform{t: t, status: 200}
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	p.url = server.URL
	return p
}

func (p *platform) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	body, _ := io.ReadAll(r.Body) // what did not arrive does not verify
	request, err := read(body)
	if err != nil || !signed(request, key) || request["sign_type"] != "HMAC-SHA256" || len(request["nonce_str"]) != 32 {
		p.t.Errorf("%s: %v, %s", r.URL, err, body)
	}
	p.seen, p.paths = append(p.seen, request), append(p.paths, r.URL.Path)
	if p.broken {
		panic(http.ErrAbortHandler)
	}
	text := []byte(p.raw)
	if p.answer != nil {
		a := p.answer(r.URL.Path, request)
		if a["sign"] == "" {
			a["sign"] = sign(a, key)
		}
		text = write(a)
	}
	w.WriteHeader(p.status)
	_, _ = w.Write(text) // a client that is gone is no fault of this one
}

// calls is how often the platform was called.
func (p *platform) calls() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.seen)
}

func (p *platform) gateway() *Gateway {
	p.t.Helper()
	client, err := transport.NewClient(transport.Hosts{"api.mch.weixin.qq.com": p.url})
	if err != nil {
		p.t.Fatal(err)
	}
	return gatewayOf(p.t, client)
}

func gatewayOf(t testing.TB, client *http.Client) *Gateway {
	t.Helper()
	g, err := New([]Merchant{{ID: directID, Key: key, Client: client}, {ID: providerID, Partner: true, AppID: "wxSP", Key: key, Client: client}})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func direct() wx.CodeTrade {
	return wx.CodeTrade{Trade: wx.Trade{MerchantID: directID, OutTradeNo: "n-1"}, AppID: "wxA"}
}

func ofSub(subApp string) wx.CodeTrade {
	return wx.CodeTrade{Trade: wx.Trade{MerchantID: providerID, SubMerchantID: subID, OutTradeNo: "n-1"}, AppID: "wxSP", SubAppID: subApp}
}

func payment(t wx.CodeTrade) wx.CodePayment {
	return wx.CodePayment{
		CodeTrade: t, AuthCode: payersCode, Description: "茶 & <点心>", Attach: "table ]]> 4", Amount: 100, Currency: model.CNY,
		StoreID: "S7", DeviceID: "till-2", DeviceIP: "203.0.113.9",
	}
}

// said is a success about a payment, as WeChat Pay fills it in, with fields that nobody here
// knows.
func said(t wx.CodeTrade, more fields) fields {
	out := fields{
		"return_code": "SUCCESS", "return_msg": "OK", "result_code": "SUCCESS", "appid": t.AppID, "mch_id": t.MerchantID,
		"sub_appid": t.SubAppID, "sub_mch_id": t.SubMerchantID, "nonce_str": "n", "out_trade_no": t.OutTradeNo,
	}
	for k, v := range more {
		out[k] = v
	}
	return out
}

func paid(t wx.CodeTrade, more fields) fields {
	out := said(t, fields{
		"openid": "o-1", "sub_openid": "o-2", "is_subscribe": "N", "trade_type": "MICROPAY", "bank_type": "CMC", "fee_type": "CNY", "total_fee": "100",
		"cash_fee": "90", "coupon_fee_3": "10", "version": "1.0", "transaction_id": "4200", "time_end": "20260301200001",
		"promotion_detail": `{"promotion_detail":[{"name":"<&>"}]}`,
	})
	for k, v := range more {
		out[k] = v
	}
	return out
}
