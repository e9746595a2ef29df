package mini

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"wxhub/model"
	"wxhub/wx"
)

const token = "CANARY-access-token-1174"

type tokens struct{}

func (tokens) Token(context.Context, string, model.TokenKind) (model.Token, error) {
	return model.Token{Value: token}, nil
}

func (tokens) Replace(context.Context, string, model.TokenKind, model.Secret) (model.Token, error) {
	return model.Token{Value: token + "-2"}, nil
}

func phoneSays(number, appID string) string {
	return fmt.Sprintf(`{"errcode":0,"errmsg":"ok","phone_info":{"phoneNumber":%q,"purePhoneNumber":"x","countryCode":"86","watermark":{"timestamp":1637744274,"appid":%q}}}`, number, appID)
}

func TestPhoneNumber(t *testing.T) {
	for name, c := range map[string]struct {
		answer string
		want   error
	}{
		"mainland":        {phoneSays("13800138000", "wxapp1"), nil},
		"abroad":          {phoneSays("+1 650-555-0100", "wxapp1"), nil},
		"code invalid":    {`{"errcode":40029,"errmsg":"invalid code C0DE"}`, wx.ErrPhoneCodeInvalid},
		"code used":       {`{"errcode":40163,"errmsg":"code been used"}`, wx.ErrPhoneCodeUsed},
		"openid unknown":  {`{"errcode":40003,"errmsg":"invalid openid"}`, wx.ErrOpenIDUnknown},
		"too often":       {`{"errcode":45011,"errmsg":"api minute-quota reach limit"}`, wx.ErrRateLimited},
		"bad appid":       {`{"errcode":40013,"errmsg":"invalid appid"}`, wx.ErrRejected},
		"busy":            {`{"errcode":-1,"errmsg":"system error"}`, wx.ErrBusy},
		"of another app":  {phoneSays("13800138000", "wxapp2"), wx.ErrBusy},
		"no watermark":    {`{"errcode":0,"phone_info":{"phoneNumber":"13800138000"}}`, wx.ErrBusy},
		"no number":       {phoneSays("", "wxapp1"), wx.ErrBusy},
		"a strange one":   {phoneSays("<b>13800138000", "wxapp1"), wx.ErrBusy},
		"empty":           {`{}`, wx.ErrBusy},
		"of another type": {`{"phone_info":[]}`, wx.ErrBusy},
	} {
		t.Run(name, func(t *testing.T) {
			client, _ := platform(t, says(200, c.answer))
			got, err := client.PhoneNumber(t.Context(), "wxapp1", "C0DE", "openid")
			if !errors.Is(err, c.want) || (err == nil) == (got.Number == "") {
				t.Fatalf("got %+v, %v", got, err)
			}
			if err != nil && (strings.Contains(err.Error(), token) || strings.Contains(err.Error(), "C0DE")) {
				t.Errorf("the error holds a secret: %v", err)
			}
		})
	}
}

func TestPhoneNumberSendsWhatWeChatExpects(t *testing.T) {
	var path string
	var body map[string]string
	client, calls := platform(t, func(w http.ResponseWriter, r *http.Request) {
		path = r.Method + " " + r.URL.Path
		body = nil
		_ = json.NewDecoder(r.Body).Decode(&body)
		says(200, `{"errcode":40029}`)(w, r)
	})
	_, _ = client.PhoneNumber(t.Context(), "wxapp1", "c0de_-", "") // the answer is not the point
	if path != "POST /wxa/business/getuserphonenumber" || len(body) != 1 || body["code"] != "c0de_-" {
		t.Errorf("got %s %v", path, body)
	}
	_, _ = client.PhoneNumber(t.Context(), "wxapp1", "c0de_-", "o1") // the same
	if len(body) != 2 || body["openid"] != "o1" {
		t.Errorf("got %v", body)
	}
	for _, bad := range [][3]string{{"wxother", "c", ""}, {"wxapp1", "", ""}, {"wxapp1", `c","openid":"x`, ""}, {"wxapp1", "c", "a b"}} {
		if _, err := client.PhoneNumber(t.Context(), bad[0], bad[1], bad[2]); model.AsError(err).Kind != model.KindInvalid {
			t.Errorf("%q: got %v", bad, err)
		}
	}
	if n := calls.Load(); n != 2 {
		t.Errorf("%d calls reached WeChat", n)
	}
}

func TestSessionKeys(t *testing.T) {
	for name, c := range map[string]struct {
		answer   string
		good     bool
		check    error
		reset    error
		newValue model.Secret
	}{
		"good":           {`{"errcode":0,"errmsg":"ok","openid":"o1","session_key":"new"}`, true, nil, nil, "new"},
		"stale":          {`{"errcode":87009,"errmsg":"invalid signature"}`, false, nil, wx.ErrSessionKeyStale, ""},
		"none any more":  {`{"errcode":87007,"errmsg":"session_key is not existed or expired"}`, false, nil, wx.ErrSessionKeyStale, ""},
		"openid unknown": {`{"errcode":40003,"errmsg":"invalid openid"}`, false, wx.ErrOpenIDUnknown, wx.ErrOpenIDUnknown, ""},
		"busy":           {`{"errcode":-1}`, false, wx.ErrBusy, wx.ErrBusy, ""},
		"refused":        {`{"errcode":40097}`, false, wx.ErrRejected, wx.ErrRejected, ""},
		"other openid":   {`{"openid":"o2","session_key":"new"}`, true, nil, wx.ErrBusy, ""},
		"no key":         {`{"openid":"o1"}`, true, nil, wx.ErrBusy, ""},
	} {
		t.Run(name, func(t *testing.T) {
			client, _ := platform(t, says(200, c.answer))
			good, err := client.CheckSession(t.Context(), "wxapp1", "o1", "key")
			if good != c.good || !errors.Is(err, c.check) {
				t.Errorf("CheckSession: got %v, %v", good, err)
			}
			got, err := client.ResetSessionKey(t.Context(), "wxapp1", "o1", "key")
			if got != c.newValue || !errors.Is(err, c.reset) {
				t.Errorf("ResetSessionKey: got a key of %d, %v", len(got), err)
			}
		})
	}
}

func TestSessionKeysNeverGoOut(t *testing.T) {
	const key = "CANARY-session-key"
	var urls []string
	client, calls := platform(t, func(w http.ResponseWriter, r *http.Request) {
		urls = append(urls, r.URL.String())
		says(200, `{"errcode":40097,"errmsg":"sig `+r.URL.Query().Get("signature")+` `+key+`"}`)(w, r)
	})
	_, err := client.CheckSession(t.Context(), "wxapp1", "o1", key)
	signature := userSignature(key, "")
	want := "/wxa/checksession?access_token=" + token + "&openid=o1&sig_method=hmac_sha256&signature=" + signature
	if len(urls) != 1 || urls[0] != want || strings.Contains(err.Error(), key) || strings.Contains(err.Error(), signature) {
		t.Errorf("got %v, %v", urls, err)
	}
	if good, err := client.CheckSession(t.Context(), "wxapp1", "o1", ""); good || err != nil {
		t.Errorf("no key: got %v, %v", good, err)
	}
	if _, err := client.CheckSession(t.Context(), "wxapp1", "a b", key); model.AsError(err).Kind != model.KindInvalid {
		t.Errorf("got %v", err)
	}
	if _, err := client.ResetSessionKey(t.Context(), "wxother", "o1", key); model.AsError(err).Kind != model.KindInvalid {
		t.Errorf("got %v", err)
	}
	if n := calls.Load(); n != 1 {
		t.Errorf("%d calls reached WeChat", n)
	}
}

func TestPaidUnionID(t *testing.T) {
	for name, c := range map[string]struct {
		answer string
		want   string
		err    error
	}{
		"good":            {`{"unionid":"u1","errcode":0,"errmsg":"ok"}`, "u1", nil},
		"none":            {`{"errcode":0,"errmsg":"ok"}`, "", nil},
		"unbound":         {`{"errcode":89002,"errmsg":"open not exists"}`, "", nil},
		"not paid lately": {`{"errcode":89300,"errmsg":"invalid order"}`, "", wx.ErrNotPaidLately},
		"openid unknown":  {`{"errcode":40003}`, "", wx.ErrOpenIDUnknown},
		"busy":            {`{"errcode":-1}`, "", wx.ErrBusy},
		"refused":         {`{"errcode":48001}`, "", wx.ErrRejected},
		"a strange one":   {`{"unionid":"u 1"}`, "", wx.ErrBusy},
	} {
		t.Run(name, func(t *testing.T) {
			var query string
			client, _ := platform(t, func(w http.ResponseWriter, r *http.Request) {
				query = r.URL.String()
				says(200, c.answer)(w, r)
			})
			got, err := client.PaidUnionID(t.Context(), "wxapp1", "o&1", "4200000001")
			if got != c.want || !errors.Is(err, c.err) {
				t.Errorf("got %q, %v", got, err)
			}
			if want := "/wxa/getpaidunionid?access_token=" + token + "&openid=o%261&transaction_id=4200000001"; query != want {
				t.Errorf("got %s", query)
			}
		})
	}
	client, calls := platform(t, says(200, `{}`))
	for _, bad := range [][3]string{{"wxother", "o", "1"}, {"wxapp1", "", "1"}, {"wxapp1", "o", ""}, {"wxapp1", "o", "1&mch_id=2"}} {
		if _, err := client.PaidUnionID(t.Context(), bad[0], bad[1], bad[2]); model.AsError(err).Kind != model.KindInvalid {
			t.Errorf("%q: got %v", bad, err)
		}
	}
	if calls.Load() != 0 {
		t.Error("a bad question reached WeChat")
	}
}
