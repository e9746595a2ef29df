package push

import (
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"wxhub/wx"
)

func TestEveryWayGivesTheSame(t *testing.T) {
	r := newReceiver(t)
	for _, w := range ways {
		got, err := r.Open(w.app(), w.deliver(t, message(w.format)))
		want := wx.Push{
			AppID: w.app(), ToUser: "gh_1", FromUser: "oFan", CreateTime: 1714112440, MsgType: "text", MsgID: "24539083497592111", Content: "你好 <b>",
			Fields: map[string]string{"ToUserName": "gh_1", "FromUserName": "oFan", "CreateTime": "1714112440", "MsgType": "text", "MsgId": "24539083497592111", "Content": "你好 <b>"},
		}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, %v", w, got, err)
		}
	}
}

// Each parameter in turn is taken away, doubled, emptied, changed, or put into another
// shape; nothing of it may be believed, in any way of sending.
func TestEveryParameterCounts(t *testing.T) {
	r := newReceiver(t)
	for _, w := range ways {
		parameters := map[string]error{"signature": wx.ErrPushForged, "timestamp": wx.ErrPushForged, "nonce": wx.ErrPushForged}
		if w.mode != "plain" {
			parameters["msg_signature"], parameters["encrypt_type"] = wx.ErrPushForged, nil
		}
		for name, want := range parameters {
			for what, change := range map[string]func(url.Values, string){
				"taken away": func(q url.Values, v string) { q.Del(name) },
				"doubled":    func(q url.Values, v string) { q.Add(name, v) },
				"empty":      func(q url.Values, v string) { q.Set(name, "") },
				"flipped":    func(q url.Values, v string) { q.Set(name, string(v[0]^1)+v[1:]) },
				"with space": func(q url.Values, v string) { q.Set(name, v+" ") },
				"long":       func(q url.Values, v string) { q.Set(name, strings.Repeat(v, 99)) },
				"upper case": func(q url.Values, v string) { q.Set(name, strings.ToUpper(v)+"A") },
			} {
				d := w.deliver(t, message(w.format))
				change(d.Query, d.Query.Get(name))
				got, err := r.Open(w.app(), d)
				if err == nil || !reflect.DeepEqual(got, wx.Push{}) {
					t.Errorf("%s, %s %s: believed", w, name, what)
				}
				if want != nil && !errors.Is(err, want) {
					t.Errorf("%s, %s %s: got %v", w, name, what, err)
				}
				for _, s := range secretsOf {
					if strings.Contains(fmt.Sprintf("%v %+v", err, err), s.Reveal()) {
						t.Errorf("%s, %s %s: the error holds a secret", w, name, what)
					}
				}
			}
		}
	}
}

// Every byte of a ciphertext counts.
func TestEveryByteOfTheCiphertextCounts(t *testing.T) {
	r := newReceiver(t)
	for _, format := range []string{"XML", "JSON"} {
		w := way{format, "safe"}
		good := w.deliver(t, message(format))
		begin := strings.Index(string(good.Body), "Encrypt")
		for i := begin; i < len(good.Body); i++ {
			d := w.deliver(t, message(format))
			d.Body[i] ^= 1
			if got, err := r.Open(safeApp, d); err == nil {
				t.Fatalf("%s, byte %d: believed %+v", format, i, got)
			}
		}
	}
}

func TestTimes(t *testing.T) {
	r := newReceiver(t)
	for off, want := range map[int]error{0: nil, 300: nil, -300: nil, 301: wx.ErrPushStale, -301: wx.ErrPushStale, -now + 1: wx.ErrPushStale, 97000000000: wx.ErrPushStale} {
		d := plain(message("XML"))
		timestamp := strconv.Itoa(now + off)
		d.Query.Set("timestamp", timestamp)
		d.Query.Set("signature", sign(testToken, timestamp, testNonce))
		if _, err := r.Open(plainApp, d); !errors.Is(err, want) {
			t.Errorf("timestamp %s: got %v", timestamp, err)
		}
	}
	for create, want := range map[string]error{
		"1714112440": nil, "1714030000": nil, "1714190000": nil, "1": nil, "9223372036854775807": nil,
		"0": wx.ErrPushMalformed, "-1": wx.ErrPushMalformed, "": wx.ErrPushMalformed, "x": wx.ErrPushMalformed, "9223372036854775808": wx.ErrPushMalformed,
	} {
		d := plain(strings.Replace(message("XML"), "1714112440", create, 1))
		if _, err := r.Open(plainApp, d); !errors.Is(err, want) {
			t.Errorf("CreateTime %s: got %v", create, err)
		}
	}
}

func TestModesDoNotMix(t *testing.T) {
	r := newReceiver(t)
	for _, format := range []string{"XML", "JSON"} {
		safe, compatible := way{format, "safe"}, way{format, "compatible"}
		without := func(d wx.Delivery, names ...string) wx.Delivery {
			for _, name := range names {
				d.Query.Del(name)
			}
			return d
		}
		halfPlain := compatible.deliver(t, message(format))
		halfPlain.Body = []byte(message(format))
		raw := compatible.deliver(t, message(format))
		raw.Query.Set("encrypt_type", "raw")
		unknown := plain(message(format))
		unknown.Query.Set("encrypt_type", "des")
		for name, c := range map[string]struct {
			app  string
			d    wx.Delivery
			want error
		}{
			"plain to a safe app":                        {safeApp, plain(message(format)), wx.ErrPushDowngrade},
			"compatible, said to be raw":                 {safeApp, raw, wx.ErrPushDowngrade},
			"compatible, nothing said":                   {safeApp, without(compatible.deliver(t, message(format)), "encrypt_type", "msg_signature"), wx.ErrPushDowngrade},
			"plain, said to be encrypted":                {safeApp, halfPlain, wx.ErrPushDowngrade},
			"encrypted to a plain app":                   {plainApp, safe.deliver(t, message(format)), wx.ErrPushEncrypted},
			"compatible to a plain app":                  {plainApp, compatible.deliver(t, message(format)), wx.ErrPushEncrypted},
			"encrypted to a plain app, hidden":           {plainApp, without(safe.deliver(t, message(format)), "encrypt_type", "msg_signature"), wx.ErrPushEncrypted},
			"plain to a plain app, said to be encrypted": {plainApp, halfPlain, wx.ErrPushEncrypted},
			"an encryption that is not known":            {plainApp, unknown, wx.ErrPushMalformed},
			"an app without a token":                     {"wxnone", safe.deliver(t, message(format)), wx.ErrAppUnknown},
			"an app that is not configured":              {"wxother", safe.deliver(t, message(format)), wx.ErrAppUnknown},
			"a plain body inside the encrypted":          {safeApp, safe.deliver(t, "hello"), wx.ErrPushMalformed},
			"a second envelope in the first":             {safeApp, safe.deliver(t, envelope(format, "AAAA")), wx.ErrPushMalformed},
			"nothing in the encrypted":                   {safeApp, safe.deliver(t, ""), wx.ErrPushMalformed},
			"no body":                                    {plainApp, plain(""), wx.ErrPushMalformed},
			"a body that is too large":                   {plainApp, plain(strings.Repeat(" ", MaxBody) + message(format)), wx.ErrPushMalformed},
			"a body that is not UTF-8":                   {plainApp, plain(strings.Replace(message(format), "你", "\xff", 1)), wx.ErrPushMalformed},
			"a body in another character set":            {plainApp, plain("\xef\xbb\xbf" + message(format)), wx.ErrPushMalformed},
			"a query string as a body":                   {plainApp, plain("a=b"), wx.ErrPushMalformed},
			"something after the end of the body":        {plainApp, plain(message(format) + message(format)), wx.ErrPushMalformed},
		} {
			if got, err := r.Open(c.app, c.d); !errors.Is(err, c.want) || !reflect.DeepEqual(got, wx.Push{}) {
				t.Errorf("%s, %s: got %+v, %v", format, name, got, err)
			}
		}
	}
}
