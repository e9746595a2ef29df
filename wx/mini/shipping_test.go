package mini

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"wxhub/model"
	"wxhub/wx"
)

func virtualGoods() wx.Shipping {
	return wx.Shipping{
		TransactionID: "4200001", OpenID: "o-1", Logistics: wx.LogisticsVirtual, Items: []wx.ShippingItem{{Description: "茶 <&> 1"}},
		AllDelivered: true, At: time.Date(2022, 12, 15, 5, 29, 35, 120_000_000, time.UTC),
	}
}

// The requests, by the field names of silenceper/wechat and the documentation.
func TestUploadShippingRequests(t *testing.T) {
	express := virtualGoods()
	express.Logistics = wx.LogisticsExpress
	express.Items = []wx.ShippingItem{{TrackingNo: "SF1", ExpressCompany: "SF", Description: "a", ReceiverContact: "189****1234"}}
	parts, more := express, express
	parts.Items = append(parts.Items[:1:1], wx.ShippingItem{TrackingNo: "2", ExpressCompany: "YTO", Description: "b"})
	more.AllDelivered = false
	const head = `{"order_key":{"order_number_type":2,"transaction_id":"4200001"},`
	const tail = `"upload_time":"2022-12-15T13:29:35.120+08:00","payer":{"openid":"o-1"}}`
	const sf = `{"tracking_no":"SF1","express_company":"SF","item_desc":"a","contact":{"receiver_contact":"189****1234"}}`
	for name, c := range map[string]struct {
		s    wx.Shipping
		want string
	}{
		"virtual":          {virtualGoods(), `"logistics_type":3,"delivery_mode":1,"shipping_list":[{"item_desc":"茶 <&> 1"}],`},
		"express":          {express, `"logistics_type":1,"delivery_mode":1,"shipping_list":[` + sf + `],`},
		"two parcels":      {parts, `"logistics_type":1,"delivery_mode":2,"is_all_delivered":true,"shipping_list":[` + sf + `,{"tracking_no":"2","express_company":"YTO","item_desc":"b"}],`},
		"more will follow": {more, `"logistics_type":1,"delivery_mode":2,"is_all_delivered":false,"shipping_list":[` + sf + `],`},
	} {
		var uri, body string
		client, _ := platform(t, func(w http.ResponseWriter, r *http.Request) {
			raw, _ := io.ReadAll(r.Body) // half a body does not match
			uri, body = r.Method+" "+r.URL.String(), string(raw)
			says(200, `{"errcode":0,"errmsg":"ok"}`)(w, r)
		})
		if err := client.UploadShipping(t.Context(), "wxapp1", c.s); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if uri != "POST /wxa/sec/order/upload_shipping_info?access_token="+token || strings.TrimSpace(body) != head+c.want+tail {
			t.Errorf("%s: %s\n%s", name, uri, body)
		}
	}
}

func TestUploadShippingAnswers(t *testing.T) {
	for answer, want := range map[string]error{
		`{"errcode":0}`: nil,
		`{"errcode":10060023,"errmsg":"发货信息未更新"}`:                     nil,
		`{"errcode":268440065,"errmsg":"already"}`:                    nil,
		`{"errcode":10060002,"errmsg":"支付单已完成发货"}`:                    wx.ErrShipped,
		`{"errcode":10060003,"errmsg":"已使用重新发货机会"}`:                   wx.ErrShipped,
		`{"errcode":10060001,"errmsg":"支付单不存在"}`:                      wx.ErrShippingTooEarly,
		`{"errcode":10060012,"errmsg":"系统错误"}`:                        wx.ErrBusy,
		`{"errcode":10060031,"errmsg":"openid o-1 of ` + token + `"}`: wx.ErrRejected,
		`{"errcode":45009}`: wx.ErrRateLimited,
		`busy`:              wx.ErrBusy,
	} {
		client, _ := platform(t, says(200, answer))
		err := client.UploadShipping(t.Context(), "wxapp1", virtualGoods())
		if !errors.Is(err, want) {
			t.Errorf("%s: got %v", answer, err)
		}
		if err != nil && strings.Contains(err.Error(), token) {
			t.Errorf("the error holds a secret: %v", err)
		}
	}
	client, calls := platform(t, says(200, `{}`))
	for _, change := range []func(*wx.Shipping){
		func(s *wx.Shipping) { s.OpenID = "a b" }, func(s *wx.Shipping) { s.TransactionID = "" },
	} {
		s := virtualGoods()
		change(&s)
		if err := client.UploadShipping(t.Context(), "wxapp1", s); model.AsError(err).Kind != model.KindInvalid {
			t.Errorf("got %v", err)
		}
	}
	if err := client.UploadShipping(t.Context(), "wxother", virtualGoods()); model.AsError(err).Kind != model.KindInvalid || calls.Load() != 0 {
		t.Errorf("got %v", err)
	}
}
