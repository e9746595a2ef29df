package stack_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"wxhub/wx/sandbox"
)

const uploadPath = "/wxa/sec/order/upload_shipping_info"

// shipsItself makes the first app, the mini-program, tell deliveries by itself.
var shipsItself = []string{"WXHUB_WECHAT__APPS__0__UPLOAD_SHIPPING_INFO=true", "WXHUB_WECHAT__APPS__0__SHIPPING=virtual"}

// told is what WeChat knows about the delivery of a payment, asked as the mini-program's owner would.
type told struct {
	State    int `json:"order_state"` // 1: to be delivered, 2: delivered
	Shipping struct {
		LogisticsType int  `json:"logistics_type"`
		Finished      bool `json:"finish_shipping"`
		FinishedCount int  `json:"finish_shipping_count"`
		List          []struct {
			TrackingNo string `json:"tracking_no"`
			GoodsDesc  string `json:"goods_desc"`
		} `json:"shipping_list"`
	} `json:"shipping"`
}

func (b *bench) told(transactionID string) told {
	b.t.Helper()
	var token struct {
		AccessToken string `json:"access_token"`
	}
	b.do(http.MethodGet, "/v1/apps/"+b.app+"/access-token", b.APIKey, nil).into(b.t, 200, &token)
	body, err := json.Marshal(map[string]string{"transaction_id": transactionID})
	if err != nil {
		b.t.Fatal(err)
	}
	var out struct {
		ErrCode int `json:"errcode"`
		Order   told
	}
	send(b.t, http.MethodPost, b.SandboxURL+"/wxa/sec/order/get_order?access_token="+token.AccessToken, http.Header{"Content-Type": {"application/json"}}, body).into(b.t, 200, &out)
	if out.ErrCode != 0 {
		b.t.Fatalf("errcode %d", out.ErrCode)
	}
	return out.Order
}

// uploads are the codes with which WeChat answered the uploads so far; "0" or empty took it.
func (b *bench) uploads() (codes []string) {
	for _, e := range b.Sandbox.Log(0) {
		if strings.HasPrefix(e.Path, uploadPath) && e.Done {
			codes = append(codes, e.Code)
		}
	}
	return codes
}

// steps is an order's timeline about its shipping.
func (b *bench) steps(orderID string) (what []string) {
	b.t.Helper()
	var timeline struct{ Steps []struct{ What string } }
	b.do(http.MethodGet, "/v1/orders/"+orderID+"/timeline", b.APIKey, nil).into(b.t, 200, &timeline)
	for _, s := range timeline.Steps {
		if strings.HasPrefix(s.What, "shipping_") {
			what = append(what, s.What)
		}
	}
	return what
}

// bought is an order paid in the mini-program, and WeChat's number of its payment.
func (b *bench) bought() (orderID, transactionID string) {
	b.t.Helper()
	p, o := b.login(b.newUser()), b.order()
	b.pay(b.prepay(o, p).Invoke, p)
	b.waitPaid(o.ID)
	for _, paid := range b.Sandbox.Ledger().Payments {
		if strings.HasPrefix(paid.OutTradeNo, o.ID) {
			return o.ID, paid.TransactionID
		}
	}
	b.t.Fatal("WeChat has no such payment")
	return "", ""
}

func TestADeliveryIsToldAfterThePayment(t *testing.T) {
	b := start(t, shipsItself...)
	id, transaction := b.bought()
	within(t, "WeChat is told", func() bool { return slices.Equal(b.steps(id), []string{"shipping_uploaded"}) })
	got := b.told(transaction)
	if got.State != 2 || got.Shipping.LogisticsType != 3 || got.Shipping.FinishedCount != 1 || len(got.Shipping.List) != 1 || got.Shipping.List[0].GoodsDesc != "tea" {
		t.Errorf("%+v", got)
	}
	if n := len(b.uploads()); n != 1 {
		t.Errorf("%d uploads", n)
	}
}

// WeChat is busy, silent, or its answer is lost: it is told again, and has it once. What it has already is no error.
func TestADeliveryIsToldAgainUntilWeChatHasIt(t *testing.T) {
	t.Parallel()
	for kind, delayed := range map[string]bool{"system_error": true, "http_500": true, "drop": true, "frequency_limited": true, "lost_answer": true, "system_error_after": true} {
		t.Run(kind, func(t *testing.T) {
			b := start(t, shipsItself...)
			b.fault(uploadPath, kind, 1)
			id, transaction := b.bought()
			within(t, "WeChat is told", func() bool { return slices.Contains(b.steps(id), "shipping_uploaded") })
			if got := b.steps(id); delayed != slices.Contains(got, "shipping_delayed") {
				t.Errorf("%v", got)
			}
			if got := b.told(transaction); got.State != 2 || got.Shipping.FinishedCount != 1 {
				t.Errorf("%+v", got)
			}
			if n := len(b.uploads()); n != 2 {
				t.Errorf("%d uploads", n)
			}
		})
	}
}

// Parcels are told by the backend; the same words again are one upload.
func TestABackendTellsParcels(t *testing.T) {
	b := start(t)
	id, transaction := b.bought()
	parcels := func(numbers ...string) map[string]any {
		var items []map[string]string
		for _, n := range numbers {
			items = append(items, map[string]string{"tracking_no": n, "express_company": "YTO"})
		}
		return map[string]any{"logistics_type": "express", "items": items}
	}
	for range 2 {
		b.do(http.MethodPost, "/v1/orders/"+id+"/shipping", b.APIKey, parcels("YT1")).into(t, 202, nil)
	}
	within(t, "WeChat is told", func() bool { return slices.Contains(b.steps(id), "shipping_uploaded") })
	if got := b.told(transaction); got.State != 2 || got.Shipping.List[0].TrackingNo != "YT1" {
		t.Errorf("%+v", got)
	}
	if n := len(b.uploads()); n != 1 {
		t.Errorf("%d uploads of the same parcel", n)
	}
	uploaded := func() (n int) {
		for _, what := range b.steps(id) {
			if what == "shipping_uploaded" {
				n++
			}
		}
		return n
	}
	b.do(http.MethodPost, "/v1/orders/"+id+"/shipping", b.APIKey, parcels("YT2")).into(t, 202, nil)
	within(t, "WeChat is told of the right number", func() bool { return uploaded() == 2 })
	b.do(http.MethodPost, "/v1/orders/"+id+"/shipping", b.APIKey, parcels("YT3")).into(t, 202, nil)
	within(t, "WeChat takes no third one", func() bool { return slices.Contains(b.steps(id), "shipping_refused") })
	if got := b.told(transaction); got.Shipping.List[0].TrackingNo != "YT2" {
		t.Errorf("%+v", got)
	}
}

// What is not delivered is not told: what was paid elsewhere, what is not paid, and what went back.
func TestDeliveriesThatNobodyIsToldOf(t *testing.T) {
	b := start(t, shipsItself...)
	body := map[string]any{"logistics_type": "virtual"}
	b.do(http.MethodPost, "/v1/orders/"+b.order().ID+"/shipping", b.APIKey, body).into(t, 409, nil)
	native := b.order()
	var pre struct {
		Invoke struct {
			CodeURL string `json:"code_url"`
		} `json:"invoke"`
	}
	b.do(http.MethodPost, "/v1/orders/"+native.ID+"/prepay", b.APIKey, map[string]string{"method": "native"}).into(t, 200, &pre)
	if _, err := b.Sandbox.Pay(pre.Invoke.CodeURL, b.newUser().ID, sandbox.PaySuccess); err != nil {
		t.Fatal(err)
	}
	b.waitPaid(native.ID)
	b.waitEvent(native.ID, "order.paid")
	b.do(http.MethodPost, "/v1/orders/"+native.ID+"/shipping", b.APIKey, body).into(t, 409, nil)
	if codes := b.uploads(); len(codes) != 0 {
		t.Errorf("%v", codes)
	}
}
