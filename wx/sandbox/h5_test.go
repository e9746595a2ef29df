package sandbox_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"wxhub/wx/sandbox"
)

func mustJSON(t testing.TB, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// h5Stage has a merchant with one configured domain.
func h5Stage(t *testing.T) *stage {
	t.Helper()
	merchants, err := sandbox.DefaultMerchants()
	if err != nil {
		t.Fatal(err)
	}
	merchants[0].H5Domains = []string{"shop.example.com"}
	return newStage(t, sandbox.Options{Merchants: merchants})
}

func TestH5PageChecksWhereTheBrowserComesFrom(t *testing.T) {
	s := h5Stage(t)
	good := s.placed("h5", false, s.number())
	for name, test := range map[string]struct {
		url, referer string
		inside       bool
		text         string
	}{
		"all is well":         {good, "https://shop.example.com/pay?order=1", false, ""},
		"a port":              {good, "http://shop.example.com:8080/", false, ""},
		"back to the shop":    {good + "&redirect_url=" + url.QueryEscape("https://shop.example.com/done"), "https://shop.example.com/", false, ""},
		"no Referer":          {good, "", false, "商家参数格式有误，请联系商家解决"},
		"no host":             {good, "/pay", false, "商家参数格式有误，请联系商家解决"},
		"another domain":      {good, "https://shop.example.com.evil.example/", false, "商家存在未配置的参数，请联系商家解决"},
		"back to another":     {good + "&redirect_url=" + url.QueryEscape("https://evil.example/"), "https://shop.example.com/", false, "商家存在未配置的参数，请联系商家解决"},
		"back to no page":     {good + "&redirect_url=javascript%3Aalert(1)", "https://shop.example.com/", false, "商家存在未配置的参数，请联系商家解决"},
		"inside WeChat":       {good, "https://shop.example.com/", true, "请在微信外打开订单，进行支付"},
		"another package":     {good + "1", "https://shop.example.com/", false, "-"},
		"a prepay_id":         {s.prepay(s.number()), "https://shop.example.com/", false, "-"},
		"a QR code's content": {s.placed("native", false, s.number()), "https://shop.example.com/", false, "-"},
	} {
		err := s.platform.CheckH5(test.url, test.referer, test.inside)
		if test.text == "-" {
			if !errors.Is(err, sandbox.ErrNoPrepay) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if phoneText(err) != test.text || (err == nil) != (test.text == "") {
			t.Errorf("%s: %v", name, err)
		}
	}
	s.advance(5 * time.Minute)
	if err := s.platform.CheckH5(good, "https://shop.example.com/", false); phoneText(err) != "支付请求已失效，请重新发起支付" {
		t.Errorf("%v", err)
	}
}

func TestH5PagePaysAndLeadsBack(t *testing.T) {
	s, r := h5Stage(t), newReceiver(t, 204)
	number := s.number()
	at := s.placed("h5", false, number, set("notify_url", r.url))
	if !strings.HasPrefix(at, s.url+"/cgi-bin/mmpayweb-bin/checkmweb?") {
		t.Fatal(at)
	}
	at += "&redirect_url=" + url.QueryEscape("https://shop.example.com/done?order=1")
	open := func(referer, agent string) string {
		request, err := http.NewRequest(http.MethodGet, at, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Referer", referer)
		request.Header.Set("User-Agent", agent)
		return string(s.must(request).body)
	}
	if text := open("", "Mozilla/5.0"); !strings.Contains(text, "商家参数格式有误") || strings.Contains(text, "<form") {
		t.Error(text)
	}
	if text := open("https://shop.example.com/", "Mozilla/5.0 MicroMessenger/8.0.42"); !strings.Contains(text, "请在微信外打开订单") {
		t.Error(text)
	}
	if text := open("https://shop.example.com/", "Mozilla/5.0"); !strings.Contains(text, "¥1.00") || !strings.Contains(text, "payer-1") {
		t.Error(text)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	form := url.Values{"h5_url": {strings.TrimPrefix(at, s.url)}, "user": {s.payer.ID}, "result": {"success"}}
	answer, err := client.PostForm(s.url+"/sandbox/phone/h5", form)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusSeeOther || answer.Header.Get("Location") != "https://shop.example.com/done?order=1" {
		t.Errorf("%d %v", answer.StatusCode, answer.Header)
	}
	if s.mustOpen(r.wait(t, 1)[0]).plain.OutTradeNo != number || s.query(number).field("trade_type") != "MWEB" {
		t.Error("it was not paid")
	}
}

func TestH5PageWithoutAWayBackShowsTheResult(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	at := s.placed("h5", false, s.number())
	for _, step := range []struct{ user, result, text string }{
		{"payer-1", "cancel", "支付未完成"}, {"payer-1", "success", "支付成功"}, {"payer-1", "success", "该订单已支付"},
		{"nobody", "success", "no such user"}, {"payer-1", "maybe", "success, cancel or not_enough"},
	} {
		answer, err := http.PostForm(s.url+"/sandbox/phone/h5", url.Values{"h5_url": {at}, "user": {step.user}, "result": {step.result}})
		if err != nil {
			t.Fatal(err)
		}
		body := make([]byte, 1<<14)
		n, _ := answer.Body.Read(body)
		_ = answer.Body.Close()
		if !strings.Contains(string(body[:n]), step.text) {
			t.Errorf("%+v: %d %s", step, answer.StatusCode, body[:n])
		}
	}
}

func TestH5URLLeadsToThePublicURL(t *testing.T) {
	s := newStage(t, sandbox.Options{PublicURL: "https://wx.example.com/"})
	at := s.placed("h5", false, s.number())
	if !strings.HasPrefix(at, "https://wx.example.com/cgi-bin/mmpayweb-bin/checkmweb?") {
		t.Error(at)
	}
	s.pay("https://wx.tenpay.com" + strings.TrimPrefix(at, "https://wx.example.com")) // the host does not count
}
