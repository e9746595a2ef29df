package wxpay

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"strconv"
	"strings"
	"testing"
	"time"

	"wxhub/wx"
)

// Each field and header of a good notification is taken away or spoilt in turn:
// nothing but the whole, unchanged notification is believed.
func TestOpenRefusesAnythingSpoilt(t *testing.T) {
	var in headerVector
	load(t, "v3-transaction-notification-32byte-key (derived)", &in, &struct{}{})
	good := in.at(t)
	header := func(name, value string) func(*headerVector) {
		return func(v *headerVector) {
			v.Headers = maps.Clone(v.Headers)
			v.Headers[name] = value
		}
	}
	flipped := []byte(in.Headers["Wechatpay-Signature"])
	flipped[10] ^= 1
	for name, c := range map[string]struct {
		spoil func(*headerVector)
		after time.Duration
		want  error
	}{
		"whole, same second":     {func(*headerVector) {}, 0, nil},
		"whole, 299 s later":     {func(*headerVector) {}, 299 * time.Second, nil},
		"whole, 299 s earlier":   {func(*headerVector) {}, -299 * time.Second, nil},
		"301 s old":              {func(*headerVector) {}, 301 * time.Second, wx.ErrNotificationForged},
		"301 s in the future":    {func(*headerVector) {}, -301 * time.Second, wx.ErrNotificationForged},
		"no signature":           {header("Wechatpay-Signature", ""), 0, wx.ErrNotificationForged},
		"no serial":              {header("Wechatpay-Serial", ""), 0, wx.ErrNotificationForged},
		"no nonce":               {header("Wechatpay-Nonce", ""), 0, wx.ErrNotificationForged},
		"no timestamp":           {header("Wechatpay-Timestamp", ""), 0, wx.ErrNotificationForged},
		"another timestamp":      {header("Wechatpay-Timestamp", strconv.FormatInt(good.Unix()+1, 10)), 0, wx.ErrNotificationForged},
		"timestamp not a number": {header("Wechatpay-Timestamp", "now"), 0, wx.ErrNotificationForged},
		"timestamp overflows":    {header("Wechatpay-Timestamp", "99999999999999999999"), 0, wx.ErrNotificationForged},
		"timestamp at the edge":  {header("Wechatpay-Timestamp", "9223372036854775807"), 0, wx.ErrNotificationForged},
		"timestamp very old":     {header("Wechatpay-Timestamp", "-9223372036854775808"), 0, wx.ErrNotificationForged},
		"another nonce":          {header("Wechatpay-Nonce", "x"), 0, wx.ErrNotificationForged},
		"serial too long":        {header("Wechatpay-Serial", strings.Repeat("A", 65)), 0, wx.ErrNotificationForged},
		"another serial":         {header("Wechatpay-Serial", "PUB_KEY_ID_1"), 0, wx.ErrNotificationForged},
		"signature flipped":      {header("Wechatpay-Signature", string(flipped)), 0, wx.ErrNotificationForged},
		"signature not base64":   {header("Wechatpay-Signature", "!!!"), 0, wx.ErrNotificationForged},
		"probe":                  {header("Wechatpay-Signature", probePrefix+"abc"), 0, wx.ErrNotificationProbe},
		"body one space longer":  {func(v *headerVector) { v.Body += " " }, 0, wx.ErrNotificationForged},
		"body re-serialised":     {func(v *headerVector) { v.Body = reserialise(t, v.Body) }, 0, wx.ErrNotificationForged},
		"body empty":             {func(v *headerVector) { v.Body = "" }, 0, wx.ErrNotificationForged},
	} {
		t.Run(name, func(t *testing.T) {
			v := in
			c.spoil(&v)
			g := gatewayOf(headerVector{Key: in.Key, Headers: in.Headers}, platformKey(t), good.Add(c.after))
			_, err := g.Open(context.Background(), "1900007291", v.get, []byte(v.Body))
			if !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func reserialise(t *testing.T, body string) string {
	t.Helper()
	var any map[string]any
	if err := json.Unmarshal([]byte(body), &any); err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(any)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

const goodResource = `{"mchid":"1900007291","appid":"wx1","out_trade_no":"n","transaction_id":"t","trade_state":"SUCCESS",` +
	`"success_time":"2026-01-02T03:04:05+08:00","payer":{"openid":"o"},"amount":{"total":1,"payer_total":0,"currency":"CNY"}}`

func TestOpenReadsOnlyWhatItUnderstands(t *testing.T) {
	s := newSigner(t)
	const event, original, gcm, nonce = "TRANSACTION.SUCCESS", "transaction", "AEAD_AES_256_GCM", "123456789012"
	with := func(resource string) []byte {
		return notification(event, original, gcm, nonce, original, seal(t, nonce, original, resource))
	}
	without := func(field string) []byte {
		var r map[string]any
		_ = json.Unmarshal([]byte(goodResource), &r) // a constant
		delete(r, field)
		out, _ := json.Marshal(r) // came from JSON
		return with(string(out))
	}
	good := seal(t, nonce, original, goodResource)
	for name, c := range map[string]struct {
		body []byte
		want error
	}{
		"good":                        {with(goodResource), nil},
		"empty associated data":       {notification(event, original, gcm, nonce, "", seal(t, nonce, "", goodResource)), nil},
		"not JSON":                    {[]byte("<xml/>"), wx.ErrNotificationMalformed},
		"null":                        {[]byte("null"), wx.ErrNotificationMalformed},
		"array":                       {[]byte("[]"), wx.ErrNotificationMalformed},
		"refund event":                {notification("REFUND.SUCCESS", "refund", gcm, nonce, "refund", good), wx.ErrNotificationMalformed},
		"profit sharing":              {notification(event, "profitsharing", gcm, nonce, original, good), wx.ErrNotificationMalformed},
		"another algorithm":           {notification(event, original, "AES", nonce, original, good), wx.ErrNotificationMalformed},
		"nonce of 11 bytes":           {notification(event, original, gcm, nonce[:11], original, good), wx.ErrNotificationMalformed},
		"nonce of 13 bytes":           {notification(event, original, gcm, nonce+"3", original, good), wx.ErrNotificationMalformed},
		"no nonce":                    {notification(event, original, gcm, "", original, good), wx.ErrNotificationMalformed},
		"another associated data":     {notification(event, original, gcm, nonce, "other", good), wx.ErrNotificationMalformed},
		"ciphertext not base64":       {notification(event, original, gcm, nonce, original, "%"), wx.ErrNotificationMalformed},
		"ciphertext empty":            {notification(event, original, gcm, nonce, original, ""), wx.ErrNotificationMalformed},
		"ciphertext shorter than tag": {notification(event, original, gcm, nonce, original, "AAAA"), wx.ErrNotificationMalformed},
		"plaintext not JSON":          {with("paid!"), wx.ErrNotificationMalformed},
		"plaintext null":              {with("null"), wx.ErrNotificationMalformed},
		"no mchid":                    {without("mchid"), wx.ErrNotificationMalformed},
		"no appid":                    {without("appid"), wx.ErrNotificationMalformed},
		"no out_trade_no":             {without("out_trade_no"), wx.ErrNotificationMalformed},
		"no transaction_id":           {without("transaction_id"), wx.ErrNotificationMalformed},
		"no trade_state":              {without("trade_state"), wx.ErrNotificationMalformed},
		"no success_time":             {without("success_time"), wx.ErrNotificationMalformed},
		"no amount":                   {without("amount"), wx.ErrNotificationMalformed},
		"no payer":                    {without("payer"), nil},
		"amount as text":              {with(strings.Replace(goodResource, `"total":1`, `"total":"1"`, 1)), wx.ErrNotificationMalformed},
		"amount with a fraction":      {with(strings.Replace(goodResource, `"total":1`, `"total":1.5`, 1)), wx.ErrNotificationMalformed},
		"amount negative":             {with(strings.Replace(goodResource, `"total":1`, `"total":-1`, 1)), wx.ErrNotificationMalformed},
		"amount too large for int64":  {with(strings.Replace(goodResource, `"total":1`, `"total":99999999999999999999`, 1)), wx.ErrNotificationMalformed},
		"success_time unreadable":     {with(strings.Replace(goodResource, "2026-01-02T", "soon", 1)), wx.ErrNotificationMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := s.open(c.body)
			if !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}
