package push

import (
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"

	"wxhub/model"
	"wxhub/wx"
)

func TestCheckURL(t *testing.T) {
	long := strings.Repeat("4", 128)
	r := newReceiver(t)
	for name, c := range map[string]struct {
		app    string
		change func(url.Values)
		want   error
	}{
		"good":           {plainApp, func(url.Values) {}, nil},
		"good, safe":     {safeApp, func(url.Values) {}, nil},
		"unknown app":    {"wxother", func(url.Values) {}, wx.ErrAppUnknown},
		"without token":  {"wxnone", func(url.Values) {}, wx.ErrAppUnknown},
		"bad signature":  {plainApp, func(q url.Values) { q.Set("signature", strings.Repeat("0", 40)) }, wx.ErrPushForged},
		"no signature":   {plainApp, func(q url.Values) { q.Del("signature") }, wx.ErrPushForged},
		"a long echostr": {plainApp, func(q url.Values) { q.Set("echostr", strings.Repeat("a", 129)) }, wx.ErrPushMalformed},
		"no echostr":     {plainApp, func(q url.Values) { q.Del("echostr") }, wx.ErrPushMalformed},
		"two":            {plainApp, func(q url.Values) { q.Add("echostr", "2") }, wx.ErrPushMalformed},
		"a page to echo": {plainApp, func(q url.Values) { q.Set("echostr", "<script>") }, wx.ErrPushMalformed},
		"too old": {plainApp, func(q url.Values) {
			q.Set("timestamp", "1714036504")
			q.Set("signature", sign(testToken, "1714036504", testNonce))
		}, wx.ErrPushStale},
	} {
		q := plain("").Query
		q.Set("echostr", long)
		c.change(q)
		echo, err := r.CheckURL(c.app, q)
		if !errors.Is(err, c.want) || (err == nil) != (echo == long) {
			t.Errorf("%s: got %q, %v", name, echo, err)
		}
	}
}

func TestNewChecksTheSettings(t *testing.T) {
	for _, key := range []model.Secret{"short", testKey + "x", "!bcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", model.Secret(testKey[:42] + "=")} {
		if _, err := New([]wx.PushSettings{{AppID: "a", Token: "t", AESKey: key}}); err == nil || strings.Contains(err.Error(), key.Reveal()) {
			t.Errorf("key of %d characters: got %v", len(key), err)
		}
	}
	if _, err := New([]wx.PushSettings{{AppID: "a", Token: "t"}, {AppID: "a", Token: "u"}}); err == nil {
		t.Error("an app twice is taken")
	}
	if _, err := New([]wx.PushSettings{{AppID: "a"}, {AppID: "a", Token: "u"}}); err != nil {
		t.Error(err)
	}
}

// What Seal makes, Open could read.
func TestSeal(t *testing.T) {
	r := newReceiver(t)
	s, err := r.Seal(safeApp, []byte(message("JSON")))
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	d := wx.Delivery{Body: body, Query: url.Values{
		"timestamp": {"1714112445"}, "nonce": {s.Nonce}, "signature": {sign(testToken, "1714112445", s.Nonce)},
		"encrypt_type": {"aes"}, "msg_signature": {s.MsgSignature},
	}}
	if got, err := r.Open(safeApp, d); err != nil || got.FromUser != "oFan" || s.TimeStamp != now {
		t.Errorf("got %+v, %v", got, err)
	}
	if again, err := r.Seal(safeApp, []byte(message("JSON"))); err != nil || again.Encrypt == s.Encrypt || again.Nonce == s.Nonce {
		t.Errorf("the same twice, %v", err)
	}
	if _, err := r.Seal(plainApp, nil); !errors.Is(err, wx.ErrAppUnknown) {
		t.Errorf("got %v", err)
	}
	if _, err := r.Seal(safeApp, make([]byte, MaxBody+1)); !errors.Is(err, wx.ErrPushMalformed) {
		t.Errorf("got %v", err)
	}
}

func TestDedupKey(t *testing.T) {
	text := wx.Push{AppID: "a", FromUser: "o", MsgType: "text", MsgID: "1", CreateTime: 5}
	click := wx.Push{AppID: "a", FromUser: "o", MsgType: "event", Event: "CLICK", EventKey: "k", CreateTime: 5}
	revoke := wx.Push{AppID: "a", FromUser: "system", MsgType: "event", Event: "user_authorization_revoke", OpenID: "o", CreateTime: 5}
	change := func(p wx.Push, f func(*wx.Push)) wx.Push {
		f(&p)
		return p
	}
	different := []wx.Push{
		text, click, revoke,
		change(text, func(p *wx.Push) { p.AppID = "b" }),
		change(text, func(p *wx.Push) { p.FromUser = "o2" }),
		change(text, func(p *wx.Push) { p.MsgID = "2" }),
		change(click, func(p *wx.Push) { p.CreateTime = 6 }),
		change(click, func(p *wx.Push) { p.Event = "VIEW" }),
		change(click, func(p *wx.Push) { p.EventKey = "k2" }),
		change(click, func(p *wx.Push) { p.FromUser = "o2" }),
		change(click, func(p *wx.Push) { p.Event, p.EventKey = "CLICKk", "" }),
		change(revoke, func(p *wx.Push) { p.OpenID = "o2" }),
	}
	seen := map[string]int{}
	for i, p := range different {
		key := DedupKey(p)
		if j, ok := seen[key]; ok {
			t.Errorf("%d and %d have one key", i, j)
		}
		seen[key] = i
	}
	for name, same := range map[string][2]wx.Push{
		"a message sent again":    {text, change(text, func(p *wx.Push) { p.CreateTime, p.Content = 9, "x" })},
		"an event sent again":     {click, change(click, func(p *wx.Push) { p.Ticket = "x" })},
		"a revocation, by person": {revoke, change(revoke, func(p *wx.Push) { p.FromUser = "o" })},
	} {
		if DedupKey(same[0]) != DedupKey(same[1]) {
			t.Errorf("%s has another key", name)
		}
	}
}
