package sandbox_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"wxhub/wx/sandbox"
	"wxhub/wx/sandbox/apiv3"
)

func TestGatewayRefusesBadSignatures(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	body := s.prepayBody(s.number())
	good := s.authorization(http.MethodPost, jsapi, body, time.Now())
	replace := func(old, new string) string { return strings.Replace(good, old, new, 1) }
	const format, serial, skew = "Authorization不合法", "商户证书序列号有误。请使用签名私钥匹配的证书序列号", "不得超过5分钟"
	for name, test := range map[string]struct{ authorization, message string }{
		"none":                    {"", format},
		"scheme only":             {apiv3.Scheme, format},
		"another scheme":          {replace(apiv3.Scheme, "Bearer"), "认证类型不正确"},
		"SM2 scheme":              {replace(apiv3.Scheme, "WECHATPAY2-SM2-WITH-SM3"), "认证类型不正确"},
		"no nonce":                {replace(`nonce_str="593BEC0C930BF1AFEB40B4A08C8FB242",`, ""), format},
		"empty nonce":             {replace("593BEC0C930BF1AFEB40B4A08C8FB242", ""), format},
		"no quotes":               {strings.ReplaceAll(good, `"`, ""), format},
		"an item twice":           {replace("mchid=", `serial_no="1",mchid=`), format},
		"an unknown item":         {good + `,a="b"`, format},
		"timestamp not a number":  {replace(`timestamp="`, `timestamp="x`), format},
		"6 minutes old":           {s.authorization(http.MethodPost, jsapi, body, time.Now().Add(-6*time.Minute)), skew},
		"6 minutes ahead":         {s.authorization(http.MethodPost, jsapi, body, time.Now().Add(6*time.Minute)), skew},
		"unknown serial":          {replace(s.merchant.CertSerial, strings.Repeat("0", 40)), serial},
		"unknown merchant":        {replace(s.merchant.ID, "1900009999"), serial},
		"another merchant":        {replace(s.merchant.ID, sandbox.DefaultSecondMerchant), serial},
		"another body was signed": {s.authorization(http.MethodPost, jsapi, body+" ", time.Now()), "签名错误"},
		"another path was signed": {s.authorization(http.MethodPost, jsapi+"/", body, time.Now()), "签名错误"},
		"another method":          {s.authorization(http.MethodGet, jsapi, body, time.Now()), "签名错误"},
		"signature not base64":    {replace(`signature="`, `signature="!`), "签名错误"},
	} {
		t.Run(name, func(t *testing.T) {
			request := s.request(http.MethodPost, jsapi, body)
			request.Header.Set("Authorization", test.authorization)
			answer := s.must(request)
			if answer.status != http.StatusUnauthorized || answer.code() != "SIGN_ERROR" || !strings.Contains(answer.field("message"), test.message) {
				t.Errorf("%d %s", answer.status, answer.body)
			}
			if !strings.HasSuffix(answer.header.Get("Request-ID"), "-268443699") {
				t.Errorf("Request-ID %q", answer.header.Get("Request-ID"))
			}
		})
	}
}

func TestWrongSignatureShowsWhatThePlatformSigned(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	body, at := `{"amount":1}`, time.Now()
	request := s.request(http.MethodPost, jsapi, body)
	request.Header.Set("Authorization", s.authorization(http.MethodPost, jsapi, "other", at))
	answer := s.must(request)
	second := strconv.FormatInt(at.Unix(), 10)
	whole := len(apiv3.RequestMessage(http.MethodPost, jsapi, second, "593BEC0C930BF1AFEB40B4A08C8FB242", []byte(body)))
	wantJSON(t, answer.body, fmt.Sprintf(`{"code":"SIGN_ERROR","message":"签名错误","detail":{"detail":{"issue":"sign not match"},
		"field":"signature","location":"authorization","sign_information":{"method":"POST","url":"/v3/pay/transactions/jsapi",
		"sign_message_length":%d,"truncated_sign_message":"POST\n/v3/pay/transactions/jsapi\n%s\n593BEC0C930BF1AFEB40B4A08C8FB242\n{\"amount\n"}}}`,
		whole, second))
}

func TestGatewayTakesTheFiveItemsInAnyOrderAndANonceTwice(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	number := s.number()
	body := s.prepayBody(number)
	good := s.authorization(http.MethodPost, jsapi, body, time.Now())
	items := strings.Split(strings.TrimPrefix(good, apiv3.Scheme+" "), ",")
	for shift := range items {
		request := s.request(http.MethodPost, jsapi, body)
		request.Header.Set("Authorization", apiv3.Scheme+" "+strings.Join(append(items[shift:], items[:shift]...), ", "))
		if answer := s.must(request); answer.status != http.StatusOK {
			t.Errorf("shift %d: %d %s", shift, answer.status, answer.body)
		}
	}
}

func TestGatewayWantsTheUsualHeaders(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	for name, spoil := range map[string]func(http.Header){
		"no Accept":          func(h http.Header) { h.Del("Accept") },
		"Accept html":        func(h http.Header) { h.Set("Accept", "text/html") },
		"no User-Agent":      func(h http.Header) { h["User-Agent"] = []string{""} },
		"no Content-Type":    func(h http.Header) { h.Del("Content-Type") },
		"form Content-Type":  func(h http.Header) { h.Set("Content-Type", "application/x-www-form-urlencoded") },
		"Content-Type plain": func(h http.Header) { h.Set("Content-Type", "text/plain") },
	} {
		request := s.request(http.MethodPost, jsapi, s.prepayBody(s.number()))
		spoil(request.Header)
		if answer := s.must(request); answer.status != http.StatusBadRequest || answer.code() != "PARAM_ERROR" {
			t.Errorf("%s: %d %s", name, answer.status, answer.body)
		}
	}
	request := s.request(http.MethodPost, jsapi, s.prepayBody(s.number()))
	request.Header.Set("Accept", "*/*")
	if answer := s.must(request); answer.status != http.StatusOK {
		t.Errorf("Accept */*: %d %s", answer.status, answer.body)
	}
}

func TestGatewayKnowsNoOtherCalls(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	for _, call := range [][2]string{
		{http.MethodGet, "/v3/sandboxnew/pay"}, {http.MethodGet, jsapi}, {http.MethodPost, jsapi + "/"},
		{http.MethodPost, "/v3//pay/transactions/jsapi"}, {http.MethodPost, "/v3/pay/transactions/facepay"},
	} {
		answer := s.v3(call[0], call[1], "")
		if answer.status != http.StatusNotFound || answer.code() != "RESOURCE_NOT_EXISTS" {
			t.Errorf("%v: %d %s", call, answer.status, answer.body)
		}
	}
	answer := s.v3(http.MethodGet, "/v3/certificates", "")
	if answer.status != http.StatusNotFound || answer.field("message") != "无可用的平台证书" {
		t.Errorf("certificates: %d %s", answer.status, answer.body)
	}
}

func TestGatewayRefusesAHugeBody(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	answer := s.v3(http.MethodPost, jsapi, strings.Repeat("x", 1<<20+1))
	if answer.status != http.StatusRequestEntityTooLarge {
		t.Errorf("%d %s", answer.status, answer.body)
	}
}

func TestQueryStringIsPartOfTheSignature(t *testing.T) {
	s := newStage(t, sandbox.Options{})
	s.prepay("a|b*c-d_e")
	escaped := "/v3/pay/transactions/out-trade-no/a%7Cb%2Ac-d_e?mchid=" + s.merchant.ID
	if answer := s.v3(http.MethodGet, escaped, ""); answer.status != http.StatusOK || answer.field("out_trade_no") != "a|b*c-d_e" {
		t.Errorf("%d %s", answer.status, answer.body)
	}
	request := s.request(http.MethodGet, escaped, "")
	request.Header.Set("Authorization", s.authorization(http.MethodGet, strings.Split(escaped, "?")[0], "", time.Now()))
	if answer := s.must(request); answer.status != http.StatusUnauthorized {
		t.Errorf("without the query: %d %s", answer.status, answer.body)
	}
}
